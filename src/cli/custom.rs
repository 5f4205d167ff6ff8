//! The `[[callback]]` tables of `acgw.toml`: the vendor's own callbacks, their schemas in files beside it.

use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::config::place;
use super::usage::UsageError;
use super::value::JsonText;
use crate::cli::output::read_text;
use crate::protocol::{CustomCallback, CustomError, CustomField, PayloadSchema};

/// One table.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CallbackTable {
    id: Spanned<String>,
    request: RequestTable,
    #[serde(default)]
    response: Vec<ResponseTable>,
    /// What is not said to leave the data alone is taken to change them.
    #[serde(alias = "changes_data")]
    changes_data: Option<bool>,
    paging: Option<Spanned<bool>>,
    example: Option<Spanned<JsonText>>,
}

/// What the gateway sends.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestTable {
    #[serde(rename = "type")]
    kind: Spanned<String>,
    schema: Option<Spanned<String>>,
}

/// One of the responses.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResponseTable {
    status: Spanned<u16>,
    #[serde(rename = "type")]
    kind: Spanned<String>,
    schema: Option<Spanned<String>>,
}

/// Where the tables stand: what is wrong is told with its place.
struct Source<'a> {
    name: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn wrong(&self, span: &Range<usize>, why: impl std::fmt::Display) -> UsageError {
        UsageError::new(format!(
            "{}:{}: {why}",
            self.name,
            place(self.text, span.start)
        ))
    }

    /// The schema in a file, whose name is relative to the folder of the configuration file.
    fn schema(&self, file: Option<&Spanned<String>>) -> Result<Option<PayloadSchema>, UsageError> {
        let Some(file) = file else { return Ok(None) };
        let folder = Path::new(self.name).parent().unwrap_or(Path::new(""));
        let path = folder.join(file.get_ref());
        let shown = path.display();
        let text = read_text(&path).map_err(|error| {
            self.wrong(&file.span(), format!("the schema {shown} cannot be read: {error}"))
                .tip("a schema is named relative to the folder of this file; without `schema` there is no payload")
        })?;
        let schema = PayloadSchema::parse(file.get_ref(), &text).map_err(|error| {
            self.wrong(
                &file.span(),
                format!("the schema {shown} is unusable: {error}"),
            )
        })?;
        Ok(Some(schema))
    }
}

/// Reads the callbacks of a file with this name and text.
///
/// # Errors
/// When one is not declared as a callback can be, or a schema is unusable: with the place in the file.
pub fn load(
    name: &str,
    text: &str,
    tables: &[CallbackTable],
) -> Result<Vec<CustomCallback>, UsageError> {
    let source = Source { name, text };
    let mut known: Vec<CustomCallback> = Vec::new();
    for table in tables {
        let callback = callback(&source, table)?;
        if known.iter().any(|other| other.name() == callback.name()) {
            let why = format!("the callback {} is declared twice", callback.name());
            return Err(source.wrong(&table.id.span(), why));
        }
        known.push(callback);
    }
    Ok(known)
}

fn callback(source: &Source<'_>, table: &CallbackTable) -> Result<CustomCallback, UsageError> {
    let RequestTable { kind, schema } = &table.request;
    let at = |error: CustomError| {
        let span = match error.field() {
            CustomField::RequestType => kind.span(),
            CustomField::RequestSchema => schema.as_ref().unwrap_or(kind).span(),
            CustomField::Example => table
                .example
                .as_ref()
                .map_or(table.id.span(), Spanned::span),
            CustomField::Paging => table.paging.as_ref().map_or(table.id.span(), Spanned::span),
            CustomField::Id
            | CustomField::Responses
            | CustomField::Status
            | CustomField::ResponseType => table.id.span(),
        };
        source.wrong(&span, error)
    };
    let request = source.schema(schema.as_ref())?;
    let mut callback = CustomCallback::new(table.id.get_ref(), kind.get_ref(), request)
        .map_err(at)?
        .changes_data(table.changes_data.unwrap_or(true))
        .paging(
            table
                .paging
                .as_ref()
                .is_some_and(|paging| *paging.get_ref()),
        )
        .map_err(at)?;
    for response in &table.response {
        let payload = source.schema(response.schema.as_ref())?;
        let declared =
            callback.responds(*response.status.get_ref(), response.kind.get_ref(), payload);
        callback = declared.map_err(|error| match error.field() {
            CustomField::Status => source.wrong(&response.status.span(), error),
            _ => source.wrong(&response.kind.span(), error),
        })?;
    }
    if let Some(example) = &table.example {
        let payload = serde_json::from_str(&example.get_ref().0).map_err(|error| {
            source.wrong(&example.span(), format!("the example is not JSON: {error}"))
        })?;
        callback = callback.example(payload).map_err(at)?;
    }
    callback.callback().map_err(at)?;
    Ok(callback)
}

