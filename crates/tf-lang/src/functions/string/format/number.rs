//! Numbers as Go's `fmt` writes them through the `Format` methods of `big.Int` and `big.Float`.

use super::verb::Verb;
use crate::number::Number;

/// Writes a number. Says whether it stayed within the limit; if not, nothing sensible was written.
///
/// # Errors
/// What is wrong with the number.
pub(super) fn append(
    verb: &Verb<'_>,
    number: &Number,
    limit: usize,
    out: &mut String,
) -> Result<bool, String> {
    let whole = matches!(verb.mode, 'b' | 'd' | 'o' | 'x' | 'X');
    if whole && !number.is_integer() {
        return Err("an integer is required".to_owned());
    }
    let (Ok(width), Ok(precision)) = (size(verb.width_digits), size(verb.precision_digits)) else {
        // Go gives up on such a verb, and then complains about the argument that nobody took.
        let (ty, shown) = match whole {
            true => ("Int", number.to_string_radix(10).unwrap_or_default()),
            false => ("Float", number.format_g(false, None)),
        };
        out.push_str(&format!("%!(NOVERB)%!(EXTRA *big.{ty}={shown})"));
        return Ok(true);
    };
    let precision = verb.precision.map(|_| precision.unwrap_or_default());
    let longest = width.unwrap_or_default().max(precision.unwrap_or_default());
    if out.len().saturating_add(longest) > limit {
        return Ok(false);
    }
    match whole {
        true => append_integer(verb, number, width, precision, out),
        false => append_float(verb, number, width, precision, out),
    }
    Ok(out.len() <= limit)
}

/// A width or precision, if there is one; too great a one is an error.
fn size(digits: &str) -> Result<Option<usize>, ()> {
    const TOO_GREAT: usize = 1_000_000;
    let mut number = None;
    for digit in digits.bytes() {
        let before = number.unwrap_or_default();
        if before > TOO_GREAT {
            return Err(());
        }
        number = Some(before * 10 + usize::from(digit.wrapping_sub(b'0')));
    }
    Ok(number)
}

fn sign(verb: &Verb<'_>, negative: bool) -> &'static str {
    match (negative, verb.plus, verb.space) {
        (true, _, _) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        (false, false, false) => "",
    }
}

fn append_integer(
    verb: &Verb<'_>,
    number: &Number,
    width: Option<usize>,
    precision: Option<usize>,
    out: &mut String,
) {
    let (radix, prefix) = match verb.mode {
        'b' => (2, "0b"),
        'o' => (8, "0"),
        'x' => (16, "0x"),
        'X' => (16, "0X"),
        _ => (10, ""),
    };
    let prefix = if verb.sharp { prefix } else { "" };
    let mut signed = number.to_string_radix(radix).unwrap_or_default();
    if verb.mode == 'X' {
        signed.make_ascii_uppercase();
    }
    let digits = signed.trim_start_matches('-');
    if digits == "0" && precision == Some(0) {
        return;
    }
    let sign = sign(verb, signed.starts_with('-'));
    let mut zeros = precision.unwrap_or_default().saturating_sub(digits.len());
    let length = sign.len() + prefix.len() + zeros + digits.len();
    let missing = width.unwrap_or_default().saturating_sub(length);
    let (mut left, mut right) = (0, 0);
    match (verb.minus, verb.zero && precision.is_none()) {
        (true, _) => right = missing,
        (false, true) => zeros = missing,
        (false, false) => left = missing,
    }
    out.extend([
        &" ".repeat(left),
        sign,
        prefix,
        &"0".repeat(zeros),
        digits,
        &" ".repeat(right),
    ]);
}

fn append_float(
    verb: &Verb<'_>,
    number: &Number,
    width: Option<usize>,
    precision: Option<usize>,
    out: &mut String,
) {
    let upper = verb.mode.is_ascii_uppercase();
    let shown = match verb.mode {
        'f' => number.format_f(Some(precision.unwrap_or(6))),
        'e' | 'E' => number.format_e(upper, Some(precision.unwrap_or(6))),
        _ => number.format_g(upper, precision),
    };
    // An infinity comes with its plus sign, which a space may replace.
    let (sign, digits) = match (shown.strip_prefix('-'), shown.strip_prefix('+')) {
        (Some(digits), _) => (sign(verb, true), digits),
        (None, Some(digits)) if verb.space => (" ", digits),
        (None, Some(digits)) => ("+", digits),
        (None, None) => (sign(verb, false), shown.as_str()),
    };
    let padding = width
        .unwrap_or_default()
        .saturating_sub(sign.len() + digits.len());
    let (zeros, spaces) = ("0".repeat(padding), " ".repeat(padding));
    match (verb.zero && !number.is_infinite(), verb.minus) {
        (true, _) => out.extend([sign, &zeros, digits]),
        (false, true) => out.extend([sign, digits, &spaces]),
        (false, false) => out.extend([spaces.as_str(), sign, digits]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(template: &str, number: &str) -> String {
        let verb = Verb::scan(template, 0, 1).unwrap();
        let mut out = String::new();
        match append(&verb, &Number::parse(number).unwrap(), 1000, &mut out) {
            Ok(true) => out,
            Ok(false) => "too long".to_owned(),
            Err(why) => why,
        }
    }

    #[test]
    fn numbers_format_as_in_go() {
        for (template, number, wanted) in [
            ("%d", "-5", "-5"),
            ("%d", "1.5", "an integer is required"),
            ("%+05d", "5", "+0005"),
            ("%-05d", "5", "5    "),
            ("%0-5d", "5", "5    "),
            ("%+.3d", "5", "+005"),
            ("%05.3d", "5", "  005"),
            ("%.0d", "0", ""),
            ("% d", "5", " 5"),
            ("%#x", "255", "0xff"),
            ("%#X", "-255", "-0XFF"),
            ("%#o", "255", "0377"),
            ("%#b", "5", "0b101"),
            ("%#d", "5", "5"),
            ("%f", "1.5", "1.500000"),
            ("%.2f", "1.005", "1.00"),
            ("%.f", "2.5", "2"),
            ("%-05.1f", "5", "005.0"),
            ("%08.2f", "-3.14159", "-0003.14"),
            ("%-8.2f", "2", "2.00    "),
            ("%+f", "3", "+3.000000"),
            ("%E", "1e-7", "1.000000E-07"),
            ("%10.3g", "0.00001234", "  1.23e-05"),
            ("%G", "1e21", "1E+21"),
            ("%010f", "-Inf", "      -Inf"),
            ("%-06.1f", "Inf", "+Inf  "),
            ("% G", "Inf", " Inf"),
            ("%+e", "Inf", "+Inf"),
            ("%x", "Inf", "an integer is required"),
            ("%10000001d", "5", "too long"),
            ("%10000010d", "5", "%!(NOVERB)%!(EXTRA *big.Int=5)"),
            (
                "%.99999999999999999999f",
                "1.5",
                "%!(NOVERB)%!(EXTRA *big.Float=1.5)",
            ),
        ] {
            assert_eq!(show(template, number), wanted, "{template} {number}");
        }
    }
}
