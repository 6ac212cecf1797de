//! Which proxy an address is reached through.

/// The proxy for an address by the usual variables: `HTTPS_PROXY` or `HTTP_PROXY` by the address, `ALL_PROXY`, and
/// `NO_PROXY`, each in capitals or small letters.
///
/// `variable` reads the environment, which a library does not.
pub fn proxy_for(url: &str, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.rsplit_once('@') {
        Some((_, host)) => host,
        None => authority,
    };
    let host = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let either = |name: &str| {
        let value = variable(&name.to_ascii_lowercase()).or_else(|| variable(&name.to_ascii_uppercase()));
        value.filter(|value| !value.trim().is_empty())
    };
    if either("no_proxy").is_some_and(|list| list.split(',').any(|entry| exempt(entry.trim(), &host))) {
        return None;
    }
    either(&format!("{scheme}_proxy")).or_else(|| either("all_proxy"))
}

fn exempt(entry: &str, host: &str) -> bool {
    let entry = entry.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let domain = entry.trim_start_matches("*.").trim_start_matches('.');
    entry == "*"
        || !domain.is_empty()
            && (host == domain
                || host
                    .strip_suffix(domain)
                    .is_some_and(|front| front.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_names_the_proxy() {
        let url = "https://pricing.us-east-1.amazonaws.com/offers";
        for (variables, expected) in [
            (&[][..], None),
            (&[("HTTPS_PROXY", "http://p:1")], Some("http://p:1")),
            (
                &[("https_proxy", "http://p:1"), ("HTTPS_PROXY", "http://q:1")],
                Some("http://p:1"),
            ),
            (&[("HTTP_PROXY", "http://p:1")], None),
            (&[("ALL_PROXY", "http://p:1")], Some("http://p:1")),
            (&[("HTTPS_PROXY", "")], None),
            (
                &[
                    ("HTTPS_PROXY", "http://p:1"),
                    ("NO_PROXY", "localhost, .amazonaws.com"),
                ],
                None,
            ),
            (
                &[("HTTPS_PROXY", "http://p:1"), ("NO_PROXY", "*.amazonaws.com:443")],
                None,
            ),
            (&[("HTTPS_PROXY", "http://p:1"), ("no_proxy", "*")], None),
            (
                &[("HTTPS_PROXY", "http://p:1"), ("no_proxy", "naws.com,,.")],
                Some("http://p:1"),
            ),
        ] {
            let variable = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(proxy_for(url, variable).as_deref(), expected, "{variables:?}");
        }
    }
}
