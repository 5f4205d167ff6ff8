//! The secrets that passed, so that they are shown nowhere.

use std::collections::VecDeque;

use crate::gateway::Message;
use crate::protocol::headers::AUTH_HEADER;
use crate::suite::evidence::{Forms, Mask};

/// Values of `X-CyberApp-Auth` whose secrets are looked for everywhere.
const MOST_VALUES: usize = 64;
/// Longer ones are looked for in their own exchange only.
const LONGEST_VALUE: usize = 4096;

/// Knows the secrets of the last credentials that passed.
pub(super) struct Known {
    base: Mask,
    lasting: Mask,
    /// The mask that hides the secrets of the exchange at hand as well.
    mask: Mask,
    /// What hides those of the exchange at hand alone.
    own: Mask,
    /// Header values, and what hides the secrets of each.
    values: VecDeque<(Vec<u8>, Mask)>,
}

impl Known {
    /// Hides what this mask hides, and whatever is learnt.
    pub(super) fn new(base: Mask) -> Self {
        Self {
            lasting: base.clone(),
            mask: base.clone(),
            own: base.clone(),
            base,
            values: VecDeque::new(),
        }
    }

    /// Learns what the request of the exchange at hand carries.
    pub(super) fn learn(&mut self, message: &Message) {
        let value = message.header(AUTH_HEADER).unwrap_or_default();
        let known = self.values.iter().find(|(known, _)| known == value);
        let own = match known {
            Some((_, own)) => own.clone(),
            None => Mask::new(false, []).and_value(value),
        };
        self.own = self.base.and(&own);
        if value.len() > LONGEST_VALUE {
            self.mask = self.lasting.and(&own);
            return;
        }
        if !value.is_empty() && known.is_none() {
            self.values.push_back((value.to_vec(), own));
            if self.values.len() > MOST_VALUES {
                self.values.pop_front();
            }
            let known = self.values.iter();
            self.lasting = known.fold(self.base.clone(), |mask, (_, own)| mask.and(own));
        }
        self.mask = self.lasting.clone();
    }

    /// What hides all of them.
    pub(super) fn mask(&self) -> &Mask {
        &self.mask
    }

    /// What finds the secrets of the exchange at hand, which no answer to it may repeat.
    pub(super) fn confidential(&self) -> Vec<Forms> {
        self.own.telling()
    }
}
