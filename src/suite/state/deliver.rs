//! Sending a step, and how it was taken.

use super::attribute::{AT_ONCE, RIVALS, Taken};
use super::model::{Action, Change, Duty, Manner, Model, Step};
use super::passing::ALL_LISTED;
use crate::suite::call::Call;
use crate::suite::check::{Draft, Expect, Twin};
use crate::suite::engine::{Engine, Exchange, Stop};
use crate::suite::judge::Disposition;

/// Requirements without which lists of many cannot take effect.
const LISTS: &[&str] = &["CMI-02", "CMI-03", "CMI-05"];

impl Engine {
    /// Sends the requests of a step, in its manner.
    pub(super) async fn deliver(
        &mut self,
        model: &Model,
        step: &Step,
        duty: Duty,
        calls: &[Call],
        text: &str,
    ) -> Result<Vec<Exchange>, Stop> {
        let draft = |call: &Call, about: &'static str, expect: Expect| {
            let mut draft = Draft::new(text, call.clone(), expect);
            draft.twin = self.twin(model, step);
            (about, draft)
        };
        let denied = match step.manner {
            Manner::NoToken
            | Manner::BadToken
            | Manner::OtherApp
            | Manner::Expired
            | Manner::OtherIssuer => Expect::BAD_TOKEN,
            Manner::BadSecret | Manner::BadIdentity => Expect::BAD_CREDENTIALS,
            _ => Expect::MALFORMED,
        };
        let (about, expect) = match duty {
            Duty::Accept(id) => (id, Expect::Accept),
            Duty::Refuse(id) => (id, denied),
            Duty::Free if step.manner == Manner::InLists => {
                (self.simplest(LISTS, ALL_LISTED), Expect::FREE)
            }
            Duty::Free => ("ROB-20", Expect::FREE),
        };
        let limit = self.session.options.concurrency;
        let accept = matches!(duty, Duty::Accept(_));
        match step.manner {
            Manner::Twice => {
                let first = draft(&calls[0], about, expect);
                let second = draft(&calls[0], "ROB-17", Expect::FREE);
                let mut exchanges = self.exchange_all(vec![first], 1).await?;
                exchanges.extend(self.exchange_all(vec![second], 1).await?);
                Ok(exchanges)
            }
            Manner::AtOnce => {
                let both = vec![
                    draft(&calls[0], "ROB-18", Expect::FREE),
                    draft(&calls[0], "ROB-18", Expect::FREE),
                ];
                self.exchange_all(both, limit.min(2)).await
            }
            Manner::Parallel => {
                let expect = if accept { Expect::Accept } else { Expect::FREE };
                let plain: &[&'static str] = match model.maps_customers() {
                    true => &["MAP-09", "MAP-10"],
                    false => &["CMI-02", "CMI-03"],
                };
                let about = self.simplest(plain, AT_ONCE);
                let all = calls.iter().map(|call| draft(call, about, expect));
                let all: Vec<_> = all.collect();
                self.among_reads(model, step.party, all, limit).await
            }
            Manner::Rivals => {
                let each = calls.iter().map(|call| draft(call, RIVALS, Expect::FREE));
                self.exchange_all(each.collect(), limit).await
            }
            _ => {
                let each = calls.iter().map(|call| draft(call, about, expect));
                self.exchange_all(each.collect(), 1).await
            }
        }
    }

    /// Sends writes with a read behind each, all at once: what reads remember must not outlive the writes. The exchanges of the
    /// writes.
    async fn among_reads(
        &mut self,
        model: &Model,
        party: usize,
        writes: Vec<(&'static str, Draft)>,
        limit: usize,
    ) -> Result<Vec<Exchange>, Stop> {
        let Some(callback) = model.customer_read() else {
            return self.exchange_all(writes, limit).await;
        };
        let mut cases = Vec::with_capacity(2 * writes.len());
        for write in writes {
            // What it tells may be from before or behind any of the writes.
            let (_, read) = self.read(model, party, callback, false);
            cases.extend([write, (AT_ONCE, read)]);
        }
        let mut exchanges = Vec::with_capacity(cases.len() / 2);
        for (place, exchange) in (self.exchange_all(cases, limit).await?)
            .into_iter()
            .enumerate()
        {
            match place % 2 {
                0 => exchanges.push(exchange),
                _ => self.settle_others(&exchange, AT_ONCE),
            }
        }
        Ok(exchanges)
    }

    /// The accepted twin of a step that is spoilt on purpose.
    pub(crate) fn twin(&self, model: &Model, step: &Step) -> Twin {
        match step.manner {
            Manner::NoToken
            | Manner::BadToken
            | Manner::OtherApp
            | Manner::Expired
            | Manner::OtherIssuer
            | Manner::BadSecret
            | Manner::BadIdentity => {
                let request = model.request(step.party, &step.action);
                Twin::This(Box::new(model.call(&self.session, 0, step.party, request)))
            }
            _ => Twin::Nothing,
        }
    }
}

/// How a step was taken.
pub(crate) fn taken(step: &Step, exchanges: &[Exchange]) -> Taken {
    let accepted = |exchange: &Exchange| exchange.judgement.accepted();
    let refused =
        |exchange: &Exchange| matches!(exchange.judgement.disposition, Disposition::Refused(_));
    let decisive = match step.manner {
        Manner::Twice => &exchanges[..exchanges.len().min(1)],
        _ => exchanges,
    };
    if decisive.iter().any(accepted) && exchanges.iter().all(|one| accepted(one) || refused(one)) {
        Taken::Accepted
    } else if !exchanges.is_empty() && exchanges.iter().all(refused) {
        Taken::Refused
    } else {
        Taken::Unclear
    }
}

/// The statuses of the answers.
pub(super) fn told(exchanges: &[Exchange]) -> String {
    let texts: Vec<String> = exchanges
        .iter()
        .map(|exchange| match exchange.observation.status() {
            Some(status) => status.to_string(),
            None => "no answer".to_owned(),
        })
        .collect();
    texts.join(", ")
}

/// The Acronis tenants to which a step gives a name.
pub(crate) fn names_given(model: &Model, step: &Step) -> Vec<String> {
    let enabled = |changes: &[Change]| {
        let mirrored = changes.iter().filter(|_| !model.maps_customers());
        mirrored.filter_map(|(_, to)| to.clone()).collect()
    };
    match &step.action {
        Action::Enable { acronis, .. } if !model.maps_partners() => vec![acronis.clone()],
        Action::Change { changes, .. } | Action::ChangeUnknown { changes, .. } => enabled(changes),
        Action::ChangeBoth { own, others, .. } => [enabled(own), enabled(others)].concat(),
        _ => Vec::new(),
    }
}
