//! The request as it passed: is it what the gateway is documented to send?

use serde_json::Value;

use super::seen::RequestProblem;
use crate::gateway::PassedRequest;
use crate::protocol::headers::{AUTH_HEADER, EXTRA_HEADER};
use crate::protocol::token::UnverifiedToken;
use crate::protocol::{Callback, Credentials, Cti, Extra, Family, schema, validate};
use crate::suite::judge::http::is_json;

/// Seconds that the clocks of whoever signs and whoever looks on may differ.
const LEEWAY: i64 = 60;

/// What a request is.
#[derive(Debug)]
pub(crate) struct Reading {
    /// The callback; `None` where nobody knows it.
    pub callback: Option<&'static Callback>,
    /// What to call it.
    pub name: String,
    /// What the answer must repeat; empty where there is none.
    pub request_id: String,
    /// How it differs from what is documented.
    pub problems: Vec<RequestProblem>,
    /// What may be said of the answer.
    pub standing: Standing,
}

/// What a right handler does with a request, as far as the request alone tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is as documented. Whether its token and its credentials are good, only the handler knows.
    Right,
    /// It is a callback without a token that could be verified: it must not be accepted, as this requirement says.
    Unsigned(&'static str),
    /// It is a vendor's callback that nobody declared, as far as it is known right.
    Undeclared,
    /// It is something else, which may be refused and need not.
    Odd,
}