/// What of the schemas is not supported, and what comes of it: one sentence each.
pub fn unsupported(callbacks: &[CustomCallback]) -> Vec<String> {
    callbacks.iter().flat_map(CustomCallback::remarks).collect()
}

#[cfg(test)]
mod tests {
    use super::super::config::parse;

    const HEAD: &str = "[[callback]]\nid = \"cti.a.p.acgw.callback.v1.0~acme.app.find.v1.0\"\n";
    const ASK: &str = "request = { type = \"cti.a.p.acgw.request.v1.0~acme.app.find.v1.0\" }\n";
    const OK: &str = "[[callback.response]]\nstatus = 200\ntype = \"cti.a.p.acgw.response.v1.0~acme.app.find.ok.v1.0\"\n";

    fn refused(text: &str) -> String {
        parse("some/acgw.toml", text)
            .expect_err("refused")
            .to_string()
    }

    #[test]
    fn a_callback_is_read() {
        let settings = parse("acgw.toml", &format!("{HEAD}{ASK}{OK}")).expect("a declaration");
        let [find] = &settings.custom[..] else {
            panic!("{:?}", settings.custom)
        };
        assert_eq!(find.name(), "acme.app.find.v1.0");
        assert!(
            find.callback().expect("complete").changes_data,
            "unless said otherwise"
        );
        let paging = HEAD.replace("callback.v1.0", "callback.v2.0");
        let paging = parse("acgw.toml", &format!("{paging}paging = true\n{ASK}{OK}"));
        let [find] = &paging.expect("a declaration").custom[..] else {
            panic!("one")
        };
        let custom = find.callback().expect("complete").custom;
        assert!(custom.is_some_and(|custom| custom.paging));
        let reading = parse(
            "acgw.toml",
            &format!("{HEAD}changes-data = false\n{ASK}{OK}"),
        );
        assert!(
            !reading.expect("a declaration").custom[0]
                .callback()
                .expect("complete")
                .changes_data
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, told) in [
            (
                HEAD.replace("find.v1.0", "find") + ASK + OK,
                "some/acgw.toml:2:6: \"cti.a.p.acgw.callback.v1.0~acme.app.find\" is no CTI identifier",
            ),
            (
                HEAD.replace("acme.app.find", "a.p.topology.read") + ASK + OK,
                "2:6: cti.a.p.acgw.callback.v1.0~a.p.topology.read.v1.0 is a predefined callback",
            ),
            (format!("{HEAD}{OK}"), "missing field `request`"),
            (
                format!("{HEAD}{}{OK}", ASK.replace("acgw.request", "acgw.response")),
                "3:20: cti.a.p.acgw.response.v1.0~acme.app.find.v1.0 is not of the kind",
            ),
            (
                format!(
                    "{HEAD}{}{OK}",
                    ASK.replace(" }", ", schema = \"no.json\" }")
                ),
                "the schema some/no.json cannot be read",
            ),
            (
                format!("{HEAD}{ASK}"),
                "2:6: none of its responses is a success",
            ),
            (
                format!("{HEAD}{ASK}{}", OK.replace("status = 200\n", "")),
                "4:1: missing field `status`",
            ),
            (
                format!("{HEAD}{ASK}{}", OK.replace("200", "503")),
                "5:10: the status of a response is one of 200 to 499, not 503",
            ),
            (
                format!("{HEAD}{ASK}{OK}{OK}"),
                "8:10: two responses have the status 200",
            ),
            (
                format!(
                    "{HEAD}{ASK}{}",
                    OK.replace("acgw.response", "acgw.callback")
                ),
                "6:8: cti.a.p.acgw.callback.v1.0~acme.app.find.ok.v1.0 is not",
            ),
            (
                format!("{HEAD}{ASK}example = {{ a = 1 }}\n{OK}"),
                "4:11: there is an example, but no schema",
            ),
            (
                format!("{HEAD}changes-data = \"no\"\n{ASK}{OK}"),
                "3:16: invalid type: string \"no\"",
            ),
            (
                format!("{HEAD}paging = true\n{ASK}{OK}"),
                "3:10: cti.a.p.acgw.callback.v1.0~acme.app.find.v1.0 cannot page: only callbacks of version 2 can",
            ),
            (
                format!("{HEAD}paging = 10\n{ASK}{OK}"),
                "3:10: invalid type: integer `10`, expected a boolean",
            ),
            (
                format!("{HEAD}{ASK}{OK}{HEAD}{ASK}{OK}"),
                "8:6: the callback acme.app.find.v1.0 is declared twice",
            ),
            (
                format!("{HEAD}responses = []\n{ASK}{OK}"),
                "unknown field `responses`",
            ),
        ] {
            let error = refused(&text);
            assert!(error.contains(told), "{told}: {error}");
        }
    }
}
