//! Networks: who is let in where.

use std::net::IpAddr;

use tf_lang::functions::{CallError, CallResult};
use tf_lang::value::Kind;
use tf_lang::{Type, Value};

use super::{Read, Truth};

/// Attributes that hold the sources of a rule, over all kinds of rule.
const SOURCES: [&str; 6] = [
    "cidr_blocks",
    "ipv6_cidr_blocks",
    "cidr_ipv4",
    "cidr_ipv6",
    "cidr_block",
    "ipv6_cidr_block",
];

/// `opens(rules, ports)`
pub(crate) fn opens(args: &[Value], read: Read<'_>) -> CallResult {
    let (Some(rules), Some(ports)) = (args.first(), args.get(1)) else {
        return Err(CallError::new(
            "opens takes a rule or several, and a port or several",
        ));
    };
    let ports: Option<Vec<i64>> = match ports.as_items() {
        Some(ports) => ports.iter().map(whole).collect(),
        None => whole(ports).map(|port| vec![port]),
    };
    let Some(ports) = ports else {
        return Err(CallError::arg(1, "a port is a whole number"));
    };
    let truth = match rules.as_items() {
        Some(rules) => rules.iter().fold(Truth::Known(false), |truth, rule| {
            truth.or(|| rule_opens(rule, &ports, read))
        }),
        None => rule_opens(rules, &ports, read),
    };
    Ok(truth.value())
}

fn rule_opens(rule: &Value, ports: &[i64], read: Read<'_>) -> Truth {
    if let Some(unknown) = rule.as_unknown() {
        return Truth::Unknown(unknown.reasons.to_vec());
    }
    let get = |name: &str| match rule.kind() {
        Kind::Handle(handle) => read(*handle, name),
        _ => rule.get(name).cloned().unwrap_or(Value::NULL),
    };
    from_everywhere(&get).and(|| covers(&get, ports))
}

fn from_everywhere(get: &dyn Fn(&str) -> Value) -> Truth {
    let mut truth = Truth::Known(false);
    for name in SOURCES {
        let value = get(name);
        truth = truth.or(|| everywhere(&value));
    }
    truth
}

fn everywhere(value: &Value) -> Truth {
    if let Some(unknown) = value.as_unknown() {
        return Truth::Unknown(unknown.reasons.to_vec());
    }
    match (value.as_str(), value.as_items()) {
        (Some(text), _) => Truth::Known(is_everywhere(text)),
        (None, Some(items)) => items
            .iter()
            .fold(Truth::Known(false), |truth, item| truth.or(|| everywhere(item))),
        (None, None) => Truth::Known(false),
    }
}

/// Any network of prefix length 0, however its address is written.
fn is_everywhere(text: &str) -> bool {
    network(text).is_some_and(|(_, length)| length == 0)
}

/// Whether a rule is about one of the ports.
fn covers(get: &dyn Fn(&str) -> Value, ports: &[i64]) -> Truth {
    let protocol = match get("ip_protocol") {
        value if value.is_null() => get("protocol"),
        value => value,
    };
    if let Some(unknown) = protocol.as_unknown() {
        return Truth::Unknown(unknown.reasons.to_vec());
    }
    let protocol = tf_lang::convert::convert(&protocol, &Type::String).ok();
    let protocol = protocol
        .as_ref()
        .and_then(Value::as_str)
        .unwrap_or("-1")
        .to_lowercase();
    if matches!(protocol.as_str(), "-1" | "all") {
        return Truth::Known(true);
    }
    // ICMP has types where TCP and UDP have ports.
    if matches!(protocol.as_str(), "icmp" | "icmpv6" | "1" | "58") {
        return Truth::Known(false);
    }
    let (from, to) = (get("from_port"), get("to_port"));
    for bound in [&from, &to] {
        if let Some(unknown) = bound.as_unknown() {
            return Truth::Unknown(unknown.reasons.to_vec());
        }
    }
    Truth::Known(match (whole(&from), whole(&to)) {
        (Some(from), Some(to)) => ports.iter().any(|port| match port {
            -1 => from <= 0 && to >= 65535,
            port => (from..=to).contains(port),
        }),
        _ => false,
    })
}

fn whole(value: &Value) -> Option<i64> {
    let number = tf_lang::convert::convert(value, &Type::Number).ok()?;
    number.as_number().and_then(tf_lang::Number::to_i64)
}

/// `cidr_within(a, b)`
pub(crate) fn cidr_within(args: &[Value]) -> CallResult {
    let (Some(a), Some(b)) = (args.first(), args.get(1)) else {
        return Err(CallError::new("cidr_within takes two networks"));
    };
    for value in [a, b] {
        if let Some(unknown) = value.as_unknown() {
            return Ok(Truth::Unknown(unknown.reasons.to_vec()).value());
        }
    }
    let within = match (a.as_str().and_then(network), b.as_str().and_then(network)) {
        (Some((inner, inner_length)), Some((outer, outer_length))) => {
            outer_length <= inner_length
                && match (inner, outer) {
                    (IpAddr::V4(inner), IpAddr::V4(outer)) => {
                        prefix(u32::from(inner).into(), 32, outer_length)
                            == prefix(u32::from(outer).into(), 32, outer_length)
                    }
                    (IpAddr::V6(inner), IpAddr::V6(outer)) => {
                        prefix(inner.into(), 128, outer_length) == prefix(outer.into(), 128, outer_length)
                    }
                    _ => false,
                }
        }
        _ => false,
    };
    Ok(Value::from(within))
}

fn prefix(address: u128, bits: u32, length: u32) -> u128 {
    address
        .checked_shr(bits.saturating_sub(length))
        .unwrap_or_default()
}

fn network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, length) = text.trim().split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let length: u32 = length.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    (length <= most).then_some((address, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(from: i64, to: i64, protocol: &str, cidr: &str) -> Value {
        Value::object([
            ("from_port".into(), Value::from(from)),
            ("to_port".into(), Value::from(to)),
            ("protocol".into(), Value::from(protocol)),
            ("cidr_blocks".into(), Value::tuple(vec![Value::from(cidr)])),
        ])
    }

    fn asks(rule: Value, port: i64) -> Option<bool> {
        opens(&[rule, Value::from(port)], &|_, _| Value::NULL)
            .unwrap()
            .as_bool()
    }

    #[test]
    fn a_rule_opens_a_port_to_everyone_only_with_both() {
        assert_eq!(asks(rule(0, 100, "tcp", "0.0.0.0/0"), 22), Some(true));
        assert_eq!(asks(rule(0, 100, "tcp", "10.0.0.0/8"), 22), Some(false));
        assert_eq!(asks(rule(80, 80, "tcp", "::/0"), 22), Some(false));
        assert_eq!(asks(rule(0, 0, "-1", "0.0.0.0/0"), 22), Some(true));
        assert_eq!(asks(rule(8, 0, "icmp", "0.0.0.0/0"), 22), Some(false));
        assert_eq!(asks(rule(0, 65535, "tcp", "0.0.0.0/0"), -1), Some(true));
    }

    #[test]
    fn networks_lie_within_networks() {
        let within = |a: &str, b: &str| cidr_within(&[a.into(), b.into()]).unwrap().as_bool();
        assert_eq!(within("10.1.0.0/16", "10.0.0.0/8"), Some(true));
        assert_eq!(within("10.0.0.0/8", "10.1.0.0/16"), Some(false));
        assert_eq!(within("2001:db8::/48", "::/0"), Some(true));
        assert_eq!(within("10.0.0.0/8", "::/0"), Some(false));
    }
}
