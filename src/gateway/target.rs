//! Where the messages go: a URL, or a service in this process.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use fluent_uri::Uri;
use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::service::Service;

use super::service::ServiceConnector;

/// Where the messages go. Cloning is cheap.
#[derive(Clone)]
pub struct Target {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    url: String,
    authority: String,
    path_and_query: String,
    place: Place,
}

/// How a target is reached.
pub(super) enum Place {
    /// Over TCP, with or without TLS.
    Network {
        /// A name or an address, without the brackets of IPv6.
        host: String,
        port: u16,
        tls: bool,
    },
    /// In this process.
    Service(ServiceConnector),
}

/// Why a text is no target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{url:?} cannot be a target: {problem}")]
pub struct TargetError {
    url: String,
    problem: Problem,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Problem {
    #[error("it is empty; give a URL such as http://127.0.0.1:8080/callback")]
    Empty,
    #[error("there is no http:// or https:// at its front; did you mean http://{0}?")]
    NoScheme(String),
    #[error("it is no URL: {0}")]
    Syntax(String),
    #[error("the scheme is {0:?}; callbacks are sent over http or https")]
    Scheme(String),
    #[error("there is no host in it")]
    NoHost,
    #[error(
        "it carries a user or password, which a callback URL cannot; leave out what is before the @"
    )]
    UserInfo,
    #[error("the port {0:?} is not a number from 1 to 65535")]
    Port(String),
    #[error("it has a fragment, which is never sent; leave out the # and what follows")]
    Fragment,
}

impl Target {
    /// A handler at an `http` or `https` URL. Path and query are sent as they are given.
    ///
    /// # Errors
    /// Says what keeps the text from being a target.
    pub fn url(url: &str) -> Result<Self, TargetError> {
        parse(url).map_err(|problem| TargetError {
            // A password must not be shown.
            url: match (&problem, url.rsplit_once('@')) {
                (Problem::UserInfo, Some((_, rest))) => format!("…@{rest}"),
                _ => url.to_owned(),
            },
            problem,
        })
    }

    /// A handler in this process, served over pipes in memory: no socket is opened. A service that fails or panics closes
    /// its connection. Connections are served by the Tokio runtime in which the messages are sent.
    pub fn service<S, B>(service: S) -> Self
    where
        S: Service<Request<Incoming>, Response = Response<B>> + Send + Sync + 'static,
        S::Future: Send + 'static,
        S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Self {
            inner: Arc::new(Inner {
                name: "in-process service".to_owned(),
                url: "http://localhost/".to_owned(),
                authority: "localhost".to_owned(),
                path_and_query: "/".to_owned(),
                place: Place::Service(ServiceConnector::new(service)),
            }),
        }
    }

    /// The target as a person would name it: its URL, or `in-process service`.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Its URL; `http://localhost/` for a service in this process.
    pub fn as_url(&self) -> &str {
        &self.inner.url
    }

    /// Whether it is reached over TLS.
    pub fn is_tls(&self) -> bool {
        matches!(self.inner.place, Place::Network { tls: true, .. })
    }

    /// Whether it is on this machine, as far as its name shows: `localhost`, `127.0.0.0/8`, `::1`, or in this process.
    pub fn is_loopback(&self) -> bool {
        let Place::Network { host, .. } = &self.inner.place else {
            return true;
        };
        let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        match host.parse::<IpAddr>() {
            Ok(address) => address.to_canonical().is_loopback(),
            Err(_) => name == "localhost" || name.ends_with(".localhost"),
        }
    }

    /// What `Host` says: the host as the URL spells it, and the port unless it is the scheme's own.
    pub fn authority(&self) -> &str {
        &self.inner.authority
    }

    /// What the request line asks for.
    pub fn path_and_query(&self) -> &str {
        &self.inner.path_and_query
    }

    /// Host and port; `None` for a service in this process.
    pub fn address(&self) -> Option<(&str, u16)> {
        match self.place() {
            Place::Network { host, port, .. } => Some((host, *port)),
            Place::Service(_) => None,
        }
    }

    pub(super) fn place(&self) -> &Place {
        &self.inner.place
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Target").field(&self.inner.name).finish()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.name)
    }
}

