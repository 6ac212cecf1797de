//! Money and quantities as people read them.

use rust_decimal::{Decimal, RoundingStrategy};

/// Dollars and cents with separators of thousands: `1,234.50`.
pub fn dollars(amount: Decimal) -> String {
    let rounded = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    let text = format!("{rounded:.2}");
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    format!("{}.{cents}", thousands(whole))
}

/// A sum, or between which two it lies.
pub fn range(low: Decimal, high: Option<Decimal>) -> String {
    match high {
        Some(high) => format!("{} – {}", dollars(low), dollars(high)),
        None => dollars(low),
    }
}

/// An amount with its sign: `+12.30`, `-1,000.00`, `+0.00`.
pub fn signed(amount: Decimal) -> String {
    match amount.is_sign_negative() && !amount.is_zero() {
        true => dollars(amount),
        false => format!("+{}", dollars(amount.abs())),
    }
}

/// What is added, or between which two amounts that is.
pub fn delta(low: Decimal, high: Option<Decimal>) -> String {
    match high.filter(|high| *high != low) {
        Some(high) => format!("{} – {}", signed(low.min(high)), signed(low.max(high))),
        None => signed(low),
    }
}

/// A quantity with separators, as exact as it is.
pub fn quantity(amount: Decimal) -> String {
    let rounded = amount.round_dp(4).normalize().to_string();
    match rounded.split_once('.') {
        Some((whole, fraction)) => format!("{}.{fraction}", thousands(whole)),
        None => thousands(&rounded),
    }
}

fn thousands(whole: &str) -> String {
    let (sign, digits) = match whole.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", whole),
    };
    let mut out = String::from(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_cents_and_thousands() {
        for (amount, shown) in [
            ("0", "0.00"),
            ("0.005", "0.01"),
            ("12.3", "12.30"),
            ("1234567.891", "1,234,567.89"),
            ("-1000", "-1,000.00"),
        ] {
            assert_eq!(dollars(amount.parse().unwrap()), shown);
        }
        assert_eq!(signed("12.3".parse().unwrap()), "+12.30");
        assert_eq!(signed(Decimal::ZERO), "+0.00");
        assert_eq!(
            delta("-1000".parse().unwrap(), Some(Decimal::ONE)),
            "-1,000.00 – +1.00"
        );
        assert_eq!(quantity("1234.50".parse().unwrap()), "1,234.5");
        assert_eq!(range(Decimal::ONE, Some(Decimal::TEN)), "1.00 – 10.00");
    }
}
