//! The files as they are written.

use std::sync::LazyLock;

use super::subject::{SCHEMA_FILE, Subject};
use super::{auth, cti, extra, request, response, token};
use crate::protocol::schema;

/// One file of the vectors.
///
/// ```
/// use acgw_conformance::vectors;
/// use serde_json::Value;
///
/// let token = vectors::all().iter().find(|file| file.name() == "token.json").expect("a file of tokens");
/// let file: Value = serde_json::from_str(token.text()).expect("JSON");
/// assert_eq!(file["vectors"][0]["expect"], "accept");
/// ```
#[derive(Debug)]
pub struct VectorFile {
    name: &'static str,
    text: String,
    mark: &'static str,
}

impl VectorFile {
    /// The file's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a text is a file of this name, of this version of the program or of another.
    pub fn is_ours(&self, text: &str) -> bool {
        text.contains(self.mark)
    }
}

/// Every file: one for each subject, their schema, and what to know of them. Made once, and always the same.
pub fn all() -> &'static [VectorFile] {
    static ALL: LazyLock<Vec<VectorFile>> = LazyLock::new(|| {
        let mut all = vec![
            of("cti.json", cti::subject()),
            of("cyberapp-auth.json", auth::subject()),
            of("cyberapp-extra.json", extra::subject()),
            of("token.json", token::subject()),
            of("request.json", request::subject()),
            of("response.json", response::subject()),
        ];
        all.push(VectorFile {
            name: SCHEMA_FILE,
            text: schema::VECTORS.text().to_owned(),
            mark: "https://acgw-conformance.invalid/schemas/vectors.schema.json",
        });
        all.push(VectorFile {
            name: "README.md",
            text: include_str!("README.md").to_owned(),
            mark: "# Test vectors for callback handlers",
        });
        all
    });
    &ALL
}

fn of(name: &'static str, subject: Subject) -> VectorFile {
    VectorFile {
        name,
        text: subject.text(),
        mark: "\"format\": \"acgw-vectors/",
    }
}
