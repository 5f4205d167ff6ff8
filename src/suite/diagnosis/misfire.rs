//! Causes that lie before the handler's own code: answers of a proxy or a framework in place of the handler's. What is observed
//! then says nothing about the checks of the handler, whatever requirement it breaks.

use super::evidence::Evidence;
use crate::suite::outcome::Failure;

/// A kind of answers that another program than the handler gives.
pub(super) struct Misfire {
    /// The cause's name.
    pub name: &'static str,
    /// The cause and what to change.
    pub text: &'static str,
    /// Whether an answer is of the kind.
    is: fn(&Failure) -> bool,
}

pub(super) const MISFIRES: &[Misfire] = &[
    Misfire {
        name: "overload-in-front-of-the-handler",
        text: "Requests are answered with 502, 503 or 504, which come from what stands in front of the handler: a limit of requests a \
               second, too few workers, an upstream that went away. Raise the limit for the run, or let it answer 429 with Retry-After, \
               which is understood.",
        is: |failure| has_status(failure, &["502", "503", "504"]),
    },
    Misfire {
        name: "limit-of-size-in-front-of-the-handler",
        text: "Right requests are answered with 413, 414 or 431: a proxy or the framework takes only smaller bodies or header fields. \
               Raise its limit (`client_max_body_size` and `large_client_header_buffers` in nginx).",
        is: |failure| has_status(failure, &["413", "414", "431"]),
    },
    Misfire {
        name: "answers-redirected",
        text: "Requests are redirected, to another spelling of the path or to a page for logging in, say: nobody follows. Answer where the \
               handler is said to be, and refuse with 401 or 403.",
        is: |failure| has_status(failure, &["301", "302", "303", "307", "308"]),
    },
    Misfire {
        name: "page-in-place-of-a-refusal",
        text: "A page in HTML comes with a status of success where a refusal is due: a proxy or the framework puts its error page there. \
               Switch that off for this path, so that status and body of the handler come through.",
        is: |failure| {
            let observed = &failure.observed;
            has_status(failure, &["200"])
                && (observed.contains(", body <") || observed.contains(", body \\n<"))
        },
    },
];

/// Requirements of how a handler stands what is odd or much: there such answers have causes of their own.
const ROBUSTNESS: &str = "ROB-";

/// The requirement that a right request is answered with success: why it is not is found out while the run goes on.
const FIRST: &str = "HTTP-01";

impl Misfire {
    /// Whether this explains all that was kept of a requirement's failures.
    pub fn explains(&self, run: &Evidence<'_>, id: &str) -> bool {
        !id.starts_with(ROBUSTNESS) && id != FIRST && run.saw_only(id, self.is)
    }
}

fn has_status(failure: &Failure, statuses: &[&str]) -> bool {
    let (_, behind) = failure.observed.split_once("status ").unwrap_or_default();
    statuses.iter().any(|status| behind.starts_with(status))
}
