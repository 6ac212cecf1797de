//! Functions over numbers. Sources: `cty/function/stdlib/number.go` of cty v1.16.0, which Terraform 1.11 uses
//! for all of them but `sum`, and `cty/gocty/out.go` for the sentences on numbers that are not whole.

mod float;

use super::{CallError, CallResult, Function, Host, Param, Ty, text};
use crate::number::Number;
use crate::text::quote_go;
use crate::types::Type;
use crate::value::Value;

const NUM: Param = Param::new("num", Ty::Number);
const NUMBERS: Param = Param::new("numbers", Ty::Number);

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("abs", &[NUM], Ty::Number, abs),
    Function::new("ceil", &[NUM], Ty::Number, ceil),
    Function::new("floor", &[NUM], Ty::Number, floor),
    Function::new("log", &[NUM, Param::new("base", Ty::Number)], Ty::Number, log),
    Function::new("max", &[], Ty::Number, max).with_rest(NUMBERS),
    Function::new("min", &[], Ty::Number, min).with_rest(NUMBERS),
    Function::new(
        "parseint",
        &[
            Param::new("number", Ty::Any).or_unknown(),
            Param::new("base", Ty::Number).or_unknown(),
        ],
        Ty::Number,
        parseint,
    ),
    Function::new("pow", &[NUM, Param::new("power", Ty::Number)], Ty::Number, pow),
    Function::new("signum", &[NUM], Ty::Number, signum),
];

/// The most digits that `parseint` reads: no number of the language has more.
const MAX_DIGITS: usize = 200_000;

/// An argument as a machine integer.
///
/// # Errors
/// Terraform's sentence, for a number that is not whole or out of range.
pub(super) fn integer(args: &[Value], index: usize) -> Result<i64, &'static str> {
    args.get(index)
        .and_then(Value::as_number)
        .and_then(Number::to_i64)
        .ok_or("value must be a whole number, between -9223372036854775808 and 9223372036854775807")
}

/// An argument as a machine float. What is too great for one must not become an infinity, but may be one.
fn machine_float(args: &[Value], index: usize) -> Result<f64, CallError> {
    let number = number(args, index);
    let value = number.to_f64();
    match value.is_finite() || number.is_infinite() {
        true => Ok(value),
        false => Err(CallError::new(format!(
            "value must be between {:.6} and {:.6} inclusive",
            f64::MIN,
            f64::MAX
        ))),
    }
}

fn number(args: &[Value], index: usize) -> Number {
    args.get(index)
        .and_then(Value::as_number)
        .cloned()
        .unwrap_or(Number::ZERO)
}

fn abs(_: &mut dyn Host, args: &[Value]) -> CallResult {
    Ok(number(args, 0).abs().into())
}

fn ceil(_: &mut dyn Host, args: &[Value]) -> CallResult {
    Ok(number(args, 0).ceil().into())
}

fn floor(_: &mut dyn Host, args: &[Value]) -> CallResult {
    Ok(number(args, 0).floor().into())
}

fn max(_: &mut dyn Host, args: &[Value]) -> CallResult {
    extreme(args, Number::infinity(true), |candidate, best| {
        candidate.compare(best).is_gt()
    })
}

fn min(_: &mut dyn Host, args: &[Value]) -> CallResult {
    extreme(args, Number::infinity(false), |candidate, best| {
        candidate.compare(best).is_lt()
    })
}

/// The first of the numbers that no other one beats, or the infinity that none of them beats.
fn extreme(args: &[Value], least: Number, beats: fn(&Number, &Number) -> bool) -> CallResult {
    if args.is_empty() {
        return Err(CallError::new("must pass at least one number"));
    }
    let best = args
        .iter()
        .filter_map(Value::as_number)
        .fold(
            &least,
            |best, candidate| if beats(candidate, best) { candidate } else { best },
        );
    Ok(best.clone().into())
}

/// Where there is no logarithm Terraform panics, so that the sentences on that are ours.
fn log(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let (num, base) = (machine_float(args, 0)?, machine_float(args, 1)?);
    from_float(
        float::log(num) / float::log(base),
        match (num < 0.0, base < 0.0) {
            (true, _) => "a negative number has no logarithm",
            (false, true) => "the base of a logarithm must be positive",
            (false, false) => "this number has no one logarithm to this base",
        },
    )
}

