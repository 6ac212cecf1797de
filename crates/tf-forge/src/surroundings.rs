//! What the environment says of tokens and proxies. The caller reads the environment.

use crate::client::Scheme;

/// Reads a variable; an empty one is none.
pub type Variable<'v> = &'v dyn Fn(&str) -> Option<String>;

/// The variables with a token for GitHub, in the order of `gh`.
pub const GITHUB_TOKENS: &[(&str, Scheme)] =
    &[("GH_TOKEN", Scheme::Bearer), ("GITHUB_TOKEN", Scheme::Bearer)];

/// The variables with a token for GitLab.
pub const GITLAB_TOKENS: &[(&str, Scheme)] = &[
    ("GITLAB_TOKEN", Scheme::PrivateToken),
    ("CI_JOB_TOKEN", Scheme::JobToken),
];

/// The first variable that holds a token, the token, and how it is sent.
pub fn token(
    names: &'static [(&'static str, Scheme)],
    variable: Variable<'_>,
) -> Option<(&'static str, String, Scheme)> {
    names
        .iter()
        .find_map(|(name, scheme)| Some((*name, variable(name)?, *scheme)))
}

/// The proxy that the usual variables name for the address of an API, and the hosts that need none.
pub fn proxy(api: &str, variable: Variable<'_>) -> Option<(String, Vec<String>)> {
    let either = |name: &str| variable(&name.to_ascii_lowercase()).or_else(|| variable(name));
    let own = if api.starts_with("https:") {
        "HTTPS_PROXY"
    } else {
        "HTTP_PROXY"
    };
    let proxy = either(own).or_else(|| either("ALL_PROXY"))?;
    let not_for = either("NO_PROXY").unwrap_or_default();
    let not_for = not_for.split(',').map(str::trim).filter(|host| !host.is_empty());
    Some((proxy, not_for.map(str::to_owned).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxy_is_that_of_the_scheme() {
        let variable = |name: &str| match name {
            "http_proxy" => Some("http://plain:1".to_owned()),
            "HTTPS_PROXY" => Some("http://secure:2".to_owned()),
            "no_proxy" => Some("localhost, .internal".to_owned()),
            _ => None,
        };
        let hosts = vec!["localhost".to_owned(), ".internal".to_owned()];
        for (api, expected) in [
            ("https://a", "http://secure:2"),
            ("http://127.0.0.1", "http://plain:1"),
        ] {
            assert_eq!(proxy(api, &variable), Some((expected.to_owned(), hosts.clone())));
        }
        assert_eq!(proxy("https://a", &|_| None), None);
    }
}
