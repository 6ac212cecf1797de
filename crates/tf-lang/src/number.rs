//! The number of Terraform's language.
//!
//! Terraform keeps a number as `cty` does: in a binary float of Go's [`math/big.Float`], rounded to nearest
//! even. A literal, or a string read as a number, has 512 bits of precision; a whole number that a function
//! counted has 64; what came out of a machine float (`pow`, `log`) has 53. The precision belongs to the number:
//! it decides how results are rounded and how many digits are shown (`pow(2, 60)` shows as
//! `1152921504606847000`), so it is kept here beside the value.
//!
//! Small whole numbers are held as an `i64`; all others as sign, odd mantissa and binary exponent. There are two
//! infinities, and an operation that has no answer (infinity less infinity) answers `None`, where Go panics.
//!
//! Go's exponents have 32 bits, and so its numbers may have 600 million digits. Ours have 21 bits: what has more
//! than 315,000 digits is infinite, and what begins after as many zeros is zero. So no number, and no operation,
//! takes more than a megabyte.
//!
//! [`math/big.Float`]: https://pkg.go.dev/math/big#Float

mod decimal;
mod machine;
mod parts;
mod read;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use decimal::Decimal;
use parts::Parts;

/// Bits of precision of a number that was written down in decimal.
const DECIMAL_PRECISION: u32 = 512;
/// Bits of precision of a number that was counted by the machine.
const INTEGER_PRECISION: u32 = 64;
/// Bits of precision of a number that was a machine float.
const FLOAT_PRECISION: u32 = f64::MANTISSA_DIGITS;

/// Magnitudes of finite numbers stay below two to this power, and above two to its negative.
const MAX_EXPONENT: i64 = 1 << 20;

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
    /// An infinity and whether it is negative.
    Infinite(u32, bool),
}

/// The exact value of a number.
enum Extent {
    Finite(Parts),
    Infinite { negative: bool },
}

impl Number {
    /// The whole number 0.
    pub const ZERO: Self = Self(Repr::Small(INTEGER_PRECISION, 0));
    /// The whole number 1.
    pub const ONE: Self = Self(Repr::Small(INTEGER_PRECISION, 1));

    fn small(precision: u32, value: i64) -> Self {
        Self(Repr::Small(precision, value))
    }

    const fn infinite(precision: u32, negative: bool) -> Self {
        Self(Repr::Infinite(precision, negative))
    }

    /// An infinity that was not calculated from other numbers. As in cty it has a precision of zero.
    pub const fn infinity(negative: bool) -> Self {
        Self::infinite(0, negative)
    }

    /// The number of the given parts rounded to the given precision.
    fn new(precision: u32, parts: Parts) -> Self {
        let mut parts = parts.rounded(precision);
        if !parts.is_zero() && parts.magnitude() > MAX_EXPONENT {
            return Self::infinite(precision, parts.negative);
        }
        if !parts.is_zero() && parts.magnitude() < -MAX_EXPONENT {
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
            Repr::Small(precision, _)
            | Repr::NegativeZero(precision)
            | Repr::Big(precision, _)
            | Repr::Infinite(precision, _) => precision,
        }
    }

    fn extent(&self) -> Extent {
        Extent::Finite(match &self.0 {
            Repr::Small(_, value) => Parts::new(*value < 0, value.unsigned_abs().into(), 0),
            Repr::NegativeZero(_) => Parts::zero(true),
            Repr::Big(_, parts) => Parts::clone(parts),
            Repr::Infinite(_, negative) => return Extent::Infinite { negative: *negative },
        })
    }