fn parse(url: &str) -> Result<Target, Problem> {
    if url.trim().is_empty() {
        return Err(Problem::Empty);
    }
    let uri = match Uri::parse(url) {
        Ok(uri) => uri,
        Err(_) if !url.contains("://") => return Err(Problem::NoScheme(url.to_owned())),
        Err(error) => return Err(Problem::Syntax(error.to_string())),
    };
    let scheme = uri.scheme().as_str().to_ascii_lowercase();
    let (tls, default_port) = match scheme.as_str() {
        "http" => (false, 80),
        "https" => (true, 443),
        // `localhost:8080/callback` reads as a URL of the scheme `localhost`.
        _ if !url.contains("://") => return Err(Problem::NoScheme(url.to_owned())),
        _ => return Err(Problem::Scheme(scheme)),
    };
    let authority = uri.authority().ok_or(Problem::NoHost)?;
    if authority.has_userinfo() {
        return Err(Problem::UserInfo);
    }
    if uri.has_fragment() {
        return Err(Problem::Fragment);
    }
    let spelt = authority.host();
    let host = spelt.trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() {
        return Err(Problem::NoHost);
    }
    let port = match authority.port().map(|port| port.as_str()) {
        None | Some("") => default_port,
        Some(digits) => match digits.parse() {
            Ok(port) if port != 0 => port,
            _ => return Err(Problem::Port(digits.to_owned())),
        },
    };
    let mut path_and_query = match uri.path().as_str() {
        "" => "/".to_owned(),
        path => path.to_owned(),
    };
    if let Some(query) = uri.query() {
        path_and_query.push('?');
        path_and_query.push_str(query.as_str());
    }
    let authority = match port == default_port {
        true => spelt.to_owned(),
        false => format!("{spelt}:{port}"),
    };
    let url = format!("{scheme}://{authority}{path_and_query}");
    Ok(Target {
        inner: Arc::new(Inner {
            name: url.clone(),
            url,
            authority,
            path_and_query,
            place: Place::Network {
                host: host.to_owned(),
                port,
                tls,
            },
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        // URL; authority, path and query, TLS, loopback, as a URL
        let cases = [
            (
                "http://127.0.0.1:8080/callback",
                "127.0.0.1:8080",
                "/callback",
                false,
                true,
            ),
            ("http://127.9.9.9", "127.9.9.9", "/", false, true),
            (
                "https://handler.example",
                "handler.example",
                "/",
                true,
                false,
            ),
            (
                "https://handler.example:443/a",
                "handler.example",
                "/a",
                true,
                false,
            ),
            (
                "https://handler.example:80?x=1",
                "handler.example:80",
                "/?x=1",
                true,
                false,
            ),
            (
                "http://h:080/%7Ea//b/?q=%20&r=/?",
                "h",
                "/%7Ea//b/?q=%20&r=/?",
                false,
                false,
            ),
            ("HTTP://LocalHost:9/", "LocalHost:9", "/", false, true),
            (
                "http://handler.localhost./",
                "handler.localhost.",
                "/",
                false,
                true,
            ),
            ("http://[::1]:8080/x", "[::1]:8080", "/x", false, true),
            ("https://[2001:db8::1]/", "[2001:db8::1]", "/", true, false),
            (
                "http://[::ffff:127.0.0.1]:1/",
                "[::ffff:127.0.0.1]:1",
                "/",
                false,
                true,
            ),
            (
                "http://127.0.0.1.example/",
                "127.0.0.1.example",
                "/",
                false,
                false,
            ),
            (
                "http://localhost.example/",
                "localhost.example",
                "/",
                false,
                false,
            ),
        ];
        for (url, authority, path, tls, loopback) in cases {
            let target = Target::url(url).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(target.authority(), authority, "{url}");
            assert_eq!(target.path_and_query(), path, "{url}");
            assert_eq!(target.is_tls(), tls, "{url}");
            assert_eq!(target.is_loopback(), loopback, "{url}");
            let scheme = if tls { "https" } else { "http" };
            assert_eq!(target.as_url(), format!("{scheme}://{authority}{path}"));
            assert_eq!(target.name(), target.as_url());
            assert_eq!(
                Target::url(target.as_url()).expect("a URL").as_url(),
                target.as_url()
            );
        }
    }

    #[test]
    fn what_is_no_target_is_told() {
        let cases = [
            ("", "empty"),
            (" ", "empty"),
            (
                "localhost:8080/callback",
                "did you mean http://localhost:8080/callback?",
            ),
            ("127.0.0.1:8080", "did you mean http://127.0.0.1:8080?"),
            ("handler.example", "did you mean http://handler.example?"),
            ("ftp://handler.example/", "the scheme is \"ftp\""),
            ("http://", "no host"),
            ("http:///path", "no host"),
            ("http://:80/", "no host"),
            ("http:/path", "no host"),
            ("http://user@handler.example/", "user or password"),
            ("http://user:secret@handler.example/", "user or password"),
            ("http://handler.example:0/", "port"),
            ("http://handler.example:65536/", "port"),
            ("http://handler.example/#part", "fragment"),
            ("http://handler.example:x/", "no URL"),
            ("http://handler.example/a b", "no URL"),
            ("http://handler.example/\r\nX: y", "no URL"),
            ("http://[::1/", "no URL"),
            ("http://h\u{e4}ndler.example/", "no URL"),
        ];
        for (url, told) in cases {
            let error = Target::url(url).expect_err(url).to_string();
            assert!(error.contains(told), "{error:?} does not say {told:?}");
            assert!(!error.contains("secret"), "{error:?}");
        }
    }
}
