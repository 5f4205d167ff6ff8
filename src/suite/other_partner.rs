//! The second partner: whether the handler takes its credentials at all. Where it does not, nothing that takes two partners is
//! checked, and nothing is held against the handler, for the credentials may be wrong.

use super::check::{Draft, Expect};
use super::checks;
use super::engine::{Engine, Exchange, Stop};
use super::judge::Disposition;
use super::plan::unmet;
use super::requirement::Requirement;
use super::session::Session;
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
    /// Learns whether the second partner's credentials are accepted, unless that is known, and enters what cannot be checked without.
    pub(super) async fn meet_other_partner(
        &mut self,
        selected: &[&'static Requirement],
    ) -> Result<(), Stop> {
        let session = self.session.clone();
        if self.other_accepted.is_none() && tells_by_credentials(&session) {
            self.ask_other_partner().await?;
        }
        let Some(reason) = session.why_without_other() else {
            return Ok(());
        };
        for check in checks::all() {
            let is_selected = selected.iter().any(|one| one.id == check.id);
            if is_selected && unmet(&session, check) == Some(reason) {
                self.ledger.blocked(check.id, reason);
            }
        }
        self.notice(format!(
            "{reason}: nothing that takes two partners is checked"
        ));
        Ok(())
    }

    /// Learns it from a read of the second partner, at which a denial is no failure yet; whether the run does without that partner.
    pub(super) async fn learn_other_partner(&mut self, read: &Exchange) -> Result<bool, Stop> {
        if read.judgement.accepted() {
            self.other_accepted = Some(true);
        } else {
            self.ask_other_partner().await?;
        }
        Ok(self.session.why_without_other().is_some())
    }

    /// Asks for the organisation of the second partner.
    async fn ask_other_partner(&mut self) -> Result<(), Stop> {
        let session = self.session.clone();
        let Some(other) = session.other_credentials() else {
            return Ok(());
        };
        let model = Model::untouched(&session);
        let tenant = model.parties[1].tenant().to_owned();
        let call = model.call(&session, NUMBER, 1, (&ENABLEMENT_READ, None, tenant));
        let draft = Draft::new("the other partner's organisation", call, Expect::Accept);
        let exchange = self.exchange_firmly("ENA-01", draft).await?;
        let accepted = exchange.judgement.accepted();
        self.other_accepted = Some(accepted);
        if accepted {
            return Ok(());
        }
        let denied = matches!(
            exchange.judgement.disposition,
            Disposition::Refused(401 | 403)
        );
        if self.is_misread(&exchange, other).await? {
            session.do_without_other(OTHER_MISREAD);
        } else if denied {
            session.do_without_other(OTHER_DENIED);
        }
        Ok(())
    }
}

/// Whether there is a second partner, and it is told by credentials.
pub(super) fn tells_by_credentials(session: &Session) -> bool {
    let by_credentials = session.options.enablement.partner() == EnablementMethod::Mapped;
    by_credentials && session.other_credentials().is_some()
}
