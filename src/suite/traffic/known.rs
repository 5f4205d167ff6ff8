//! The secrets that passed, so that they are shown nowhere.

use std::collections::VecDeque;

use crate::gateway::Message;
use crate::protocol::headers::AUTH_HEADER;
use crate::suite::courier::might_be_a_word;
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
    values: VecDeque<Vec<u8>>,
}

impl Known {
    /// Hides what this mask hides, and whatever is learnt.
    pub(super) fn new(base: Mask) -> Self {
        Self {
            lasting: base.clone(),
            mask: base.clone(),
            base,
            values: VecDeque::new(),
        }
    }

    /// Learns what the request of the exchange at hand carries.
    pub(super) fn learn(&mut self, message: &Message) {
        let value = message.header(AUTH_HEADER).unwrap_or_default();
        if value.len() > LONGEST_VALUE {
            self.mask = self.lasting.and_value(value);
            return;
        }
        if !value.is_empty() && !self.values.iter().any(|known| known == value) {
            self.values.push_back(value.to_vec());
            if self.values.len() > MOST_VALUES {
                self.values.pop_front();
            }
            let known = self.values.iter();
            self.lasting = known.fold(self.base.clone(), |mask, value| mask.and_value(value));
        }
        self.mask = self.lasting.clone();
    }

    /// What hides all of them.
    pub(super) fn mask(&self) -> &Mask {
        &self.mask
    }

    /// The secrets of a request, which no answer to it may repeat.
    pub(super) fn confidential(&self, message: &Message) -> Forms {
        let value = message.header(AUTH_HEADER).unwrap_or_default();
        let own = self.base.and_value(value);
        let secrets = own.secrets().iter().map(String::as_str);
        Forms::of(secrets.filter(|secret| !might_be_a_word(secret)))
    }
}
