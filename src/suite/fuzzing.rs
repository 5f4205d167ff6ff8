//! For the fuzz targets of `fuzz/`, the benchmarks and the vectors alone: what the suite keeps to itself. No promise is made about
//! it.

use std::cell::RefCell;

use super::check::{Denial, Expect};
use super::evidence::{Forms, Mask};
use super::judge;

use super::traffic::RequestProblem;
use super::traffic::request::{self, Standing};
use crate::gateway::{Observation, PassedRequest};
use crate::protocol::{Callback, Credentials};

/// What a right handler does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// It accepts it.
    Accept,
    /// It refuses the token.
    BadToken,
    /// It refuses the credentials.
    BadCredentials,
    /// It refuses the callback.
    UnknownCallback,
    /// It refuses the form.
    Malformed,
    /// It accepts or refuses it.
    Free,
}

/// What the judge must know of a request.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The callback.
    pub callback: &'static Callback,
    /// What the answer must repeat.
    pub request_id: &'a str,
    /// What a right handler does with it.
    pub expectation: Expectation,
    /// Texts that no answer may repeat.
    pub confidential: &'a [String],
}

/// What the judge says.
#[derive(Debug)]
pub struct Ruling {
    /// Requirements that are broken: id, expected, observed.
    pub broken: Vec<(&'static str, String, String)>,
    /// Requirements that are kept.
    pub kept: Vec<&'static str>,
    /// Whether the request counts as accepted.
    pub accepted: bool,
    /// Whether it counts as refused.
    pub refused: bool,
}

thread_local! {
    /// What was looked for last: the same again each time, as a rule.
    static FORMS: RefCell<(Vec<String>, Forms)> = RefCell::default();
}

fn forms(secrets: &[String]) -> Forms {
    FORMS.with_borrow_mut(|(known, forms)| {
        if known != secrets {
            *forms = Forms::of(secrets.iter().map(String::as_str));
            secrets.clone_into(known);
        }
        forms.clone()
    })
}

/// Judges one exchange of a case about this requirement.
pub fn judge(about: &'static str, question: &Question<'_>, observation: &Observation) -> Ruling {
    let denied = |denial| Expect::Refuse { denial, also: &[] };
    let confidential = [forms(question.confidential)];
    let sent = judge::Sent {
        about,
        failing: about,
        callback: question.callback,
        request_id: question.request_id,
        expect: match question.expectation {
            Expectation::Accept => Expect::Accept,
            Expectation::BadToken => denied(Some(Denial::Token)),
            Expectation::BadCredentials => denied(Some(Denial::Credentials)),
            Expectation::UnknownCallback => denied(Some(Denial::Callback)),
            Expectation::Malformed => denied(None),
            Expectation::Free => Expect::FREE,
        },
        confidential: &confidential,
        signature: None,
        well_framed: true,
    };
    let judgement = judge::judge(&sent, observation);
    let mut ruling = Ruling {
        broken: Vec::new(),
        kept: Vec::new(),
        accepted: judgement.accepted(),
        refused: matches!(judgement.disposition, judge::Disposition::Refused(_)),
    };
    for finding in judgement.findings {
        match finding.defect {
            None => ruling.kept.push(finding.id),
            Some(defect) => {
                ruling
                    .broken
                    .push((finding.id, defect.expected, defect.observed));
            }
        }
    }
    ruling
}

/// What of a request that passed is not as documented, at this time in seconds since 1970; `None` where all of it
/// is.
pub fn not_as_documented(request: &PassedRequest, now: i64) -> Option<Vec<RequestProblem>> {
    let reading = request::read(request, &[], now);
    (reading.standing != Standing::Right).then_some(reading.problems)
}

/// A text as reports show it, without the secrets of these credentials and without tokens.
pub fn hide(credentials: &[Credentials], text: &str) -> String {
    Mask::new(false, credentials).text(text)
}

/// The value of `Authorization` as reports show it.
pub fn hide_authorization(value: &str) -> String {
    Mask::new(false, []).authorization(value)
}

/// The value of `X-CyberApp-Auth` as reports show it.
pub fn hide_auth(value: &str) -> String {
    Mask::new(false, []).auth(value)
}
