//! Numbers of AWS's files: texts such as `0.0000166667`, `5120`, `Inf`.

use rust_decimal::Decimal;

use crate::section::{Packed, pack};

/// A number that is not negative, without zeros at its end.
pub(super) fn parse(text: &[u8]) -> Result<Packed, String> {
    plain(text).map_or_else(|| general(text), Ok)
}

/// Digits with at most one point, as nearly all are.
fn plain(text: &[u8]) -> Option<Packed> {
    if text.len() > 40 || !text.iter().any(u8::is_ascii_digit) {
        return None;
    }
    let whole = text.iter().position(|byte| *byte == b'.').unwrap_or(text.len());
    let end = match text.get(whole..) {
        Some([b'.', fraction @ ..]) => {
            whole
                + 1
                + fraction
                    .iter()
                    .rposition(|byte| *byte != b'0')
                    .map_or(0, |at| at + 1)
        }
        _ => whole,
    };
    let mut digits: u64 = 0;
    let mut scale: u8 = 0;
    for (at, byte) in text.get(..end)?.iter().enumerate() {
        if at == whole {
            continue;
        }
        if !byte.is_ascii_digit() {
            return None;
        }
        digits = digits.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
        scale += u8::from(at > whole);
    }
    (scale <= 28).then_some((digits, scale))
}

fn general(text: &[u8]) -> Result<Packed, String> {
    let shown = String::from_utf8_lossy(text);
    let number: Decimal = shown
        .parse()
        .or_else(|_| Decimal::from_scientific(&shown))
        .map_err(|_| format!("\"{shown}\" is no number"))?;
    if number.is_sign_negative() && !number.is_zero() {
        return Err(format!("{shown} is negative"));
    }
    pack(number.abs()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact() {
        for (text, expected) in [
            ("0", (0, 0)),
            ("0.0000000000", (0, 0)),
            ("0.0960000000", (96, 3)),
            ("0.0000166667", (166_667, 10)),
            ("10240", (10_240, 0)),
            ("10240.0", (10_240, 0)),
            ("400", (400, 0)),
            ("40.9600000000", (4_096, 2)),
            ("2E-7", (2, 7)),
            ("1.50e-6", (15, 7)),
            (".5", (5, 1)),
        ] {
            let (digits, scale) = parse(text.as_bytes()).unwrap();
            let (digits, scale) = pack(Decimal::new(digits.try_into().unwrap(), scale.into())).unwrap();
            assert_eq!((digits, scale), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        for text in [
            "",
            ".",
            "Inf",
            "-1",
            "1,5",
            "0.1.2",
            "$1",
            "1e99",
            "99999999999999999999999.5",
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
