//! Addresses and networks as Go's package `net` has them, read as Terraform does.
//!
//! Go keeps an IPv4 address in four bytes or in sixteen, and there are functions that do not care which it is;
//! some answers can only be understood from that. Sources: <https://go.dev/src/net/ip.go>, and
//! `internal/ipaddr` of Terraform, which reads octets with leading zeros, as Go once did.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// What stands before an IPv4 address in sixteen bytes.
const MAPPED: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/// An address or mask of four or sixteen bytes, or none.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Address(Vec<u8>);

impl Address {
    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The number of some bytes, filled up at the front.
    pub(super) fn padded(bytes: &[u8], length: usize) -> Option<Address> {
        let missing = length.checked_sub(bytes.len())?;
        Some(Address([vec![0; missing].as_slice(), bytes].concat()))
    }

    /// Go's `CIDRMask`.
    pub(super) fn mask(ones: i64, bits: u32) -> Address {
        if !matches!(bits, 32 | 128) || !(0..=i64::from(bits)).contains(&ones) {
            return Address::default();
        }
        let byte = |at: u32| match (ones - i64::from(at) * 8).clamp(0, 8) {
            0 => 0,
            ones => 0xff_u8 << (8 - ones),
        };
        Address((0..bits / 8).map(byte).collect())
    }

    /// The four bytes, if it is an IPv4 address in either form.
    pub(super) fn to_v4(&self) -> Option<Address> {
        match self.0.strip_prefix(&MAPPED) {
            _ if self.0.len() == 4 => Some(self.clone()),
            Some(last) if last.len() == 4 => Some(Address(last.to_vec())),
            _ => None,
        }
    }

    fn short(&self) -> Address {
        self.to_v4().unwrap_or_else(|| self.clone())
    }

    /// Go's `IP.Mask`.
    fn masked(&self, mask: &Address) -> Address {
        let (mut address, mut mask) = (self.bytes(), mask.bytes());
        if mask.len() == 16 && address.len() == 4 && mask.iter().take(12).all(|&byte| byte == 0xff) {
            mask = mask.get(12..).unwrap_or_default();
        }
        if mask.len() == 4 && address.len() == 16 {
            address = address.strip_prefix(&MAPPED).unwrap_or(address);
        }
        if address.len() != mask.len() {
            return Address::default();
        }
        Address(
            address
                .iter()
                .zip(mask)
                .map(|(address, mask)| address & mask)
                .collect(),
        )
    }

    /// How many ones a mask starts with; nothing if ones follow after zeros.
    fn ones(&self) -> Option<u32> {
        let ones: u32 = self.0.iter().map(|byte| byte.count_ones()).sum();
        (*self == Address::mask(ones.into(), self.bits())).then_some(ones)
    }

    fn bits(&self) -> u32 {
        self.0.len() as u32 * 8
    }

    fn plus_one(&self) -> Address {
        self.moved(|byte| byte.overflowing_add(1))
    }

    fn minus_one(&self) -> Address {
        self.moved(|byte| byte.overflowing_sub(1))
    }

    fn moved(&self, step: fn(u8) -> (u8, bool)) -> Address {
        let mut address = self.short();
        for byte in address.0.iter_mut().rev() {
            let carries;
            (*byte, carries) = step(*byte);
            if !carries {
                break;
            }
        }
        address
    }

    /// Whether it is `0.0.0.0` or `::`.
    fn is_zero(&self) -> bool {
        let short = self.short();
        !short.0.is_empty() && short.0.iter().all(|&byte| byte == 0)
    }

    /// Reads an IPv4 or an IPv6 address.
    fn parse(text: &str) -> Option<Address> {
        parse_v4(text)
            .map(|octets| Address(octets.to_vec()))
            .or_else(|| parse_v6(text))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = self.short();
        if let Ok(octets) = <[u8; 4]>::try_from(short.bytes()) {
            return write!(f, "{}", Ipv4Addr::from(octets));
        }
        match <[u8; 16]>::try_from(short.bytes()) {
            Ok(octets) => write!(f, "{}", Ipv6Addr::from(octets)),
            Err(_) => f.write_str("<nil>"),
        }
    }
}

