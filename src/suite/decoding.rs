//! Whether credentials are decoded as documented: base64 in the standard alphabet, of text in UTF-8. Only credentials that hold
//! what another decoding reads otherwise can show it.

use super::check::{Expect, Need};
use super::engine::{Engine, Exchange, Stop};
use super::judge::{Defect, Disposition};
use crate::generate::credentials::in_plain_letters;
use crate::protocol::{CallbackIdentity, Credentials};

/// The requirement that they are.
pub(crate) const DECODED: &str = "CRED-13";

/// Whether credentials hold something.
type IsIn = fn(&Credentials) -> bool;

/// What credentials hold that another decoding reads otherwise.
const MARKS: [(&str, IsIn); 3] = [
    ("`+`", |credentials| credentials.encode().contains('+')),
    ("`/`", |credentials| credentials.encode().contains('/')),
    ("a letter beyond ASCII", |credentials| {
        let text = credentials.secrets().to_string();
        !(text.is_ascii() && credentials.identity().is_ascii())
    }),
];

/// What none of these credentials holds of that, in words.
pub(crate) fn missing(all: &[&Credentials]) -> Vec<&'static str> {
    let missing = |is_in: IsIn| !all.iter().any(|one| is_in(one));
    let marks = MARKS.iter().filter(|(_, is_in)| missing(*is_in));
    marks.map(|(mark, _)| *mark).collect()
}

impl Engine {
    /// Enters what the credentials that were accepted show of their decoding: the run's own, and the second partner's where
    /// these were.
    pub(super) fn judge_decoding(&mut self) {
        let session = self.session.clone();
        let main = session.main_callback();
        let identity = session.options.enablement.identity(main);
        if session.unmet(Need::Credentials).is_some() || identity != CallbackIdentity::Credentials {
            return;
        }
        let own = session.options.credentials.as_ref();
        let other = session.other_credentials();
        let other = other.filter(|_| self.other_accepted == Some(true));
        let accepted: Vec<&Credentials> = own.into_iter().chain(other).collect();
        let missing = missing(&accepted);
        if missing.is_empty() {
            self.ledger.pass_with(DECODED, main.name);
        } else {
            let reason = format!(
                "X-CyberApp-Auth of the test credentials does not hold {}: another base64 alphabet, or encoding, would read them \
                 just so; a password such as \"ä>>>???\" holds all",
                missing.join(" nor ")
            );
            self.ledger.unexercised(DECODED, reason);
        }
    }

    /// Whether the handler denies credentials that it accepts when their secrets are written in letters, digits and escapes alone,
    /// which every decoding reads alike.
    pub(super) async fn is_misread(
        &mut self,
        denied: &Exchange,
        credentials: &Credentials,
    ) -> Result<bool, Stop> {
        let failed = matches!(
            denied.judgement.disposition,
            Disposition::Refused(_) | Disposition::Otherwise(500..)
        );
        if !failed || missing(&[credentials]).len() == MARKS.len() {
            return Ok(false);
        }
        let mut draft = denied.draft.clone();
        draft.name.push_str(", the secrets written with escapes");
        draft.expect = Expect::FREE;
        let id = self.session.made_up_id(&draft.name, 0);
        draft.call = draft.call.renamed(id);
        draft.call.auth = Some(in_plain_letters(credentials).into_bytes());
        let again = self.exchange(DECODED, draft).await?;
        if !again.judgement.accepted() {
            return Ok(false);
        }
        let told = match denied.observation.status() {
            Some(status) => format!("status {status}"),
            None => "no answer".to_owned(),
        };
        let defect = Defect {
            expected: "success, as with the same secrets written with escapes".to_owned(),
            observed: format!(
                "{told}, and success where letters beyond ASCII and the like are written as \\u escapes"
            ),
        };
        self.accuse(DECODED, defect, denied);
        Ok(true)
    }
}
