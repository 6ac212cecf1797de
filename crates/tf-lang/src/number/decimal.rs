//! Numbers in decimal, as Go's `math/big.Float` writes them.

use std::cmp::Ordering;
use std::fmt;

use num_bigint::BigUint;
use num_integer::Integer;
use num_traits::{One, Zero};

use super::parts::Parts;
use super::{Extent, Number, Repr};

impl Number {
    /// The digits of a whole number in a radix of 2 to 36.
    pub fn to_string_radix(&self, radix: u32) -> Option<String> {
        if !(2..=36).contains(&radix) {
            return None;
        }
        match self.extent() {
            Extent::Finite(parts) if parts.is_integer() => Some(parts.truncated().0.to_str_radix(radix)),
            _ => None,
        }
    }

    /// Without exponent, as Go's `Text('f', …)`: `None` for just the digits that tell the number from its
    /// neighbours.
    pub fn format_f(&self, decimals: Option<usize>) -> String {
        if decimals.is_none()
            && let Repr::Small(precision, value) = self.0
            && 64 - value.unsigned_abs().leading_zeros() <= precision
        {
            return value.to_string();
        }
        let parts = match self.extent() {
            Extent::Finite(parts) => parts,
            Extent::Infinite { negative } => return infinity(negative),
        };
        let decimal = match decimals {
            None => Decimal::shortest(&parts, self.precision()),
            Some(decimals) => {
                let whole_digits = if parts.is_zero() {
                    0
                } else {
                    decimal_digits(parts.magnitude())
                };
                let wanted = whole_digits.saturating_add(to_i64(decimals)).saturating_add(2);
                let mut decimal = Decimal::new(&parts.mantissa, parts.exponent, wanted.max(2));
                decimal.round(decimal.exponent.saturating_add(to_i64(decimals)));
                decimal
            }
        };
        let decimals = decimals.map_or_else(|| (decimal.len() - decimal.exponent).max(0), to_i64);
        decimal.fixed(parts.negative, decimals)
    }

    /// With exponent, as Go's `Text('e', …)` (`'E'` if `upper`): `None` as for [`Number::format_f`].
    pub fn format_e(&self, upper: bool, decimals: Option<usize>) -> String {
        let parts = match self.extent() {
            Extent::Finite(parts) => parts,
            Extent::Infinite { negative } => return infinity(negative),
        };
        let decimal = match decimals {
            None => Decimal::shortest(&parts, self.precision()),
            Some(decimals) => Decimal::rounded(&parts, to_i64(decimals).saturating_add(1)),
        };
        let decimals = decimals.map_or_else(|| decimal.len() - 1, to_i64);
        decimal.scientific(parts.negative, upper, decimals)
    }

    /// With exponent only where it is large, as Go's `Text('g', …)` (`'G'` if `upper`): `None` as for
    /// [`Number::format_f`].
    pub fn format_g(&self, upper: bool, sig: Option<usize>) -> String {
        let parts = match self.extent() {
            Extent::Finite(parts) => parts,
            Extent::Infinite { negative } => return infinity(negative),
        };
        let wanted = sig.map(|digits| to_i64(digits).max(1));
        let decimal = match wanted {
            None => Decimal::shortest(&parts, self.precision()),
            Some(digits) => Decimal::rounded(&parts, digits),
        };
        let digits = wanted.unwrap_or(decimal.len());
        let threshold = match wanted {
            None => 6,
            Some(digits) if digits > decimal.len() && decimal.len() >= decimal.exponent => decimal.len(),
            Some(digits) => digits,
        };
        let exponent = decimal.exponent - 1;
        if exponent < -4 || exponent >= threshold {
            return decimal.scientific(parts.negative, upper, digits.min(decimal.len()) - 1);
        }
        let digits = if digits > decimal.exponent {
            decimal.len()
        } else {
            digits
        };
        decimal.fixed(parts.negative, (digits - decimal.exponent).max(0))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.format_f(None))
    }
}

/// An infinity, whose sign is always written.
fn infinity(negative: bool) -> String {
    if negative { "-Inf" } else { "+Inf" }.to_owned()
}

fn to_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// How many decimal digits the whole part of a number just below two to the given power has; negative for zeros
/// after the point. A number of half its size may have one less.
fn decimal_digits(power_of_two: i64) -> i64 {
    // The logarithm of two to base ten.
    (power_of_two as f64 * std::f64::consts::LOG10_2).ceil() as i64
}

/// Decimal digits of a magnitude: `0.d₁d₂d₃… * 10^exponent`, without zeros at the end.
///
/// The digits may be cut off: then a one that follows them stands for all that was lost, so that rounding at an
/// earlier place comes out right.
pub(super) struct Decimal {
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    /// At least `limit` digits of `mantissa * 2^exponent`, or all there are.
    pub(super) fn new(mantissa: &BigUint, exponent: i64, limit: i64) -> Self {
        if mantissa.is_zero() {
            return Self {
                digits: Vec::new(),
                exponent: 0,
            };
        }
        let limit = limit.min(mantissa.bits() as i64 + exponent.abs() + 1);
        // Scaled by a power of ten to a whole number of about that many digits.
        let scale = limit - decimal_digits(mantissa.bits() as i64 + exponent) + 2;
        let five = BigUint::from(5u32).pow(u32::try_from(scale.unsigned_abs()).unwrap_or(u32::MAX));
        let shift = exponent + scale;
        let (mut numerator, mut denominator) = if scale >= 0 {
            (mantissa * five, BigUint::one())
        } else {
            (mantissa.clone(), five)
        };
        if shift >= 0 {
            numerator <<= shift as u64;
        } else {
            denominator <<= shift.unsigned_abs();
        }
        let (whole, rest) = numerator.div_rem(&denominator);
        let mut digits = whole.to_radix_be(10);
        let exponent = to_i64(digits.len()) - scale;
        if !rest.is_zero() {
            digits.push(1);
        }
        let mut decimal = Self { digits, exponent };
        decimal.trim();
        decimal
    }

