//! The second partner: whether the handler takes its credentials at all. Where it does not, nothing that takes two partners is
//! checked, and nothing is held against the handler, for the credentials may be wrong.

use super::check::{Check, Draft, Expect};
use super::checks;
use super::engine::{Engine, Stop};
use super::judge::Disposition;
use super::plan::unmet;
use super::requirement::Requirement;
use super::state::Model;
use crate::protocol::EnablementMethod;
use crate::protocol::catalog::ENABLEMENT_READ;

/// Why nothing that takes two partners is checked.
pub(crate) const OTHER_DENIED: &str = "the other partner's credentials were denied (--other-identity, --other-secrets; \
     --other-tenant-id where the handler answers the tenant that it is enabled for alone)";

/// The number of the request, far from those of sequences.
const NUMBER: u64 = 1 << 41;

/// The same where they are what the handler misreads.
const OTHER_MISREAD: &str =
    "the other partner's credentials were denied, for the handler misreads them (CRED-13)";

impl Engine {
    /// Asks for the organisation of the second partner, where there is one that is told by credentials; whether these were accepted.
    pub(super) async fn meet_other_partner(
        &mut self,
        selected: &[&'static Requirement],
    ) -> Result<bool, Stop> {
        let session = self.session.clone();
        let by_credentials = session.options.enablement.partner() == EnablementMethod::Mapped;
        let Some(other) = session.other_credentials().filter(|_| by_credentials) else {
            return Ok(false);
        };
        let model = Model::untouched(&session);
        let tenant = model.parties[1].tenant().to_owned();
        let call = model.call(&session, NUMBER, 1, (&ENABLEMENT_READ, None, tenant));
        let draft = Draft::new("the other partner's organisation", call, Expect::Accept);
        let exchange = self.exchange_firmly("ENA-01", draft).await?;
        if exchange.judgement.accepted() {
            return Ok(true);
        }
        let denied = matches!(
            exchange.judgement.disposition,
            Disposition::Refused(401 | 403)
        );
        let reason = match self.is_misread(&exchange, other).await? {
            true => OTHER_MISREAD,
            false if denied => OTHER_DENIED,
            false => return Ok(false),
        };
        let chosen = |check: &&Check| selected.iter().any(|one| one.id == check.id);
        let possible = |check: &&Check| unmet(&session, check).is_none();
        let possible: Vec<&Check> = (checks::all().iter().filter(chosen))
            .filter(possible)
            .collect();
        session.do_without_other(reason);
        for check in possible {
            if unmet(&session, check).is_some() {
                self.ledger.blocked(check.id, reason);
            }
        }
        self.notice(format!(
            "{reason}: nothing that takes two partners is checked"
        ));
        Ok(false)
    }
}
