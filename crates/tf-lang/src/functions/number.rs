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
pub(super) fn integer(args: &[Value], index: usize) -> Result<i64, String> {
    args.get(index)
        .and_then(Value::as_number)
        .and_then(Number::to_i64)
        .ok_or_else(|| {
            format!(
                "value must be a whole number, between {} and {}",
                i64::MIN,
                i64::MAX
            )
        })
}

/// An argument as a machine float.
fn machine_float(args: &[Value], index: usize) -> Result<f64, CallError> {
    let value = number(args, index).to_f64();
    match value.is_finite() {
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
    extreme(args, |candidate, best| candidate.compare(best).is_gt())
}

fn min(_: &mut dyn Host, args: &[Value]) -> CallResult {
    extreme(args, |candidate, best| candidate.compare(best).is_lt())
}

/// The first of the numbers that no other one beats.
fn extreme(args: &[Value], beats: fn(&Number, &Number) -> bool) -> CallResult {
    args.iter()
        .filter_map(Value::as_number)
        .reduce(|best, candidate| if beats(candidate, best) { candidate } else { best })
        .map(|best| best.clone().into())
        .ok_or_else(|| CallError::new("must pass at least one number"))
}

fn log(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let (num, base) = (machine_float(args, 0)?, machine_float(args, 1)?);
    from_float(float::log(num) / float::log(base))
}

fn pow(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let (num, power) = (machine_float(args, 0)?, machine_float(args, 1)?);
    from_float(float::pow(num, power))
}

/// Terraform shows infinities, which are no [`Number`]s here. What is not a number makes it panic.
fn from_float(value: f64) -> CallResult {
    if value.is_nan() {
        return Err(CallError::new("result is not a number"));
    }
    Number::from_f64(value)
        .map(Value::from)
        .ok_or_else(|| CallError::new("the result is infinite"))
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
    Number::from_str_radix(digits, radix)
        .map(Value::from)
        .ok_or_else(|| {
            CallError::arg(
                0,
                format!("cannot parse {} as a base {base} integer", quote_go(digits)),
            )
        })
}
