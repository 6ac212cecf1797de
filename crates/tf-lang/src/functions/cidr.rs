//! Functions over networks. Sources: `internal/lang/funcs/cidr.go` of Terraform 1.11, and
//! `github.com/apparentlymart/go-cidr` v1.1.0 for the arithmetic, whose odd answers in odd cases are kept.

mod net;

use num_bigint::{BigInt, Sign};

use self::net::{Address, Network};
use super::number::integer;
use super::{CallError, CallResult, Function, Host, Param, Ty, text};
use crate::types::Type;
use crate::value::Value;

const PREFIX: Param = Param::new("prefix", Ty::String);

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new(
        "cidrhost",
        &[PREFIX, Param::new("hostnum", Ty::Number)],
        Ty::String,
        cidrhost,
    ),
    Function::new("cidrnetmask", &[PREFIX], Ty::String, cidrnetmask),
    Function::new(
        "cidrsubnet",
        &[
            PREFIX,
            Param::new("newbits", Ty::Number),
            Param::new("netnum", Ty::Number),
        ],
        Ty::String,
        cidrsubnet,
    ),
    Function::new("cidrsubnets", &[PREFIX], Ty::List(&Ty::String), cidrsubnets)
        .with_rest(Param::new("newbits", Ty::Number)),
];

/// Terraform panics here.
const TOO_LONG: &str = "the number has more bits than an address";

fn network(args: &[Value]) -> Result<Network, String> {
    let prefix = text(args, 0);
    Network::parse(prefix).ok_or_else(|| format!("invalid CIDR expression: invalid CIDR address: {prefix}"))
}

/// A whole number of any size.
fn big(args: &[Value], index: usize) -> Result<BigInt, CallError> {
    args.get(index)
        .and_then(Value::as_number)
        .and_then(|number| number.to_string_radix(16))
        .and_then(|digits| BigInt::parse_bytes(digits.as_bytes(), 16))
        .ok_or_else(|| CallError::new("value must be a whole number"))
}

/// Go's `big.Int.Uint64`, which takes the low bits of the magnitude.
fn low_bits(number: &BigInt) -> u64 {
    number.magnitude().iter_u64_digits().next().unwrap_or_default()
}

fn cidrhost(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let mut number = big(args, 1)?;
    let network = network(args).map_err(CallError::new)?;
    let prefix = network.prefix_length();
    let greatest = (BigInt::from(1) << network.bits().saturating_sub(prefix)) - 1;
    // Go compares what a signed integer makes of the low bits.
    let mut compared = BigInt::from(low_bits(&number).cast_signed());
    if number.sign() == Sign::Minus {
        compared = -number - 1;
        number = &greatest - &compared;
    }
    if compared > greatest {
        let message = format!("prefix of {prefix} does not accommodate a host numbered {number}");
        return Err(CallError::new(message));
    }
    let bits = if network.address.to_v4().is_some() {
        32
    } else {
        128
    };
    let host = insert(&network, &number, bits)?;
    Ok(host.to_string().into())
}

/// An address with a number set into its bits after a length.
fn insert(network: &Network, number: &BigInt, length: i64) -> Result<Address, CallError> {
    let total = network.bits();
    let shift = i64::from(total).saturating_sub(length);
    // Further than any address is long, only nothing can be moved.
    if shift > 1024 && number.sign() != Sign::NoSign {
        return Err(CallError::new(TOO_LONG));
    }
    let moved = number << u32::try_from(shift).unwrap_or_default().min(1024);
    let address = BigInt::from_bytes_be(Sign::Plus, network.address.bytes());
    let (_, bytes) = (address | moved).to_bytes_be();
    Address::padded(&bytes, (total / 8) as usize).ok_or_else(|| CallError::new(TOO_LONG))
}

fn cidrnetmask(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let network = network(args).map_err(CallError::new)?;
    if network.address.to_v4().is_none() {
        let message = format!("IPv6 addresses cannot have a netmask: {}", text(args, 0));
        return Err(CallError::new(message));
    }
    Ok(network.mask.to_string().into())
}

fn cidrsubnet(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let new_bits = integer(args, 1).map_err(CallError::new)?;
    let number = big(args, 2)?;
    let network = network(args).map_err(CallError::new)?;
    let (prefix, total) = (i64::from(network.prefix_length()), network.bits());
    let length = prefix.wrapping_add(new_bits);
    if length > i64::from(total) {
        return Err(CallError::new(format!(
            "insufficient address space to extend prefix of {prefix} by {new_bits}"
        )));
    }
    let greatest = match u32::try_from(new_bits) {
        Ok(new_bits) => 1_u64.checked_shl(new_bits).unwrap_or_default().wrapping_sub(1),
        Err(_) => u64::MAX,
    };
    if low_bits(&number) > greatest {
        return Err(CallError::new(format!(
            "prefix extension of {new_bits} does not accommodate a subnet numbered {number}"
        )));
    }
    let subnet = Network {
        address: insert(&network, &number, length)?,
        mask: Address::mask(length, total),
    };
    Ok(subnet.to_string().into())
}

fn cidrsubnets(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let network = network(args).map_err(|message| CallError::arg(0, message))?;
    let mut subnets: Vec<Value> = Vec::new();
    let mut current: Option<Network> = None;
    for index in 1..args.len() {
        let length = subnet_length(&network, args, index)?;
        let before = current.unwrap_or_else(|| network.previous(length));
        let (next, rolled_over) = before.next(length);
        if rolled_over || !network.contains(&next.address) {
            return Err(CallError::arg(
                index,
                format!(
                    "not enough remaining address space for a subnet with a prefix of {length} bits after {before}"
                ),
            ));
        }
        subnets.push(next.to_string().into());
        current = Some(next);
    }
    Ok(Value::list(Type::String, subnets))
}

fn subnet_length(network: &Network, args: &[Value], index: usize) -> Result<i64, CallError> {
    let new_bits = integer(args, index).map_err(|message| CallError::arg(index, message))?;
    let too_long = |message: &str| Err(CallError::arg(index, message));
    if new_bits < 1 {
        return too_long("must extend prefix by at least one bit");
    }
    if new_bits > 32 {
        return too_long("may not extend prefix by more than 32 bits");
    }
    let length = new_bits + i64::from(network.prefix_length());
    if length > i64::from(network.bits()) {
        let protocol = if network.bits() == 32 { "IPv4" } else { "IPv6" };
        return too_long(&format!(
            "would extend prefix to {length} bits, which is too long for an {protocol} address"
        ));
    }
    Ok(length)
}
