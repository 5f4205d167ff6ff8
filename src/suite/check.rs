//! What a check is: the cases that gather evidence for one requirement, or a procedure of several exchanges.

use std::future::Future;
use std::pin::Pin;

use proptest::strategy::SBoxedStrategy;

use super::call::Call;
use super::engine::{Engine, Stop};
use super::session::Session;
use crate::protocol::{Callback, Family};

/// What a right handler does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expect {
    /// It is right: it must be answered with success.
    Accept,
    /// It is right, and a custom callback's: it must be answered with one of the declared responses, success or not.
    Declared,
    /// It is wrong: it must be refused with a 4xx status.
    Refuse {
        /// What is wrong, when the error answer is to be judged as well.
        denial: Option<Denial>,
        /// Further statuses that are refusals here.
        also: &'static [u16],
    },
    /// The handler is free to accept or to refuse, as long as it stays whole.
    Free {
        /// Whether closing the connection without an answer is a refusal here.
        may_close: bool,
        /// Statuses of the 5xx class that are refusals here.
        also: &'static [u16],
    },
}

/// What a well-formed request is denied for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denial {
    /// Its token.
    Token,
    /// Its vendor credentials.
    Credentials,
    /// Its callback, which nobody knows.
    Callback,
}

impl Expect {
    /// Whether the request is right.
    pub fn is_right(self) -> bool {
        matches!(self, Expect::Accept | Expect::Declared)
    }

    /// Refused for its token.
    pub const BAD_TOKEN: Expect = Expect::Refuse {
        denial: Some(Denial::Token),
        also: &[],
    };
    /// Refused for its credentials.
    pub const BAD_CREDENTIALS: Expect = Expect::Refuse {
        denial: Some(Denial::Credentials),
        also: &[],
    };
    /// Refused for its form.
    pub const MALFORMED: Expect = Expect::Refuse {
        denial: None,
        also: &[],
    };
    /// Refused, as a right request may be for a reason that only the handler knows.
    pub const REFUSED_FOR_A_REASON: Expect = Expect::Refuse {
        denial: Some(Denial::Callback),
        also: &[],
    };
    /// Accepted or refused.
    pub const FREE: Expect = Expect::Free {
        may_close: false,
        also: &[],
    };
}

/// One case, ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// What it changes, in a few words.
    pub name: String,
    /// The request.
    pub call: Call,
    /// What a right handler does with it.
    pub expect: Expect,
    /// Whether it is among the first cases of its requirement, which no budget cuts.
    pub telling: bool,
    /// The requirement that a failure of the handler itself (5xx, no answer) breaks, where it is not the case's own: of
    /// input that no document describes, an obligation asks only that it is not accepted.
    pub failing: Option<&'static str>,
    /// What the evidence compares it with.
    pub twin: Twin,
}

/// What a case that is not right is compared with.
#[derive(Debug, Clone)]
pub(crate) enum Twin {
    /// The control of its callback.
    Control,
    /// Nothing: it is right in itself, and wrong by what went before.
    Nothing,
    /// This.
    This(Box<Call>),
}

impl Draft {
    /// A telling case.
    pub fn new(name: impl Into<String>, call: Call, expect: Expect) -> Self {
        Self {
            name: name.into(),
            call,
            expect,
            telling: true,
            failing: None,
            twin: Twin::Control,
        }
    }

    /// Blames a failure of the handler itself on another requirement.
    pub fn failing(mut self, id: &'static str) -> Self {
        self.failing = Some(id);
        self
    }
}

/// Marks all but the first `count` cases as less telling.
pub(crate) fn telling_first(mut drafts: Vec<Draft>, count: usize) -> Vec<Draft> {
    for draft in drafts.iter_mut().skip(count) {
        draft.telling = false;
    }
    drafts
}

/// Something a check cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Tokens of our own making.
    Signing,
    /// A test identity provider.
    IdentityProvider,
    /// The vendor credentials, and callbacks that tell the partner by them.
    Credentials,
    /// The vendor credentials, and callbacks that they are sent with, whether or not the handler goes by them.
    SentCredentials,
    /// A second partner's credentials.
    OtherCredentials,
    /// A second partner, however partners are told apart.
    OtherPartner,
    /// A second partner's customers, mapped ones.
    SecondPartner,
    /// Callbacks about customers.
    Customers,
    /// Leave to change data.
    Write,
    /// Enablement methods that have these callbacks.
    Family(Family),
    /// Custom callbacks; a check that needs them is about them and no others.
    Custom,
    /// An https target.
    Tls,
    /// More than one exchange at a time.
    Concurrency,
}

/// What a procedure runs on, and what it returns.
pub(crate) type Steps<'a> = Pin<Box<dyn Future<Output = Result<(), Stop>> + 'a>>;

