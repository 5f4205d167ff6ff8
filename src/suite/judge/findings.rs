//! Findings: what one exchange says about one requirement.

/// Most characters of a sentence: an answer may be megabytes, and a sentence quotes parts of it.
const MOST: usize = 1_000;

/// What one exchange says about one requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The requirement.
    pub id: &'static str,
    /// What is wrong; `None` when it is kept.
    pub defect: Option<Defect>,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Defect {
    /// What a right handler does.
    pub expected: String,
    /// What this one did.
    pub observed: String,
}

/// Findings in the order in which they were made; at most one a requirement, a defect outweighing its absence.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    /// The requirement was kept.
    pub fn pass(&mut self, id: &'static str) {
        self.add(Finding { id, defect: None });
    }

    /// The requirement was broken.
    pub fn fail(
        &mut self,
        id: &'static str,
        expected: impl Into<String>,
        observed: impl Into<String>,
    ) {
        let defect = Defect {
            expected: shortened(expected.into()),
            observed: shortened(observed.into()),
        };
        self.add(Finding {
            id,
            defect: Some(defect),
        });
    }

    /// The requirement was kept or broken. What says how is only called where it was broken.
    pub fn verdict(
        &mut self,
        id: &'static str,
        kept: bool,
        expected: impl Sentence,
        observed: impl FnOnce() -> String,
    ) {
        if kept {
            self.pass(id)
        } else {
            self.fail(id, expected.text(), observed())
        }
    }

    fn add(&mut self, finding: Finding) {
        match self.0.iter_mut().find(|known| known.id == finding.id) {
            Some(known) => {
                if known.defect.is_none() {
                    *known = finding;
                }
            }
            None => self.0.push(finding),
        }
    }

    /// Whether anything is wrong.
    pub fn any_defect(&self) -> bool {
        self.0.iter().any(|finding| finding.defect.is_some())
    }

    /// All of them.
    pub fn into_vec(self) -> Vec<Finding> {
        self.0
    }
}

/// A sentence, or what makes one when it is needed.
pub(crate) trait Sentence {
    /// The sentence.
    fn text(self) -> String;
}

impl Sentence for &str {
    fn text(self) -> String {
        self.to_owned()
    }
}

impl Sentence for String {
    fn text(self) -> String {
        self
    }
}

impl<F: FnOnce() -> String> Sentence for F {
    fn text(self) -> String {
        self()
    }
}

/// The beginning of a text that is too long for a report.
fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MOST) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_short_whatever_they_quote() {
        let mut findings = Findings::default();
        findings.fail("ENV-02", "a `type`", "\u{e9}".repeat(1_000_000));
        let findings = findings.into_vec();
        let defect = findings[0].defect.as_ref().expect("a defect");
        assert_eq!(defect.expected, "a `type`");
        assert_eq!(defect.observed.chars().count(), MOST + 1);
    }
}
