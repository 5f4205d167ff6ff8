//! What the proxy reads from whoever connects, and what is read of a recording: requests are told apart alike however the bytes
//! are cut, what is taken for right has nothing wrong, and an error names a line that is there. The input is taken for what one
//! connection sends, and for a recording.
#![no_main]

use acgw_conformance::gateway::fuzzing::read_requests;
use acgw_conformance::suite::Recording;
use acgw_conformance::suite::fuzzing::not_as_documented;
use libfuzzer_sys::fuzz_target;

/// When the tokens of the seeds are good.
const NOW: i64 = 1_750_000_000;

fuzz_target!(|data: &[u8]| {
    let requests = read_requests(data, usize::MAX);
    for piece in [1, 7] {
        let cut = read_requests(data, piece);
        assert_eq!(format!("{cut:?}"), format!("{requests:?}"), "{piece}");
    }
    for request in &requests {
        if let Some(problems) = not_as_documented(request, NOW) {
            for problem in problems {
                assert!(!problem.expected.is_empty() && !problem.observed.is_empty());
            }
        } else {
            assert!(request.whole && request.malformed.is_none());
            assert!(serde_json::from_slice::<serde_json::Value>(&request.message.body).is_ok());
        }
    }
    if let Err(error) = Recording::read("fuzz", data) {
        let lines = data.split(|byte| *byte == b'\n').count();
        assert!((1..=lines).contains(&error.line), "{error:?} of {lines}");
    }
});
