//! Reading numbers, as Go's `math/big.ParseFloat` and `big.Int.SetString` do it.

use num_bigint::{BigInt, BigUint, Sign};
use num_traits::Zero;

use super::parts::Parts;
use super::{DECIMAL_PRECISION, Number, Repr};

impl Number {
    /// Reads a decimal number: an optional sign, digits with an optional point among them, an optional exponent
    /// (`e`, or `p` for a power of two); or an infinity, `Inf` or `inf`.
    ///
    /// What is too great is infinite, what is too small is zero, and an exponent that even Go does not read is
    /// refused. None of them costs more than the digits that are written.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = split_sign(text);
        if matches!(unsigned, "Inf" | "inf") {
            return Some(Self::infinite(DECIMAL_PRECISION, negative));
        }
        let (digits, exponent) = match unsigned.find(['e', 'E', 'p', 'P']) {
            Some(at) => (&unsigned[..at], Some(&unsigned[at..])),
            None => (unsigned, None),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_decimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !is_decimal(whole) || !is_decimal(fraction) {
            return None;
        }
        if exponent.is_none() && fraction.is_empty() && whole.len() <= 18 {
            let magnitude: i64 = whole.parse().ok()?;
            return Some(match (negative, magnitude) {
                (true, 0) => Self(Repr::NegativeZero(DECIMAL_PRECISION)),
                (true, _) => Self::small(DECIMAL_PRECISION, -magnitude),
                (false, _) => Self::small(DECIMAL_PRECISION, magnitude),
            });
        }
        let scale = -i64::try_from(fraction.len()).ok()?;
        let power = exponent.map_or(Some(0), |exponent| parse_exponent(exponent.get(1..)?))?;
        let is_binary = exponent.is_some_and(|exponent| exponent.starts_with(['p', 'P']));
        let mantissa = BigUint::parse_bytes([whole, fraction].concat().as_bytes(), 10)?;
        if mantissa.is_zero() {
            return Some(Self::new(DECIMAL_PRECISION, Parts::zero(negative)));
        }
        let power_of_two = scale.checked_add(power)?;
        let power_of_five = if is_binary { scale } else { power_of_two };
        let parts = Parts::new(negative, mantissa, power_of_two);
        // The exponents of Go's floats have 32 bits, and it refuses before it multiplies by the power of five.
        i32::try_from(parts.magnitude()).ok()?;
        let power = Parts::power_of_five(power_of_five.unsigned_abs(), DECIMAL_PRECISION + 64);
        let value = if power_of_five < 0 {
            parts.quotient(&power, DECIMAL_PRECISION)?
        } else {
            parts.product(&power)
        };
        Some(Self::new(DECIMAL_PRECISION, value))
    }

    /// Reads a whole number of the given radix, which may be up to 62: above 36, small letters come first.
    pub fn from_str_radix(text: &str, radix: u32) -> Option<Self> {
        if !(2..=62).contains(&radix) {
            return None;
        }
        let (negative, digits) = split_sign(text);
        let digit = |byte: u8| {
            let value = match byte {
                b'0'..=b'9' => byte - b'0',
                b'a'..=b'z' => byte - b'a' + 10,
                b'A'..=b'Z' if radix <= 36 => byte - b'A' + 10,
                b'A'..=b'Z' => byte - b'A' + 36,
                _ => return None,
            };
            (u32::from(value) < radix).then_some(value)
        };
        let values: Option<Vec<u8>> = digits.bytes().map(digit).collect();
        let magnitude = BigUint::from_radix_be(&values.filter(|values| !values.is_empty())?, radix)?;
        let sign = if negative { Sign::Minus } else { Sign::Plus };
        Some(Self::from_exact_integer(BigInt::from_biguint(sign, magnitude)))
    }
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn parse_exponent(text: &str) -> Option<i64> {
    let (negative, digits) = split_sign(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let magnitude: i64 = digits.parse().ok()?;
    Some(if negative { -magnitude } else { magnitude })
}
