//! Runs with known failures.

use acgw_conformance::suite::outcome::{Ended, Outcome, RequirementOutcome};
use acgw_conformance::suite::{CallbackCases, Failure, Fate, Judged, KnownFailure, State};

use super::parts::*;

fn judged(id: &str, callback: Option<&str>, reason: &str, fate: Fate) -> Judged {
    Judged {
        known: KnownFailure {
            requirement: id.to_owned(),
            callback: callback.map(str::to_owned),
            reason: reason.to_owned(),
            until: "2026-03-31".parse().ok(),
        },
        fate,
    }
}

/// A handler whose failures are all known.
pub fn known() -> Outcome {
    let reason = "the gateway in front of us looks at tokens; ticket 4711";
    let known = Failure {
        known: Some(reason.to_owned()),
        ..failure()
    };
    let mut outcome = outcome(
        Ended::Completed,
        vec![
            one(&STATUS, State::Passed, 4),
            RequirementOutcome {
                known: Some(reason.to_owned()),
                ..failed(&SIGNATURE, 12, 7, vec![known])
            },
            RequirementOutcome {
                known: Some(HOSTILE.to_owned()),
                ..one(&WRONG_SECRET, State::Blocked("no control".to_owned()), 0)
            },
        ],
    );
    outcome.baseline = vec![
        judged(
            "JWT-04",
            Some("tenant_mapping.read"),
            reason,
            Fate::Failed(7),
        ),
        judged("CRED-05", None, HOSTILE, Fate::Blocked),
        judged(
            "TLS-01",
            None,
            "behind a proxy",
            Fate::NotJudged("needs an https target".to_owned()),
        ),
    ];
    outcome
}

/// A handler that fails with one callback as is known, with another as is not, and no longer where an entry says so.
pub fn known_and_new() -> Outcome {
    let mut outcome = known();
    let new = Failure {
        callback: Some("topology.read"),
        ..failure()
    };
    let signature = &mut outcome.requirements[1];
    signature.known = None;
    signature.failures.insert(0, new);
    signature.callbacks.push(CallbackCases {
        callback: Some("topology.read"),
        cases: 1,
        failed: 1,
    });
    outcome
        .baseline
        .push(judged("HTTP-01", None, "slow disk", Fate::Stale));
    outcome
}

/// A handler that is better than its baseline.
pub fn out_of_date() -> Outcome {
    let mut outcome = known();
    outcome
        .baseline
        .push(judged("HTTP-01", None, "slow disk", Fate::Stale));
    outcome.baseline.push(judged(
        "MAP-01",
        Some("tenant_mapping.read"),
        "later",
        Fate::Past,
    ));
    outcome
}