fn pow(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let (num, power) = (machine_float(args, 0)?, machine_float(args, 1)?);
    from_float(
        float::pow(num, power),
        "a negative number can only be raised to a whole power",
    )
}

fn from_float(value: f64, why_not: &str) -> CallResult {
    Number::from_f64(value)
        .map(Value::from)
        .ok_or_else(|| CallError::new(why_not))
}

fn signum(_: &mut dyn Host, args: &[Value]) -> CallResult {
    integer(args, 0)
        .map(|value| value.signum().into())
        .map_err(CallError::new)
}

fn parseint(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let unknown = |ty: Type| Value::unknown_because(ty, args.iter().flat_map(Value::reasons));
    match args.first().map_or(Type::Any, Value::ty) {
        Type::String => {}
        Type::Any => return Ok(unknown(Type::Any)),
        other => {
            let message = format!("first argument must be a string, not {}", other.friendly_name());
            return Err(CallError::arg(0, message));
        }
    }
    if !args.iter().all(Value::is_known) {
        return Ok(unknown(Type::Number).not_null());
    }
    let base = integer(args, 1).map_err(|message| CallError::arg(1, message))?;
    let radix = u32::try_from(base)
        .ok()
        .filter(|radix| (2..=62).contains(radix))
        .ok_or_else(|| CallError::arg(1, "base must be a whole number between 2 and 62 inclusive"))?;
    let digits = text(args, 0);
    if digits.len() > MAX_DIGITS {
        return Err(CallError::arg(0, format!("more than {MAX_DIGITS} digits")));
    }
    let number = Number::from_str_radix(digits, radix);
    if number.as_ref().is_some_and(Number::is_infinite) {
        return Err(CallError::arg(0, "the number has too many digits"));
    }
    number.map(Value::from).ok_or_else(|| {
        CallError::arg(
            0,
            format!("cannot parse {} as a base {base} integer", quote_go(digits)),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::collection::support::testing::call;
    use super::*;

    fn number(text: &str) -> Value {
        Number::parse(text).unwrap().into()
    }

    #[test]
    fn powers_stay_bounded() {
        for (base, power, wanted) in [
            ("2", "1e300", "Inf"),
            ("0.5", "1e300", "0"),
            ("-1", "1e300", "1"),
            ("1.0000000001", "9223372036854775807", "Inf"),
            ("1e300", "1e300", "Inf"),
            ("1e300", "-1e300", "0"),
            ("Inf", "-2", "0"),
            ("-Inf", "3", "-Inf"),
            ("1e-300", "3", "0"),
        ] {
            let args = [number(base), number(power)];
            assert_eq!(call("pow", &args), Ok(number(wanted)), "{base}, {power}");
        }
        // What is no machine float is refused, not taken for an infinity.
        for args in [["2", "1e400"], ["1e400", "2"]] {
            assert!(call("pow", &args.map(number)).is_err());
        }
    }

    #[test]
    fn where_terraform_panics_there_is_a_sentence() {
        for (name, a, b, wanted) in [
            ("log", "-1", "2", "a negative number has no logarithm"),
            ("log", "2", "-1", "the base of a logarithm must be positive"),
            ("log", "1", "1", "this number has no one logarithm to this base"),
            (
                "pow",
                "-8",
                "0.5",
                "a negative number can only be raised to a whole power",
            ),
        ] {
            let error = call(name, &[number(a), number(b)]).unwrap_err();
            assert_eq!(error.message, wanted, "{name}({a}, {b})");
        }
    }

    #[test]
    fn extremes_of_infinities() {
        let infinity = |negative| Ok(Value::from(Number::infinity(negative)));
        assert_eq!(call("max", &[number("-Inf")]), infinity(true));
        assert_eq!(call("min", &[number("Inf"), number("Inf")]), infinity(false));
        assert_eq!(call("min", &[number("Inf"), number("5")]), Ok(5.into()));
        assert!(call("signum", &[number("Inf")]).is_err());
        assert!(call("max", &[]).is_err());
    }
}
