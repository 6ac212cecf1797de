//! Numbers from and to machine floats.

use num_traits::{One, ToPrimitive};

use super::parts::Parts;
use super::{FLOAT_PRECISION, Number, Repr};

impl Number {
    /// The value of a machine float; `None` for NaN.
    pub fn from_f64(value: f64) -> Option<Self> {
        if value.is_nan() {
            return None;
        }
        if value.is_infinite() {
            return Some(Self::infinite(FLOAT_PRECISION, value.is_sign_negative()));
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
            Repr::Infinite(_, true) => return f64::NEG_INFINITY,
            Repr::Infinite(_, false) => return f64::INFINITY,
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
}