/// How evidence is gathered.
#[derive(Clone, Copy)]
pub(crate) enum Method {
    /// By judging the answers to what other checks send.
    Passive(Sight),
    /// By a procedure of another check, which names it.
    Elsewhere,
    /// By sequences of callbacks, run against the handler and a model of its state.
    Sequence,
    /// By single exchanges.
    Cases {
        /// The enumerated ones, most telling first.
        enumerated: Option<fn(&Session, &'static Callback) -> Vec<Draft>>,
        /// The generated ones.
        generated: Option<fn(&Session, &'static Callback) -> SBoxedStrategy<Draft>>,
        /// How its answers bear on passive requirements.
        shows: Sight,
    },
    /// By several exchanges that belong together.
    Procedure {
        /// Runs it.
        steps: for<'a> fn(&'a mut Engine) -> Steps<'a>,
        /// Requests it sends, for the estimate.
        weight: u64,
        /// Requirements it gives evidence for beside its own.
        with: &'static [&'static str],
        /// Whether it runs behind the telling cases, because it changes what they rely on.
        late: bool,
    },
}

/// Which answers show something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Answers to right requests.
    Success,
    /// Refusals of tokens.
    TokenDenial,
    /// Refusals of credentials.
    CredentialsDenial,
    /// Refusals of any well-formed request.
    Denial,
    /// Refusals for whatever reason.
    Refusal,
    /// Any answer.
    Any,
}

/// A check: how evidence for one requirement is gathered.
#[derive(Clone, Copy)]
pub(crate) struct Check {
    /// The requirement's id.
    pub id: &'static str,
    /// What it cannot do without.
    pub needs: &'static [Need],
    /// How.
    pub method: Method,
}

impl Check {
    /// Judged on the answers to what other checks send.
    pub const fn passive(id: &'static str, sight: Sight) -> Self {
        Self {
            id,
            needs: &[],
            method: Method::Passive(sight),
        }
    }

    /// Judged by a procedure that names it.
    pub const fn elsewhere(id: &'static str) -> Self {
        Self {
            id,
            needs: &[],
            method: Method::Elsewhere,
        }
    }

    /// Judged by sequences of callbacks.
    pub const fn sequence(id: &'static str) -> Self {
        Self {
            id,
            needs: &[],
            method: Method::Sequence,
        }
    }

    /// Single enumerated exchanges.
    pub const fn cases(
        id: &'static str,
        shows: Sight,
        enumerated: fn(&Session, &'static Callback) -> Vec<Draft>,
    ) -> Self {
        Self {
            id,
            needs: &[],
            method: Method::Cases {
                enumerated: Some(enumerated),
                generated: None,
                shows,
            },
        }
    }

    /// Single generated exchanges.
    pub const fn generated(
        id: &'static str,
        shows: Sight,
        generated: fn(&Session, &'static Callback) -> SBoxedStrategy<Draft>,
    ) -> Self {
        Self {
            id,
            needs: &[],
            method: Method::Cases {
                enumerated: None,
                generated: Some(generated),
                shows,
            },
        }
    }

    /// Generated exchanges behind the enumerated ones.
    pub const fn and_generated(
        mut self,
        strategy: fn(&Session, &'static Callback) -> SBoxedStrategy<Draft>,
    ) -> Self {
        if let Method::Cases { generated, .. } = &mut self.method {
            *generated = Some(strategy);
        }
        self
    }

    /// Several exchanges that belong together.
    pub const fn procedure(
        id: &'static str,
        weight: u64,
        with: &'static [&'static str],
        steps: for<'a> fn(&'a mut Engine) -> Steps<'a>,
    ) -> Self {
        Self {
            id,
            needs: &[],
            method: Method::Procedure {
                steps,
                weight,
                with,
                late: false,
            },
        }
    }

    /// Runs behind the telling cases, because it changes what they rely on.
    pub const fn late(mut self) -> Self {
        if let Method::Procedure { late, .. } = &mut self.method {
            *late = true;
        }
        self
    }

    /// What it cannot do without.
    pub const fn needs(mut self, needs: &'static [Need]) -> Self {
        self.needs = needs;
        self
    }

    /// Whether it is about custom callbacks and no others.
    pub fn is_custom(&self) -> bool {
        self.needs.contains(&Need::Custom)
    }

    /// Whether its cases are wrong requests, which count only where right ones are accepted.
    pub fn wants_control(&self) -> bool {
        !matches!(
            self.method,
            Method::Cases {
                shows: Sight::Success,
                ..
            }
        )
    }

    /// Whether running this check can give evidence for a requirement.
    pub fn bears_on(&self, other: &Check) -> bool {
        if self.id == other.id {
            return true;
        }
        match (&self.method, &other.method) {
            (Method::Procedure { with, .. }, _) if with.contains(&other.id) => true,
            (Method::Procedure { .. }, Method::Passive(sight)) => {
                matches!(sight, Sight::Success | Sight::Any)
            }
            (Method::Cases { shows, .. }, Method::Passive(sight)) => sight.sees(*shows),
            (Method::Sequence, Method::Sequence) => true,
            (Method::Sequence, Method::Passive(sight)) => {
                matches!(sight, Sight::Success | Sight::Any)
            }
            _ => false,
        }
    }
}

impl Sight {
    /// Whether what is looked for is among what is shown.
    fn sees(self, shown: Sight) -> bool {
        match self {
            Sight::Any => true,
            Sight::Refusal => !matches!(shown, Sight::Success),
            Sight::Denial => matches!(
                shown,
                Sight::TokenDenial | Sight::CredentialsDenial | Sight::Denial
            ),
            _ => self == shown,
        }
    }
}
