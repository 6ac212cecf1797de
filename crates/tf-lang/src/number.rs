//! The number of Terraform's language.
//!
//! Terraform keeps a number as `cty` does: in a binary float of Go's [`math/big.Float`], rounded to nearest
//! even. A literal, or a string read as a number, has 512 bits of precision; a whole number that a function
//! counted has 64; what came out of a machine float (`pow`, `log`) has 53. The precision belongs to the number:
//! it decides how results are rounded and how many digits are shown (`pow(2, 60)` shows as
//! `1152921504606847000`), so it is kept here beside the value.
//!
//! Small whole numbers are held as an `i64`; all others as sign, odd mantissa and binary exponent. There are no
//! infinities: an operation that would give one answers `None`, or the largest number of its sign.
//!
//! [`math/big.Float`]: https://pkg.go.dev/math/big#Float

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use num_traits::{One, ToPrimitive, Zero};

/// Bits of precision of a number that was written down in decimal.
const DECIMAL_PRECISION: u32 = 512;
/// Bits of precision of a number that was counted by the machine.
const INTEGER_PRECISION: u32 = 64;
/// Bits of precision of a number that was a machine float.
const FLOAT_PRECISION: u32 = f64::MANTISSA_DIGITS;

/// Magnitudes stay below two to this power, and above two to its negative.
const MAX_EXPONENT: i64 = 1 << 20;
/// The greatest decimal exponent a literal may have, positive or negative.
const MAX_LITERAL_EXPONENT: i64 = 100_000;

/// A number of Terraform's language, with the precision it was made with.
///
/// `==` is the language's equality: whole numbers are equal by value, others if they are shown alike. The order
/// agrees with it. [`Number::compare`] is the order of the exact values, which is what `<` means in the language.
#[derive(Clone)]
pub struct Number(Repr);

/// Zero is never `Big`, and neither is a whole number that fits an `i64`.
#[derive(Clone)]
enum Repr {
    Small(u32, i64),
    NegativeZero(u32),
    Big(u32, Arc<Parts>),
}

/// An exact binary number: `mantissa * 2^exponent`, the mantissa odd, or zero with exponent zero.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Parts {
    negative: bool,
    mantissa: BigUint,
    exponent: i64,
}

impl Parts {
    fn new(negative: bool, mantissa: BigUint, exponent: i64) -> Self {
        match mantissa.trailing_zeros() {
            None => Self {
                negative,
                mantissa,
                exponent: 0,
            },
            Some(0) => Self {
                negative,
                mantissa,
                exponent,
            },
            Some(zeros) => Self {
                negative,
                mantissa: mantissa >> zeros,
                exponent: exponent + zeros as i64,
            },
        }
    }

    fn zero(negative: bool) -> Self {
        Self {
            negative,
            mantissa: BigUint::ZERO,
            exponent: 0,
        }
    }

    fn from_integer(value: BigInt) -> Self {
        let (sign, mantissa) = value.into_parts();
        Self::new(sign == Sign::Minus, mantissa, 0)
    }

    fn is_zero(&self) -> bool {
        self.mantissa.is_zero()
    }

    fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    fn bits(&self) -> i64 {
        self.mantissa.bits() as i64
    }

    /// The exponent of the least power of two that is greater than the magnitude, which is not zero.
    fn magnitude(&self) -> i64 {
        self.bits() + self.exponent
    }

    fn rounded(self, precision: u32) -> Self {
        let excess = self.bits() - i64::from(precision);
        if excess <= 0 {
            return self;
        }
        let excess = excess as u64;
        let mut mantissa = &self.mantissa >> excess;
        // The mantissa being odd, it lies exactly half way only if no more than its lowest bit is dropped.
        if self.mantissa.bit(excess - 1) && (excess > 1 || mantissa.is_odd()) {
            mantissa += 1u32;
        }
        Self::new(self.negative, mantissa, self.exponent + excess as i64)
    }

    fn negated(&self) -> Self {
        Self {
            negative: !self.negative,
            ..self.clone()
        }
    }

    /// The mantissa brought to a lower exponent.
    fn mantissa_at(&self, exponent: i64) -> BigUint {
        &self.mantissa << (self.exponent - exponent).max(0) as u64
    }

