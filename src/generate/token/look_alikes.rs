//! Issuers and roles that look like the right ones, as prefix matches and loose comparisons take them.

/// Issuers that are not the right one, though they look like it (JWT-11). Case and a slash at the end are left alone: a
/// handler may compare URLs as URLs.
pub fn issuers(issuer: &str) -> Vec<(String, String)> {
    let mut cut = issuer.trim_end_matches('/').to_owned();
    cut.pop();
    let host = issuer.split_once("://").map_or(issuer, |(_, host)| host);
    [
        ("another host", "https://acgw.invalid".to_owned()),
        (
            "right issuer with a suffix",
            format!("{}.acgw.invalid", issuer.trim_end_matches('/')),
        ),
        ("last character cut", cut),
        (
            "right issuer as the user part",
            format!("{}@acgw.invalid", issuer.trim_end_matches('/')),
        ),
        (
            "right issuer as a path",
            format!("https://acgw.invalid/{host}"),
        ),
        (
            "path appended",
            format!("{}/acgw-unknown", issuer.trim_end_matches('/')),
        ),
        ("another word before it", format!("acgw-{issuer}")),
        (
            "right issuer as a query",
            format!("https://acgw.invalid/?{issuer}"),
        ),
        (
            "http in place of https",
            issuer.replacen("https://", "http://", 1),
        ),
        ("asterisk", "*".to_owned()),
        ("wildcard host", "https://*".to_owned()),
        ("right issuer twice", format!("{issuer},{issuer}")),
        (
            "right issuer on a line of its own",
            format!("https://acgw.invalid/\n{issuer}"),
        ),
        ("other characters for its dots", issuer.replace('.', "x")),
    ]
    .into_iter()
    .filter(|(_, other)| other.trim_end_matches('/') != issuer.trim_end_matches('/'))
    .map(|(name, other)| (name.to_owned(), other))
    .collect()
}

/// Roles that are not the endpoint, though they look like it (JWT-16).
pub fn roles(endpoint: &str) -> Vec<(String, String)> {
    let mut all = vec![
        (
            "child of the endpoint",
            format!("{endpoint}~a.p.acgw_conformance.v1.0"),
        ),
        ("last character cut", {
            let mut cut = endpoint.to_owned();
            cut.pop();
            cut
        }),
        ("character appended", format!("{endpoint}0")),
        ("letter case changed", case_changed(endpoint)),
        ("empty", String::new()),
        ("asterisk", "*".to_owned()),
        ("every identifier, as a wildcard", "cti.*".to_owned()),
        ("next minor version", next_minor(endpoint)),
        ("blank behind", format!("{endpoint} ")),
        ("blank before", format!(" {endpoint}")),
        ("line feed behind", format!("{endpoint}\n")),
        ("regular expression", ".*".to_owned()),
        (
            "without its beginning",
            endpoint.trim_start_matches("cti.").to_owned(),
        ),
        ("word put before", format!("acgw{endpoint}")),
        ("on a line of its own", format!("acgw\n{endpoint}\nacgw")),
        ("other characters for its dots", endpoint.replace('.', "x")),
        (
            "another CyberApp's endpoint",
            "cti.a.p.acgw.endpoint.v1.0~acgw.other.app.v1.0".to_owned(),
        ),
    ];
    if let Some((parent, _)) = endpoint.rsplit_once('~') {
        all.insert(1, ("parent of the endpoint", parent.to_owned()));
        all.push((
            "sibling of the endpoint",
            format!("{parent}~acgw.other.app.v1.0"),
        ));
        all.push((
            "children of the parent, as a wildcard",
            format!("{parent}~*"),
        ));
    }
    let mut seen = vec![endpoint.to_owned()];
    all.retain(|(_, role)| {
        let new = !seen.contains(role);
        seen.push(role.clone());
        new
    });
    all.into_iter()
        .map(|(name, role)| (name.to_owned(), role))
        .collect()
}

fn case_changed(endpoint: &str) -> String {
    let upper = endpoint.to_ascii_uppercase();
    if upper == endpoint {
        endpoint.to_ascii_lowercase()
    } else {
        upper
    }
}

fn next_minor(endpoint: &str) -> String {
    match endpoint.rsplit_once('.') {
        Some((start, minor)) => match minor.parse::<u64>() {
            Ok(minor) => format!("{start}.{}", minor.wrapping_add(1)),
            Err(_) => format!("{endpoint}.1"),
        },
        None => format!("{endpoint}.1"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::case::tests::{ENDPOINT, assert_unique};
    use super::*;

    #[test]
    fn issuers_and_roles_are_not_the_right_ones() {
        for issuer in [
            "https://acronis.cloud",
            "https://cloud.acronis.com/",
            "issuer",
        ] {
            let all = issuers(issuer);
            assert_unique(all.iter().map(|(name, _)| name));
            assert!(all.len() >= 8);
            for (name, other) in all {
                let same = other
                    .trim_end_matches('/')
                    .eq_ignore_ascii_case(issuer.trim_end_matches('/'));
                assert!(!same, "{name}");
            }
        }
        for endpoint in [
            ENDPOINT,
            "cti.a.p.x.v1.0",
            "cti.a.p.x.v1.0~00000000-0000-0000-0000-000000000000",
        ] {
            let all = roles(endpoint);
            assert_unique(all.iter().map(|(name, _)| name));
            assert!(all.len() >= 10);
            for (name, role) in all {
                assert_ne!(role, endpoint, "{name}");
            }
        }
    }
}