    /// The number rounded to the given count of digits.
    pub(super) fn rounded(parts: &Parts, digits: i64) -> Self {
        let mut decimal = Self::new(&parts.mantissa, parts.exponent, digits.saturating_add(1));
        decimal.round(digits);
        decimal
    }

    /// The fewest digits that only this number is nearest to, among the numbers of the given precision.
    ///
    /// As in Go, half the distance to the next number is taken on both sides, even below a power of two, where the
    /// next number is nearer.
    pub(super) fn shortest(parts: &Parts, precision: u32) -> Self {
        let limit = decimal_digits(i64::from(precision)) + 3;
        let mut decimal = Self::new(&parts.mantissa, parts.exponent, limit);
        if decimal.digits.is_empty() {
            return decimal;
        }
        // The lowest bit of this mantissa is half of the last place.
        let shift = i64::from(precision) + 1 - parts.bits();
        let mantissa = &parts.mantissa << shift.max(0) as u64;
        let exponent = parts.exponent - shift;
        let lower = Self::new(&(&mantissa - 1u32), exponent, limit);
        let upper = Self::new(&(&mantissa + 1u32), exponent, limit);
        let inclusive = !mantissa.bit(1);
        for index in 0..decimal.len() {
            let (low, digit, high) = (lower.at(index), decimal.at(index), upper.at(index));
            let may_round_down = low != digit || inclusive && index + 1 == lower.len();
            let may_round_up = digit != high && (inclusive || digit + 1 < high || index + 1 < upper.len());
            match (may_round_down, may_round_up) {
                (true, true) => decimal.round(index + 1),
                (true, false) => decimal.round_down(index + 1),
                (false, true) => decimal.round_up(index + 1),
                (false, false) => continue,
            }
            break;
        }
        decimal
    }

    fn len(&self) -> i64 {
        to_i64(self.digits.len())
    }

    /// The digit at a place, zero outside of those there are.
    fn at(&self, index: i64) -> u8 {
        usize::try_from(index)
            .ok()
            .and_then(|index| self.digits.get(index))
            .copied()
            .unwrap_or(0)
    }

    fn trim(&mut self) {
        let zeros = self.digits.iter().rev().take_while(|digit| **digit == 0).count();
        self.digits.truncate(self.digits.len() - zeros);
        if self.digits.is_empty() {
            self.exponent = 0;
        }
    }

    /// Rounds to the given count of digits, half to even.
    fn round(&mut self, count: i64) {
        if !(0..self.len()).contains(&count) {
            return;
        }
        let is_half = self.at(count) == 5 && count + 1 == self.len();
        let up = if is_half {
            self.at(count - 1) % 2 == 1
        } else {
            self.at(count) >= 5
        };
        if up {
            self.round_up(count)
        } else {
            self.round_down(count)
        }
    }

    fn round_up(&mut self, count: i64) {
        self.digits.truncate(usize::try_from(count).unwrap_or(0));
        while self.digits.last() == Some(&9) {
            self.digits.pop();
        }
        match self.digits.last_mut() {
            Some(digit) => *digit += 1,
            None => {
                self.digits.push(1);
                self.exponent += 1;
            }
        }
    }

    fn round_down(&mut self, count: i64) {
        self.digits.truncate(usize::try_from(count).unwrap_or(0));
        self.trim();
    }

    fn push_digits(&self, text: &mut String, places: std::ops::Range<i64>) {
        text.extend(places.map(|index| char::from(b'0' + self.at(index))));
    }

    fn fixed(&self, negative: bool, decimals: i64) -> String {
        let mut text = String::from(if negative { "-" } else { "" });
        if self.exponent > 0 {
            self.push_digits(&mut text, 0..self.exponent);
        } else {
            text.push('0');
        }
        if decimals > 0 {
            text.push('.');
            self.push_digits(&mut text, self.exponent..self.exponent.saturating_add(decimals));
        }
        text
    }

    fn scientific(&self, negative: bool, upper: bool, decimals: i64) -> String {
        let mut text = String::from(if negative { "-" } else { "" });
        self.push_digits(&mut text, 0..1);
        if decimals > 0 {
            text.push('.');
            self.push_digits(&mut text, 1..decimals.saturating_add(1));
        }
        let exponent = if self.digits.is_empty() {
            0
        } else {
            self.exponent - 1
        };
        text.push(if upper { 'E' } else { 'e' });
        text.push(if exponent < 0 { '-' } else { '+' });
        text + &format!("{:02}", exponent.unsigned_abs())
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        self.exponent
            .cmp(&other.exponent)
            .then_with(|| self.digits.cmp(&other.digits))
    }
}