/// A network. Its address has no bits where the mask has none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Network {
    /// First address.
    pub(super) address: Address,
    /// Mask.
    pub(super) mask: Address,
}

impl Network {
    /// Reads an address and the length of a prefix, with a slash between them.
    pub(super) fn parse(text: &str) -> Option<Network> {
        let (address, length) = text.split_once('/')?;
        let address = Address::parse(address)?;
        let length = decimal(length)?;
        let mask = Address::mask(length.into(), address.bits());
        (!mask.0.is_empty()).then(|| Network {
            address: address.masked(&mask),
            mask,
        })
    }

    /// The length of its prefix.
    pub(super) fn prefix_length(&self) -> u32 {
        self.mask.ones().unwrap_or_default()
    }

    /// The length of its addresses.
    pub(super) fn bits(&self) -> u32 {
        self.mask.bits()
    }

    /// Address and mask of equal length, if they can be brought to it.
    fn aligned(&self) -> Option<(Address, Address)> {
        let address = self.address.short();
        match (address.0.len(), self.mask.0.len()) {
            (4, 4) | (16, 16) => Some((address, self.mask.clone())),
            (4, 16) => Some((address, Address(self.mask.0.get(12..)?.to_vec()))),
            _ => None,
        }
    }

    /// Whether an address lies in it.
    pub(super) fn contains(&self, address: &Address) -> bool {
        let address = address.short();
        let Some((own, mask)) = self.aligned() else {
            return address.0.is_empty();
        };
        own.0.len() == address.0.len() && own.masked(&mask) == address.masked(&mask)
    }

    /// Its last address.
    fn last(&self) -> Address {
        let inverted = self.mask.0.iter().map(|byte| !byte);
        match self.address.0.len() == self.mask.0.len() {
            true => Address(
                self.address
                    .0
                    .iter()
                    .zip(inverted)
                    .map(|(address, mask)| address | mask)
                    .collect(),
            ),
            false => self.address.clone(),
        }
    }

    /// The network of some length that ends just before it.
    pub(super) fn previous(&self, length: i64) -> Network {
        let start = self.address.short();
        let mask = Address::mask(length, start.bits());
        Network {
            address: start.minus_one().masked(&mask),
            mask,
        }
    }

    /// The network of some length that starts after its end and fits there, and whether that is past the last
    /// address of all.
    pub(super) fn next(&self, length: i64) -> (Network, bool) {
        let last = self.last();
        let mask = Address::mask(length, last.bits());
        let around = Network {
            address: last.masked(&mask),
            mask: mask.clone(),
        };
        let start = around.last().plus_one();
        let rolled_over = start.is_zero();
        (
            Network {
                address: start.masked(&mask),
                mask,
            },
            rolled_over,
        )
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.aligned() {
            Some((address, mask)) => write!(f, "{address}/{}", mask.ones().unwrap_or_default()),
            None => f.write_str("<nil>"),
        }
    }
}

/// A decimal number, not a very great one; leading zeros are allowed.
fn decimal(digits: &str) -> Option<u32> {
    number(digits, 10)
}

fn number(digits: &str, radix: u32) -> Option<u32> {
    const TOO_GREAT: u32 = 0xff_ffff;
    let value = digits.chars().try_fold(0_u32, |value, digit| {
        Some(value * radix + digit.to_digit(radix)?).filter(|&value| value < TOO_GREAT)
    })?;
    (!digits.is_empty()).then_some(value)
}

/// Four octets with points between them.
fn parse_v4(text: &str) -> Option<[u8; 4]> {
    let mut octets = text
        .split('.')
        .map(|octet| decimal(octet).and_then(|octet| u8::try_from(octet).ok()));
    let address = [octets.next()??, octets.next()??, octets.next()??, octets.next()??];
    octets.next().is_none().then_some(address)
}

