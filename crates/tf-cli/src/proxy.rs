//! The proxy that the environment names, as curl and others read it.

/// The proxy for an address, and the hosts that need none. Small letters win: `HTTP_PROXY` may be a header of a web request.
pub fn of(address: &str, variable: &dyn Fn(&str) -> Option<String>) -> Option<(String, Vec<String>)> {
    let either = |name: &str| variable(&name.to_ascii_lowercase()).or_else(|| variable(name));
    let own = if address.starts_with("https:") {
        "HTTPS_PROXY"
    } else {
        "HTTP_PROXY"
    };
    let proxy = either(own).or_else(|| either("ALL_PROXY"))?;
    let not_for = either("NO_PROXY").unwrap_or_default();
    let not_for = not_for.split(',').map(str::trim).filter(|host| !host.is_empty());
    Some((proxy, not_for.map(str::to_owned).collect()))
}
