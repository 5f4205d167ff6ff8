//! What a proxied run adds to an outcome.

/// What passed, beside what it shows of the requirements.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proxied {
    /// Exchanges that passed and were seen.
    pub exchanges: u64,
    /// Those whose answers were judged.
    pub judged: u64,
    /// Why the others were not, and how many for each reason.
    pub unjudged: Vec<(String, u64)>,
    /// How often the handler could not be reached, so that the proxy answered 502 itself.
    pub unreachable: u64,
    /// How requests differed from what the gateway is documented to send: the doing of whoever sent them.
    pub troubles: Vec<RequestTrouble>,
}

/// Requests that differ alike from what the gateway is documented to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestTrouble {
    /// The callback, as far as it is known.
    pub callback: String,
    /// What of the request.
    pub part: &'static str,
    /// What the gateway is documented to send.
    pub expected: String,
    /// What came, the first time.
    pub observed: String,
    /// How many requests.
    pub requests: u64,
}

/// Kinds that are told apart; further ones are not kept.
const MOST_KINDS: usize = 100;

impl Proxied {
    /// One more exchange that was not judged.
    pub(crate) fn not_judged(&mut self, reason: &str) {
        let known = self.unjudged.iter().position(|(known, _)| known == reason);
        match known {
            Some(place) => self.unjudged[place].1 += 1,
            None if self.unjudged.len() < MOST_KINDS => self.unjudged.push((reason.to_owned(), 1)),
            None => {}
        }
    }

    /// One more request that differs from what is documented.
    pub(crate) fn trouble(&mut self, trouble: RequestTrouble) {
        let alike = |known: &RequestTrouble| {
            (known.callback == trouble.callback && known.part == trouble.part)
                && known.expected == trouble.expected
        };
        match self.troubles.iter().position(alike) {
            Some(place) => self.troubles[place].requests += 1,
            None if self.troubles.len() < MOST_KINDS => self.troubles.push(trouble),
            None => {}
        }
    }
}