/// Groups of four hexadecimal digits with colons between them. The last two may be an IPv4 address, and two
/// colons once stand for as many groups of zero as are missing, at least one.
fn parse_v6(text: &str) -> Option<Address> {
    let (before, after) = match text.split_once("::") {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    };
    let (mut bytes, tail) = match after {
        None => (groups(before, true)?, Vec::new()),
        Some(after) => (groups(before, false)?, groups(after, true)?),
    };
    let missing = 16_usize.checked_sub(bytes.len() + tail.len())?;
    if (missing > 0) != after.is_some() {
        return None;
    }
    bytes.resize(bytes.len() + missing, 0);
    bytes.extend(tail);
    Some(Address(bytes))
}

fn groups(text: &str, at_end: bool) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    if text.is_empty() {
        return Some(bytes);
    }
    let mut groups = text.split(':').peekable();
    while let Some(group) = groups.next() {
        match groups.peek().is_none() && at_end && group.contains('.') {
            true => bytes.extend(parse_v4(group)?),
            false => bytes.extend(u16::try_from(number(group, 16)?).ok()?.to_be_bytes()),
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read_as_in_go() {
        for (text, wanted) in [
            ("10.0.0.1", Some("10.0.0.1")),
            ("010.001.0.08", Some("10.1.0.8")),
            ("10.0.0", None),
            ("10.0.0.0.0", None),
            ("10.0.0.256", None),
            ("10..0.1", None),
            ("", None),
            ("::", Some("::")),
            ("::1", Some("::1")),
            ("1::", Some("1::")),
            ("1:2:3:4:5:6:7::", Some("1:2:3:4:5:6:7:0")),
            ("1:2:3:4:5:6:7:8", Some("1:2:3:4:5:6:7:8")),
            ("1:2:3:4:5:6:7:8::", None),
            ("::1:2:3:4:5:6:7:8", None),
            ("1::2::3", None),
            ("1:::2", None),
            (":1::2", None),
            ("1:2", None),
            ("12345::", None),
            ("0000001::", Some("1::")),
            ("::1%eth0", None),
            ("::ffff:10.0.0.1", Some("10.0.0.1")),
            ("::10.0.0.1", Some("::a00:1")),
            ("1:2:3:4:5:6:10.0.0.1", Some("1:2:3:4:5:6:a00:1")),
            ("1.2.3.4::", None),
            ("::1.2.3.4:1", None),
            ("ABCD:0:0:1::", Some("abcd:0:0:1::")),
        ] {
            let shown = Address::parse(text).map(|address| address.to_string());
            assert_eq!(shown.as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn networks_are_what_their_prefix_says() {
        for (text, wanted) in [
            ("10.1.2.3/16", Some("10.1.0.0/16")),
            ("10.1.2.3/08", Some("10.0.0.0/8")),
            ("10.1.2.3/33", None),
            ("10.1.2.3/", None),
            ("10.1.2.3/8x", None),
            ("10.1.2.3/99999999999999999999", None),
            ("fd00::1/8", Some("fd00::/8")),
            ("fd00::1/129", None),
            ("::ffff:10.1.2.3/104", Some("10.0.0.0/8")),
        ] {
            let shown = Network::parse(text).map(|network| network.to_string());
            assert_eq!(shown.as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn networks_have_neighbours() {
        let network = Network::parse("10.1.0.0/16").unwrap();
        let previous = network.previous(20);
        assert_eq!(previous.to_string(), "10.0.240.0/20");
        assert_eq!(previous.next(24).0.to_string(), "10.1.0.0/24");
        assert!(Network::parse("255.255.255.0/24").unwrap().next(24).1);
        assert!(network.contains(&Address::parse("10.1.255.255").unwrap()));
        assert!(!network.contains(&Address::parse("10.2.0.0").unwrap()));
    }
}