    /// The exact sum. Of two zeros it is negative only if both are.
    fn sum(&self, other: &Self) -> Self {
        let exponent = self.exponent.min(other.exponent);
        let (a, b) = (self.mantissa_at(exponent), other.mantissa_at(exponent));
        if self.negative == other.negative {
            return Self::new(self.negative, a + b, exponent);
        }
        match a.cmp(&b) {
            Ordering::Equal => Self::zero(false),
            Ordering::Greater => Self::new(self.negative, a - b, exponent),
            Ordering::Less => Self::new(other.negative, b - a, exponent),
        }
    }

    fn product(&self, other: &Self) -> Self {
        Self::new(
            self.negative != other.negative,
            &self.mantissa * &other.mantissa,
            self.exponent + other.exponent,
        )
    }

    /// The quotient, correctly rounded; `None` if `other` is zero.
    fn quotient(&self, other: &Self, precision: u32) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        let negative = self.negative != other.negative;
        let shift = (i64::from(precision) + 2 - self.bits() + other.bits()).max(0);
        let (quotient, rest) = (&self.mantissa << shift as u64).div_rem(&other.mantissa);
        let exponent = self.exponent - other.exponent - shift;
        // A one below the two guard bits stands for the remainder.
        let exact = if rest.is_zero() {
            Self::new(negative, quotient, exponent)
        } else {
            Self::new(negative, (quotient << 1u32) + 1u32, exponent - 1)
        };
        Some(exact.rounded(precision))
    }

    /// The whole part and whether anything was cut off.
    fn truncated(&self) -> (BigInt, bool) {
        let (mantissa, inexact) = if self.is_integer() {
            (self.mantissa_at(0), false)
        } else {
            (&self.mantissa >> self.exponent.unsigned_abs(), true)
        };
        let sign = if self.negative { Sign::Minus } else { Sign::Plus };
        (BigInt::from_biguint(sign, mantissa), inexact)
    }

    fn signum(&self) -> i32 {
        match (self.is_zero(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match self.signum() {
            sign if sign != other.signum() => sign.cmp(&other.signum()),
            0 => Ordering::Equal,
            1 => self.compare_magnitude(other),
            _ => other.compare_magnitude(self),
        }
    }

    fn compare_magnitude(&self, other: &Self) -> Ordering {
        self.magnitude().cmp(&other.magnitude()).then_with(|| {
            let exponent = self.exponent.min(other.exponent);
            self.mantissa_at(exponent).cmp(&other.mantissa_at(exponent))
        })
    }

    /// Five to the given power, rounded at each step as Go does it.
    fn power_of_five(mut power: u64, precision: u32) -> Self {
        const EXACT: u64 = 27;
        let start = power.min(EXACT);
        power -= start;
        let mut result = Self::new(false, BigUint::from(5u32).pow(start as u32), 0);
        let mut square = Self::new(false, BigUint::from(5u32), 0);
        while power > 0 {
            if power.is_odd() {
                result = result.product(&square).rounded(precision);
            }
            square = square.product(&square).rounded(precision + 64);
            power >>= 1;
        }
        result
    }
}

impl Number {
    /// The whole number 0.
    pub const ZERO: Self = Self(Repr::Small(INTEGER_PRECISION, 0));
    /// The whole number 1.
    pub const ONE: Self = Self(Repr::Small(INTEGER_PRECISION, 1));

    fn small(precision: u32, value: i64) -> Self {
        Self(Repr::Small(precision, value))
    }

    /// The number of the given parts rounded to the given precision.
    fn new(precision: u32, parts: Parts) -> Self {
        let mut parts = parts.rounded(precision);
        if !parts.is_zero() && parts.magnitude() > MAX_EXPONENT {
            parts.mantissa = (BigUint::one() << precision) - 1u32;
            parts.exponent = MAX_EXPONENT - i64::from(precision);
        } else if !parts.is_zero() && parts.magnitude() < -MAX_EXPONENT {
            parts = Parts::zero(parts.negative);
        }
        if parts.is_zero() {
            return if parts.negative {
                Self(Repr::NegativeZero(precision))
            } else {
                Self::small(precision, 0)
            };
        }
        if parts.is_integer() && parts.magnitude() <= 64 {
            let whole = parts.mantissa.to_i128().map(|m| m << parts.exponent);
            let signed = whole.map(|m| if parts.negative { -m } else { m });
            if let Some(value) = signed.and_then(|m| i64::try_from(m).ok()) {
                return Self::small(precision, value);
            }
        }
        Self(Repr::Big(precision, Arc::new(parts)))
    }

    /// The whole number rounded to the given precision.
    fn from_integer(precision: u32, value: BigInt) -> Self {
        Self::new(precision, Parts::from_integer(value))
    }

    /// The whole number with just the precision it needs, but no less than a counted number has.
    fn from_exact_integer(value: BigInt) -> Self {
        let precision = u32::try_from(value.bits())
            .unwrap_or(u32::MAX)
            .max(INTEGER_PRECISION);
        Self::from_integer(precision, value)
    }

    fn precision(&self) -> u32 {
        match self.0 {
            Repr::Small(precision, _) | Repr::NegativeZero(precision) | Repr::Big(precision, _) => precision,
        }
    }

    fn parts(&self) -> Parts {
        match &self.0 {
            Repr::Small(_, value) => Parts::new(*value < 0, value.unsigned_abs().into(), 0),
            Repr::NegativeZero(_) => Parts::zero(true),
            Repr::Big(_, parts) => Parts::clone(parts),
        }
    }

    /// Both values, if they are small and whole numbers of their common precision cannot be rounded.
    fn small_pair(&self, other: &Self) -> Option<(u32, i64, i64)> {
        match (&self.0, &other.0) {
            (&Repr::Small(p, a), &Repr::Small(q, b)) if p.max(q) >= 64 => Some((p.max(q), a, b)),
            _ => None,
        }
    }

    /// Reads a decimal number: an optional sign, digits with an optional point among them, an optional exponent
    /// (`e`, or `p` for a power of two).
    ///
    /// Infinities are refused, and so are exponents beyond a hundred thousand.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = split_sign(text);
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
        let power_of_two = scale + power;
        let power_of_five = if is_binary { scale } else { scale + power };
        let mantissa = BigUint::parse_bytes([whole, fraction].concat().as_bytes(), 10)?;
        let parts = Parts::new(negative, mantissa, power_of_two);
        if parts.is_zero() {
            return Some(Self::new(DECIMAL_PRECISION, parts));
        }
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

    /// The value of a machine float; `None` for NaN and the infinities.
    pub fn from_f64(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        let bits = value.to_bits();
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, exponent) = match (bits >> 52) & 0x7ff {
            0 => (fraction, -1074),
            biased => (fraction | 1 << 52, biased as i64 - 1075),
        };
        Some(Self::new(
            FLOAT_PRECISION,
            Parts::new(value.is_sign_negative(), mantissa.into(), exponent),
        ))
    }

    /// The nearest machine float, an infinity if the number is too great for one.
    pub fn to_f64(&self) -> f64 {
        let parts = match &self.0 {
            Repr::Small(_, value) => return *value as f64,
            Repr::NegativeZero(_) => return -0.0,
            Repr::Big(_, parts) => parts,
        };
        let sign = if parts.negative { -1.0 } else { 1.0 };
        // Below the normal range one bit of precision is lost for each power of two.
        let precision = (parts.magnitude() + 1074).min(i64::from(FLOAT_PRECISION));
        if precision < 0 {
            return sign * 0.0;
        }
        if precision == 0 {
            let above_half = !parts.mantissa.is_one();
            return sign * if above_half { f64::from_bits(1) } else { 0.0 };
        }
        let rounded = Parts::clone(parts).rounded(precision as u32);
        if rounded.magnitude() > 1024 {
            return sign * f64::INFINITY;
        }
        let mantissa = rounded.mantissa.to_u64().unwrap_or(0) as f64;
        // Scaled in two steps, as the power itself may be out of range where the result is not.
        let half = (rounded.exponent / 2) as i32;
        sign * mantissa * 2f64.powi(half) * 2f64.powi(rounded.exponent as i32 - half)
    }

    /// The value, if it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        match self.0 {
            Repr::Small(_, value) => Some(value),
            Repr::NegativeZero(_) => Some(0),
            Repr::Big(..) => None,
        }
    }

    /// Whether the number has no fraction.
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Small(..) | Repr::NegativeZero(_) => true,
            Repr::Big(_, parts) => parts.is_integer(),
        }
    }

    /// The sum.
    pub fn add(&self, other: &Self) -> Self {
        if let Some((precision, a, b)) = self.small_pair(other)
            && let Some(sum) = a.checked_add(b)
        {
            return Self::small(precision, sum);
        }
        Self::new(
            self.precision().max(other.precision()),
            self.parts().sum(&other.parts()),
        )
    }

    /// The difference.
    pub fn sub(&self, other: &Self) -> Self {
        if let Some((precision, a, b)) = self.small_pair(other)
            && let Some(difference) = a.checked_sub(b)
        {
            return Self::small(precision, difference);
        }
        Self::new(
            self.precision().max(other.precision()),
            self.parts().sum(&other.parts().negated()),
        )
    }

    /// The product. It gets the precision it needs, up to that of a literal.
    pub fn mul(&self, other: &Self) -> Self {
        if let Some((precision, a, b)) = self.small_pair(other)
            && let Some(product) = a.checked_mul(b)
            && product != 0
        {
            return Self::small(precision, product);
        }
        let product = self.parts().product(&other.parts()).rounded(DECIMAL_PRECISION);
        let needed = u32::try_from(product.bits()).unwrap_or(DECIMAL_PRECISION);
        Self::new(self.precision().max(other.precision()).max(needed), product)
    }

    /// The quotient; `None` if `other` is zero.
    pub fn div(&self, other: &Self) -> Option<Self> {
        if let Some((precision, a, b)) = self.small_pair(other)
            && a != 0
            && a.checked_rem(b) == Some(0)
        {
            return Some(Self::small(precision, a / b));
        }
        let precision = self.precision().max(other.precision());
        Some(Self::new(
            precision,
            self.parts().quotient(&other.parts(), precision)?,
        ))
    }

    /// The remainder of the division rounded toward zero; `None` if `other` is zero, where the language's `%`
    /// gives the dividend back.
    pub fn rem(&self, other: &Self) -> Option<Self> {
        if let Some((_, a, b)) = self.small_pair(other)
            && self.precision() >= 64
            && a != 0
            && let Some(rest) = a.checked_rem(b)
        {
            return Some(Self::small(self.precision(), rest));
        }
        let precision = self.precision();
        let (dividend, divisor) = (self.parts(), other.parts());
        let (quotient, _) = dividend
            .quotient(&divisor, precision.max(other.precision()))?
            .truncated();
        let covered = divisor
            .product(&Parts::from_integer(quotient).rounded(precision))
            .rounded(precision);
        Some(Self::new(precision, dividend.sum(&covered.negated())))
    }

    /// The number with the opposite sign. Zero has one too, and it is shown.
    pub fn neg(&self) -> Self {
        match self.0 {
            Repr::Small(precision, 0) => Self(Repr::NegativeZero(precision)),
            Repr::Small(precision, value) if value != i64::MIN => Self::small(precision, -value),
            _ => Self::new(self.precision(), self.parts().negated()),
        }
    }

    /// The magnitude.
    pub fn abs(&self) -> Self {
        match self.0 {
            Repr::Small(precision, value) if value != i64::MIN => Self::small(precision, value.abs()),
            _ => Self::new(
                self.precision(),
                Parts {
                    negative: false,
                    ..self.parts()
                },
            ),
        }
    }

    /// The greatest whole number that is not greater.
    pub fn floor(&self) -> Self {
        self.to_whole(true)
    }

    /// The least whole number that is not less.
    pub fn ceil(&self) -> Self {
        self.to_whole(false)
    }

    fn to_whole(&self, down: bool) -> Self {
        match &self.0 {
            Repr::NegativeZero(precision) => Self::small(*precision, 0),
            Repr::Big(precision, parts) if !parts.is_integer() => {
                let (truncated, _) = parts.truncated();
                let step = match (down, parts.negative) {
                    (true, true) => -1,
                    (false, false) => 1,
                    _ => 0,
                };
                Self::from_integer(*precision, truncated + step)
            }
            _ => self.clone(),
        }
    }

    /// The number without its fraction.
    pub fn trunc(&self) -> Self {
        match &self.0 {
            Repr::Big(_, parts) if !parts.is_integer() => Self::from_exact_integer(parts.truncated().0),
            _ => self.clone(),
        }
    }

    /// -1, 0 or 1.
    pub fn signum(&self) -> i32 {
        match &self.0 {
            Repr::Small(_, value) => value.signum() as i32,
            Repr::NegativeZero(_) => 0,
            Repr::Big(_, parts) => parts.signum(),
        }
    }

    /// Orders by exact value, as the language's `<` and `>` do; its `<=` is `<` or `==`.
    ///
    /// It is not quite the order of [`Ord`]: a number that came from a machine float can be shown like another,
    /// and so equal it, without having its exact value.
    pub fn compare(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Small(_, a), Repr::Small(_, b)) => a.cmp(b),
            _ => self.parts().compare(&other.parts()),
        }
    }

    /// The digits of a whole number in a radix of 2 to 36.
    pub fn to_string_radix(&self, radix: u32) -> Option<String> {
        if !(2..=36).contains(&radix) {
            return None;
        }
        match self.parts().truncated() {
            (_, true) => None,
            (whole, false) => Some(whole.to_str_radix(radix)),
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
        let parts = self.parts();
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
        let parts = self.parts();
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
        let parts = self.parts();
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

    /// Whether the two are so near to each other that they may be shown alike.
    fn is_near(&self, other: &Self) -> bool {
        let (a, b) = (self.parts(), other.parts());
        let difference = a.sum(&b.negated());
        let precision = i64::from(self.precision().min(other.precision()));
        difference.is_zero() || difference.magnitude() <= a.magnitude().max(b.magnitude()) - precision + 2
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
    let magnitude = digits
        .parse::<i64>()
        .ok()
        .filter(|power| *power <= MAX_LITERAL_EXPONENT)?;
    Some(if negative { -magnitude } else { magnitude })
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
struct Decimal {
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    /// At least `limit` digits of `mantissa * 2^exponent`, or all there are.
    fn new(mantissa: &BigUint, exponent: i64, limit: i64) -> Self {
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
    fn rounded(parts: &Parts, digits: i64) -> Self {
        let mut decimal = Self::new(&parts.mantissa, parts.exponent, digits.saturating_add(1));
        decimal.round(digits);
        decimal
    }

    /// The fewest digits that only this number is nearest to, among the numbers of the given precision.
    ///
    /// As in Go, half the distance to the next number is taken on both sides, even below a power of two, where the
    /// next number is nearer.
    fn shortest(parts: &Parts, precision: u32) -> Self {
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

    fn compare(&self, other: &Self) -> Ordering {
        self.exponent
            .cmp(&other.exponent)
            .then_with(|| self.digits.cmp(&other.digits))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.format_f(None))
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Number({self})")
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let exact = self.compare(other);
        if self.is_integer() || other.is_integer() || self.signum() != other.signum() || !self.is_near(other)
        {
            return exact;
        }
        let (a, b) = (self.parts(), other.parts());
        if exact.is_eq() && self.precision() == other.precision() {
            return exact;
        }
        let (shown, other_shown) = (
            Decimal::shortest(&a, self.precision()),
            Decimal::shortest(&b, other.precision()),
        );
        if a.negative {
            other_shown.compare(&shown)
        } else {
            shown.compare(&other_shown)
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Repr::Small(_, value) => value.hash(state),
            Repr::NegativeZero(_) => 0i64.hash(state),
            Repr::Big(_, parts) if parts.is_integer() => parts.hash(state),
            Repr::Big(..) => self.format_f(None).hash(state),
        }
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self::small(INTEGER_PRECISION, value)
    }
}

impl From<i32> for Number {
    fn from(value: i32) -> Self {
        Self::from(i64::from(value))
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        match i64::try_from(value) {
            Ok(value) => Self::from(value),
            Err(_) => Self::from_exact_integer(value.into()),
        }
    }
}

impl From<usize> for Number {
    fn from(value: usize) -> Self {
        Self::from(value as u64)
    }
}

/// Stored as its decimal text, which reads back to the same number.
impl serde::Serialize for Number {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Number {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Number, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Number::parse(&text).ok_or_else(|| serde::de::Error::custom("not a number"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    fn float(value: f64) -> Number {
        Number::from_f64(value).unwrap()
    }

    // What is expected here is what `terraform console` 1.11.4 prints.

    #[test]
    fn shows_the_digits_that_its_precision_needs() {
        assert_eq!(number("0.1").add(&number("0.2")).to_string(), "0.3");
        let third = format!("0.{}5", "3".repeat(154));
        assert_eq!(number("1").div(&number("3")).unwrap().to_string(), third);
        assert_eq!(number("1").div(&3.into()).unwrap().to_string(), third);
        assert_eq!(
            Number::ONE.div(&3.into()).unwrap().to_string(),
            "0.33333333333333333334"
        );
        assert_eq!(float(2f64.powi(60)).to_string(), "1152921504606847000");
        assert_eq!(float(2f64.sqrt()).to_string(), "1.4142135623730951");
        assert_eq!(float(0.1).add(&number("0")).to_string(), format!("{:.55}", 0.1));
        assert_eq!(number("1e30").to_string(), format!("1{}", "0".repeat(30)));
        assert_eq!(number("1e100000").to_string().len(), 100_001);
        assert_eq!(number("-1e-400").to_string(), format!("-0.{}1", "0".repeat(399)));
    }

    #[test]
    fn reads_decimal_numbers() {
        let read = |text| Number::parse(text).map(|number| number.to_string());
        for (text, shown) in [
            ("007", "7"),
            ("+5", "5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1.e5", "100000"),
            ("1E-03", "0.001"),
            ("1p5", "32"),
            ("-0", "-0"),
            ("0e5", "0"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("9223372036854775808", "9223372036854775808"),
        ] {
            assert_eq!(read(text).as_deref(), Some(shown), "{text}");
        }
        for text in [
            "", ".", "-", "e5", "1e", "1e+", "--1", "1 ", "0x1", "1_0", "1e1.5", "Inf", "1,5", "\u{661}",
            "1e100001",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn reads_and_shows_other_radices() {
        let read = |text: &str, radix| Number::from_str_radix(text, radix).map(|number| number.to_string());
        assert_eq!(read("-FfF", 16).as_deref(), Some("-4095"));
        assert_eq!(read("aA", 62).as_deref(), Some("656"));
        assert_eq!(
            read(&"f".repeat(32), 16).as_deref(),
            Some("340282366920938463463374607431768211455")
        );
        for (text, radix) in [
            ("", 10),
            ("-", 10),
            ("2", 2),
            ("1.0", 10),
            ("a_a", 36),
            ("0", 1),
            ("0", 63),
        ] {
            assert_eq!(read(text, radix), None, "{text}");
        }
        assert_eq!(number("-255").to_string_radix(16).as_deref(), Some("-ff"));
        assert_eq!(
            number("18446744073709551616").to_string_radix(16).as_deref(),
            Some("10000000000000000")
        );
        assert_eq!(number("-0").to_string_radix(2).as_deref(), Some("0"));
        assert_eq!(number("1.5").to_string_radix(10), None);
    }

    #[test]
    fn calculates() {
        let rem = |a: &str, b: &str| number(a).rem(&number(b)).map(|rest| rest.to_string());
        assert_eq!(rem("-3.5", "2").as_deref(), Some("-1.5"));
        assert_eq!(rem("-7", "-4").as_deref(), Some("-3"));
        assert_eq!(rem("1e30", "7").as_deref(), Some("1"));
        assert_eq!(rem("1e300", "7").as_deref(), Some("0"));
        assert_eq!(rem("7", "0"), None);
        assert_eq!(
            float(4611686018427387904.0)
                .rem(&Number::from(-18))
                .unwrap()
                .to_string(),
            "0"
        );
        assert!(number("1").div(&number("-0")).is_none());
        assert_eq!(
            Number::from(i64::MAX).add(&Number::ONE).to_string(),
            "9223372036854775808"
        );
        assert_eq!(
            Number::from(i64::MIN).sub(&Number::ONE).to_string(),
            "-9223372036854775809"
        );
        assert_eq!(Number::from(i64::MIN).neg(), Number::from(1u64 << 63));
        assert_eq!(
            Number::from(i64::MIN).abs().sub(&Number::ONE).to_i64(),
            Some(i64::MAX)
        );
        assert_eq!(
            Number::from(u64::MAX).mul(&Number::from(u64::MAX)).to_string(),
            "340282366920938463426481119284349108225"
        );
        assert_eq!(number("0").mul(&number("-1")).to_string(), "-0");
        assert_eq!(number("0").neg().add(&number("0")).to_string(), "0");
        for (value, floor, ceil, trunc) in [
            ("-3.5", "-4", "-3", "-3"),
            ("3.5", "3", "4", "3"),
            ("-0.5", "-1", "0", "0"),
        ] {
            let value = number(value);
            assert_eq!(value.floor(), number(floor));
            assert_eq!(value.ceil(), number(ceil));
            assert_eq!(value.trunc(), number(trunc));
        }
        assert_eq!(
            [
                number("-2.5").signum(),
                number("-0").signum(),
                number("1e-50").signum()
            ],
            [-1, 0, 1]
        );
    }

    #[test]
    fn stays_finite_and_bounded() {
        let mut great = number("1e100000");
        let mut slight = number("1e-100000");
        for _ in 0..70 {
            great = great.mul(&great);
            slight = slight.mul(&slight);
        }
        assert!(great > number("1e100000"));
        assert_eq!(great.to_string().len(), 315_653);
        assert_eq!(great.neg().to_f64(), f64::NEG_INFINITY);
        assert_eq!(slight, Number::ZERO);
    }

    #[test]
    fn converts_machine_floats() {
        for value in [
            0.1,
            -1.5,
            5e-324,
            2.225073858507201e-308,
            1e-310,
            f64::MAX,
            f64::MIN,
            9007199254740993.0,
        ] {
            assert_eq!(float(value).to_f64(), value);
        }
        assert_eq!(number("2.5e-324").to_f64(), 5e-324);
        assert_eq!(number("2.4e-324").to_f64(), 0.0);
        assert_eq!(number("9007199254740993").to_f64(), 9007199254740992.0);
        assert_eq!(number("1.7976931348623159e308").to_f64(), f64::INFINITY);
        assert!(float(-0.0).to_f64().is_sign_negative());
        assert!(Number::from_f64(f64::NAN).is_none());
        assert!(Number::from_f64(f64::INFINITY).is_none());
    }

    #[test]
    fn formats_as_go_does() {
        assert_eq!(number("0.5").format_f(Some(0)), "0");
        assert_eq!(number("1.5").format_f(Some(0)), "2");
        assert_eq!(number("0.006").format_f(Some(2)), "0.01");
        assert_eq!(number("9.996").format_f(Some(2)), "10.00");
        assert_eq!(number("1e-30").format_f(Some(3)), "0.000");
        assert_eq!(number("-0").format_f(Some(3)), "-0.000");
        assert_eq!(
            number("1").div(&number("3")).unwrap().format_f(Some(10)),
            "0.3333333333"
        );
        assert_eq!(number("0.1").format_e(false, Some(6)), "1.000000e-01");
        assert_eq!(number("-0").format_e(true, Some(2)), "-0.00E+00");
        assert_eq!(number("948e-579").format_e(false, None), "9.48e-577");
        assert_eq!(number("100000").format_g(false, None), "100000");
        assert_eq!(number("1000000").format_g(false, None), "1e+06");
        assert_eq!(number("1234567").format_g(false, Some(10)), "1234567");
        assert_eq!(number("1234").format_g(true, Some(0)), "1E+03");
        assert_eq!(number("0.0001").format_g(false, None), "0.0001");
        assert_eq!(number("0").format_g(false, Some(3)), "0");
    }

    #[test]
    fn equality_is_of_what_is_shown_and_order_agrees() {
        let (literal, machine) = (number("0.1"), float(0.1));
        assert_eq!(literal, machine);
        assert_eq!(literal.cmp(&machine), Ordering::Equal);
        assert_eq!(literal.compare(&machine), Ordering::Less);
        let lengthened = machine.add(&number("0"));
        assert_ne!(machine, lengthened);
        assert_eq!(machine.compare(&lengthened), Ordering::Equal);
        assert!(machine < lengthened && literal < lengthened);
        let set: HashSet<Number> = [
            literal,
            machine,
            number("-0"),
            Number::ZERO,
            number("2.5"),
            number("25e-1"),
            number("1e30"),
            number("1e29").mul(&10.into()),
        ]
        .into();
        assert_eq!(set.len(), 4);
        let mut sorted = ["2", "-1e20", "0.5", "-0.5", "1e20", "0"].map(number);
        sorted.sort();
        assert_eq!(
            sorted.map(|number| number.format_g(false, None)),
            ["-1e+20", "-0.5", "0", "0.5", "2", "1e+20"]
        );
    }
}