/// Reads a request. `customs` are the callbacks that are declared; `now` is in seconds since 1970.
pub(crate) fn read(request: &PassedRequest, customs: &[&'static Callback], now: i64) -> Reading {
    let mut problems = Problems::default();
    let body = Body::read(request, customs, &mut problems);
    let name = match (&request.malformed, body.callback, &body.callback_id) {
        (Some(_), ..) => "(no HTTP)".to_owned(),
        (None, Some(callback), _) => callback.name.to_owned(),
        (None, None, Some(id)) => id.rsplit_once('~').map_or(&**id, |(_, own)| own).to_owned(),
        (None, None, None) => format!("{} {}", request.message.method, request.target),
    };
    let mut standing = match (body.callback, body.undeclared) {
        (Some(_), _) => Standing::Right,
        (None, true) => Standing::Undeclared,
        (None, false) => Standing::Odd,
    };
    if let Some(problem) = &request.malformed {
        problems.add("HTTP", "a request that is HTTP/1.x", problem.clone());
    } else if request.whole {
        head(request, body.callback, &mut problems);
    }
    if !problems.0.is_empty() || !request.whole {
        standing = Standing::Odd;
    }
    // A token is only looked at where all else is right: then it alone decides.
    if request.malformed.is_none() && request.whole {
        let unsigned = authorization(request, body.endpoint.as_deref(), now, &mut problems);
        standing = match (standing, unsigned) {
            (Standing::Right, Token::Wrong(Some(id))) => Standing::Unsigned(id),
            (_, Token::Wrong(_)) => Standing::Odd,
            (standing, Token::Right) => standing,
        };
    }
    Reading {
        callback: body.callback,
        name,
        request_id: body.request_id,
        problems: problems.0,
        standing,
    }
}

#[derive(Default)]
struct Problems(Vec<RequestProblem>);

impl Problems {
    fn add(&mut self, part: &'static str, expected: impl Into<String>, observed: String) {
        self.0.push(RequestProblem {
            part,
            expected: expected.into(),
            observed,
        });
    }
}

/// What the body says.
#[derive(Default)]
struct Body {
    callback: Option<&'static Callback>,
    callback_id: Option<String>,
    /// Whether it is a vendor's own callback that nobody declared.
    undeclared: bool,
    request_id: String,
    endpoint: Option<String>,
}

impl Body {
    fn read(
        request: &PassedRequest,
        customs: &[&'static Callback],
        problems: &mut Problems,
    ) -> Self {
        if request.malformed.is_some() || !request.whole || request.too_large {
            return Self::default();
        }
        let bytes = &request.message.body;
        let value = serde_json::from_slice::<Value>(bytes).unwrap_or_default();
        let text = |pointer: &str| {
            let text = value.pointer(pointer).and_then(Value::as_str);
            text.map(str::to_owned)
        };
        let callback_id = text("/context/callback_id");
        let mut body = Self {
            request_id: text("/request_id").unwrap_or_default(),
            endpoint: text("/context/endpoint_id"),
            ..Self::default()
        };
        let verdict = validate::request_among(bytes, customs);
        let expected = "a request as the schema of the callback describes it";
        for problem in &verdict.problems {
            problems.add("body", expected, problem.to_string());
        }
        body.callback = verdict.callback;
        body.undeclared = body.callback.is_none()
            && callback_id.as_deref().is_some_and(|id| {
                let own = Cti::parse(id).ok();
                own.and_then(|id| {
                    let own = id.contexts().nth(1)?;
                    Some((own.vendor, own.package) != ("a", "p"))
                }) == Some(true)
            });
        body.callback_id = callback_id;
        body
    }
}

/// The header fields but for `Authorization`.
fn head(request: &PassedRequest, callback: Option<&Callback>, problems: &mut Problems) {
    let message = &request.message;
    if message.method != "POST" {
        problems.add("method", "POST", message.method.clone());
    }
    // RFC 9112, section 3.2; servers refuse it in ways of their own.
    let hosts = values(request, "host").len();
    if request.version == "HTTP/1.1" && hosts != 1 {
        problems.add("Host", "one value", format!("{hosts} values"));
    }
    match &values(request, "content-type")[..] {
        [one] if is_json(one) => {}
        given => problems.add("Content-Type", "application/json", told(given)),
    }
    match &values(request, AUTH_HEADER)[..] {
        // Where the tenant says who it is, it is not documented whether the header is there.
        [] if callback.is_none_or(|callback| callback.family != Family::Enablement) => {}
        [one]
            if one.is_empty()
                && callback.is_none_or(|callback| callback.family != Family::Enablement) => {}
        [one] => {
            let wrong = match Credentials::decode(one) {
                Ok(credentials) => (schema::AUTH_SECRETS.violations(credentials.secrets()))
                    .first()
                    .map(|violation| format!("the secrets break {}", violation.schema_path)),
                Err(error) => Some(error.to_string()),
            };
            if let Some(wrong) = wrong {
                let expected = "base64 of the identity, a colon and the secrets as a JSON object";
                problems.add(AUTH_HEADER, expected, wrong);
            }
        }
        given => problems.add(AUTH_HEADER, "one value", format!("{} values", given.len())),
    }
    match &values(request, EXTRA_HEADER)[..] {
        [one] => {
            if let Err(error) = Extra::decode(one) {
                problems.add(EXTRA_HEADER, "base64 of a JSON object", error.to_string());
            }
        }
        given => problems.add(EXTRA_HEADER, "one value", format!("{} values", given.len())),
    }
}

/// What a token is, as far as that can be told without the keys.
enum Token {
    Right,
    /// Wrong, and the requirement that a request with it is refused, where that can be told for certain.
    Wrong(Option<&'static str>),
}

fn authorization(
    request: &PassedRequest,
    endpoint: Option<&str>,
    now: i64,
    problems: &mut Problems,
) -> Token {
    const PART: &str = "Authorization";
    let given = values(request, "authorization");
    let value = match &given[..] {
        [] => {
            problems.add(PART, "Bearer and a token", "no Authorization".to_owned());
            return Token::Wrong(Some("JWT-01"));
        }
        [one] => one,
        _ => {
            problems.add(PART, "one value", format!("{} values", given.len()));
            return Token::Wrong(None);
        }
    };
    // The scheme's letters may be of any case (RFC 9110, section 11.1).
    let token = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => {
            let observed = "another scheme, or none".to_owned();
            problems.add(PART, "Bearer and a token", observed);
            return Token::Wrong(Some("JWT-02"));
        }
    };
    if token.is_empty() {
        problems.add(
            PART,
            "Bearer and a token",
            "nothing behind Bearer".to_owned(),
        );
        return Token::Wrong(Some("JWT-02"));
    }
    let token = match UnverifiedToken::parse(token) {
        Ok(token) => token,
        Err(error) => {
            problems.add(PART, "a JWS in compact serialisation", error.to_string());
            return Token::Wrong(Some("JWT-03"));
        }
    };
    let mut right = true;
    let parts = [
        ("header", schema::TOKEN_HEADER, &token.header),
        ("claims", schema::TOKEN_CLAIMS, &token.claims),
    ];
    for (part, schema, value) in parts {
        if let Some(violation) = schema.violations(value).first() {
            let expected = format!("a token whose {part} keep the schema {}", schema.name());
            problems.add(PART, expected, violation.to_string());
            right = false;
        }
    }
    let expires = token.claims.get("exp").and_then(Value::as_f64);
    if expires.is_some_and(|expires| expires + (LEEWAY as f64) < now as f64) {
        let observed = "it is expired".to_owned();
        problems.add(PART, "a token that is not expired", observed);
        right = false;
    }
    let mut roles = (token.claims.get("scope").and_then(Value::as_array))
        .into_iter()
        .flatten()
        .filter_map(|scope| scope.get("role")?.as_str());
    if let Some(endpoint) = endpoint
        && !roles.any(|role| role == endpoint)
    {
        let expected = "a role of the token's scope that equals context.endpoint_id";
        problems.add(PART, expected, format!("none is {endpoint:?}"));
        right = false;
    }
    match right {
        true => Token::Right,
        false => Token::Wrong(None),
    }
}

/// The values of a header field.
fn values(request: &PassedRequest, name: &str) -> Vec<String> {
    let fields = request.message.headers.iter();
    fields
        .filter(|(field, _)| field.eq_ignore_ascii_case(name))
        .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
        .collect()
}

fn told(given: &[String]) -> String {
    let each = given.iter().map(|one| match &**one {
        "" => "an empty value",
        one => one,
    });
    match each.collect::<Vec<_>>() {
        none if none.is_empty() => "none".to_owned(),
        some => some.join(" and "),
    }
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn what_is_empty_is_said_to_be() {
        for (given, expected) in [
            (&[][..], "none"),
            (&["text/plain"], "text/plain"),
            (&["text/plain", ""], "text/plain and an empty value"),
            (&[""], "an empty value"),
        ] {
            let given: Vec<String> = given.iter().map(ToString::to_string).collect();
            assert_eq!(told(&given), expected);
        }
    }
}
