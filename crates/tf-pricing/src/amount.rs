//! Amounts that may be known between two ends only.

use std::ops::{Add, AddAssign};

use rust_decimal::Decimal;

/// A number, or between which two it lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Amount {
    /// The number, or the least that it may be.
    pub low: Decimal,
    /// The most that it may be; the same as `low` where it is known.
    pub high: Decimal,
}

impl Amount {
    /// A known amount.
    pub fn exactly(value: Decimal) -> Amount {
        Amount {
            low: value,
            high: value,
        }
    }

    /// The amount, where it is known.
    pub fn known(self) -> Option<Decimal> {
        (self.low == self.high).then_some(self.low)
    }
}

impl Add for Amount {
    type Output = Amount;

    fn add(self, other: Amount) -> Amount {
        Amount {
            low: self.low.saturating_add(other.low),
            high: self.high.saturating_add(other.high),
        }
    }
}

impl AddAssign for Amount {
    fn add_assign(&mut self, other: Amount) {
        *self = *self + other;
    }
}
