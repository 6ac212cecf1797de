//! Exact binary numbers: what a finite [`Number`](super::Number) is made of.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use num_traits::Zero;

/// An exact binary number: `mantissa * 2^exponent`, the mantissa odd, or zero with exponent zero.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Parts {
    pub(super) negative: bool,
    pub(super) mantissa: BigUint,
    pub(super) exponent: i64,
}

impl Parts {
    pub(super) fn new(negative: bool, mantissa: BigUint, exponent: i64) -> Self {
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

    pub(super) fn zero(negative: bool) -> Self {
        Self {
            negative,
            mantissa: BigUint::ZERO,
            exponent: 0,
        }
    }

    pub(super) fn from_integer(value: BigInt) -> Self {
        let (sign, mantissa) = value.into_parts();
        Self::new(sign == Sign::Minus, mantissa, 0)
    }

    pub(super) fn is_zero(&self) -> bool {
        self.mantissa.is_zero()
    }

    pub(super) fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    pub(super) fn bits(&self) -> i64 {
        self.mantissa.bits() as i64
    }

    /// The exponent of the least power of two that is greater than the magnitude, which is not zero.
    pub(super) fn magnitude(&self) -> i64 {
        self.bits() + self.exponent
    }

    pub(super) fn rounded(self, precision: u32) -> Self {
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

    pub(super) fn negated(&self) -> Self {
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
    pub(super) fn sum(&self, other: &Self) -> Self {
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

    pub(super) fn product(&self, other: &Self) -> Self {
        Self::new(
            self.negative != other.negative,
            &self.mantissa * &other.mantissa,
            self.exponent + other.exponent,
        )
    }

    /// The quotient, correctly rounded; `None` if `other` is zero.
    pub(super) fn quotient(&self, other: &Self, precision: u32) -> Option<Self> {
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
    pub(super) fn truncated(&self) -> (BigInt, bool) {
        let (mantissa, inexact) = if self.is_integer() {
            (self.mantissa_at(0), false)
        } else {
            (&self.mantissa >> self.exponent.unsigned_abs(), true)
        };
        let sign = if self.negative { Sign::Minus } else { Sign::Plus };
        (BigInt::from_biguint(sign, mantissa), inexact)
    }

    pub(super) fn signum(&self) -> i32 {
        match (self.is_zero(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
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

    /// Whether the two are so near to each other that numbers of this precision may be shown alike.
    pub(super) fn is_near(&self, other: &Self, precision: u32) -> bool {
        let difference = self.sum(&other.negated());
        let magnitude = self.magnitude().max(other.magnitude());
        difference.is_zero() || difference.magnitude() <= magnitude - i64::from(precision) + 2
    }

    /// Five to the given power, rounded at each step as Go does it.
    pub(super) fn power_of_five(mut power: u64, precision: u32) -> Self {
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