    /// Both values, if they are small and whole numbers of their common precision cannot be rounded.
    fn small_pair(&self, other: &Self) -> Option<(u32, i64, i64)> {
        match (&self.0, &other.0) {
            (&Repr::Small(p, a), &Repr::Small(q, b)) if p.max(q) >= 64 => Some((p.max(q), a, b)),
            _ => None,
        }
    }
    /// The value, if it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        match self.0 {
            Repr::Small(_, value) => Some(value),
            Repr::NegativeZero(_) => Some(0),
            Repr::Big(..) | Repr::Infinite(..) => None,
        }
    }

    /// Whether the number has no fraction. An infinity is not whole.
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Small(..) | Repr::NegativeZero(_) => true,
            Repr::Big(_, parts) => parts.is_integer(),
            Repr::Infinite(..) => false,
        }
    }

    /// Whether it is one of the infinities.
    pub fn is_infinite(&self) -> bool {
        matches!(self.0, Repr::Infinite(..))
    }

    /// The sum; `None` of opposing infinities.
    pub fn add(&self, other: &Self) -> Option<Self> {
        if let Some((precision, a, b)) = self.small_pair(other)
            && let Some(sum) = a.checked_add(b)
        {
            return Some(Self::small(precision, sum));
        }
        let precision = self.precision().max(other.precision());
        match (self.extent(), other.extent()) {
            (Extent::Finite(a), Extent::Finite(b)) => Some(Self::new(precision, a.sum(&b))),
            (Extent::Infinite { negative: a }, Extent::Infinite { negative: b }) if a != b => None,
            (Extent::Infinite { negative }, _) | (_, Extent::Infinite { negative }) => {
                Some(Self::infinite(precision, negative))
            }
        }
    }

    /// The difference; `None` of an infinity and itself.
    pub fn sub(&self, other: &Self) -> Option<Self> {
        if let Some((precision, a, b)) = self.small_pair(other)
            && let Some(difference) = a.checked_sub(b)
        {
            return Some(Self::small(precision, difference));
        }
        self.add(&other.neg())
    }

    /// The product; `None` of zero and an infinity. It gets the precision it needs, up to that of a literal.
    pub fn mul(&self, other: &Self) -> Option<Self> {
        if let Some((precision, a, b)) = self.small_pair(other)
            && let Some(product) = a.checked_mul(b)
            && product != 0
        {
            return Some(Self::small(precision, product));
        }
        let precision = self.precision().max(other.precision());
        let (Extent::Finite(a), Extent::Finite(b)) = (self.extent(), other.extent()) else {
            return match self.signum() * other.signum() {
                0 => None,
                sign => Some(Self::infinite(precision, sign < 0)),
            };
        };
        let product = a.product(&b).rounded(DECIMAL_PRECISION);
        let needed = u32::try_from(product.bits()).unwrap_or(DECIMAL_PRECISION);
        Some(Self::new(precision.max(needed), product))
    }

    /// The quotient, which is infinite where only `other` is zero; `None` of two zeros or two infinities.
    pub fn div(&self, other: &Self) -> Option<Self> {
        if let Some((precision, a, b)) = self.small_pair(other)
            && a != 0
            && a.checked_rem(b) == Some(0)
        {
            return Some(Self::small(precision, a / b));
        }
        let precision = self.precision().max(other.precision());
        let negative = self.is_negative() != other.is_negative();
        match (self.extent(), other.extent()) {
            (Extent::Infinite { .. }, Extent::Infinite { .. }) => None,
            (Extent::Infinite { .. }, _) => Some(Self::infinite(precision, negative)),
            (_, Extent::Infinite { .. }) => Some(Self::new(precision, Parts::zero(negative))),
            (Extent::Finite(a), Extent::Finite(b)) => match a.quotient(&b, precision) {
                Some(quotient) => Some(Self::new(precision, quotient)),
                None if a.is_zero() => None,
                None => Some(Self::infinite(precision, negative)),
            },
        }
    }

    /// The remainder of the division rounded toward zero. As in cty that of a division by zero is the dividend, and
    /// there is none where an infinity was calculated, but one that was not makes the remainder infinite.
    pub fn rem(&self, other: &Self) -> Option<Self> {
        if let Some((_, a, b)) = self.small_pair(other)
            && self.precision() >= 64
            && a != 0
            && let Some(rest) = a.checked_rem(b)
        {
            return Some(Self::small(self.precision(), rest));
        }
        let given = |number: &Self| number.is_infinite() && number.precision() == 0;
        if given(self) || given(other) {
            return self.mul(other);
        }
        if other.signum() == 0 {
            return Some(self.clone());
        }
        let (Extent::Finite(dividend), Extent::Finite(divisor)) = (self.extent(), other.extent()) else {
            return None;
        };
        let precision = self.precision();
        let (quotient, _) = dividend
            .quotient(&divisor, precision.max(other.precision()))?
            .truncated();
        let covered = divisor
            .product(&Parts::from_integer(quotient).rounded(precision))
            .rounded(precision);
        Some(Self::new(precision, dividend.sum(&covered.negated())))
    }

    /// Whether it has a minus sign, which zero may have too.
    fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Small(_, value) => *value < 0,
            Repr::NegativeZero(_) => true,
            Repr::Big(_, parts) => parts.negative,
            Repr::Infinite(_, negative) => *negative,
        }
    }

    /// The number with the opposite sign. Zero has one too, and it is shown.
    pub fn neg(&self) -> Self {
        match self.0 {
            Repr::Small(precision, 0) => Self(Repr::NegativeZero(precision)),
            Repr::Small(precision, value) if value != i64::MIN => Self::small(precision, -value),
            _ => match self.extent() {
                Extent::Finite(parts) => Self::new(self.precision(), parts.negated()),
                Extent::Infinite { negative } => Self::infinite(self.precision(), !negative),
            },
        }
    }

    /// The magnitude.
    pub fn abs(&self) -> Self {
        match self.is_negative() {
            true => self.neg(),
            false => self.clone(),
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

    /// -1, 0 or 1.
    pub fn signum(&self) -> i32 {
        match &self.0 {
            Repr::Small(_, value) => value.signum() as i32,
            Repr::NegativeZero(_) => 0,
            Repr::Big(_, parts) => parts.signum(),
            Repr::Infinite(_, negative) => {
                if *negative {
                    -1
                } else {
                    1
                }
            }
        }
    }

    /// Orders by exact value, as the language's `<` and `>` do; its `<=` is `<` or `==`.
    ///
    /// It is not quite the order of [`Ord`]: a number that came from a machine float can be shown like another,
    /// and so equal it, without having its exact value.
    pub fn compare(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Small(_, a), Repr::Small(_, b)) => a.cmp(b),
            _ => match (self.extent(), other.extent()) {
                (Extent::Finite(a), Extent::Finite(b)) => a.compare(&b),
                (Extent::Infinite { negative: a }, Extent::Infinite { negative: b }) => b.cmp(&a),
                (Extent::Infinite { .. }, _) => self.signum().cmp(&0),
                (_, Extent::Infinite { .. }) => 0.cmp(&other.signum()),
            },
        }
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
        if self.is_integer() || other.is_integer() || self.signum() != other.signum() {
            return exact;
        }
        let (Extent::Finite(a), Extent::Finite(b)) = (self.extent(), other.extent()) else {
            return exact;
        };
        let same_precision = self.precision() == other.precision();
        let lower_precision = self.precision().min(other.precision());
        if !a.is_near(&b, lower_precision) || exact.is_eq() && same_precision {
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
            Repr::Infinite(_, negative) => negative.hash(state),
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
