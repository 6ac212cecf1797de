//! Logarithm and power of machine floats, bit for bit as Go's `math` computes them on amd64.
//!
//! Neither is rounded correctly in every case, nor alike from one C library to the next, and Terraform shows
//! all seventeen digits. The logarithm is FreeBSD's (`e_log.c`); the exponential is the one of Naoki Shibata,
//! "Efficient evaluation methods of elementary functions suitable for SIMD computation" (2010), with fused
//! operations; the power multiplies by squaring. Source: `log_amd64.s`, `exp_amd64.s` and `pow.go` in
//! <https://go.dev/src/math/>.

use std::f64::consts::{FRAC_1_SQRT_2, LOG2_E};

/// The natural logarithm.
pub(super) fn log(x: f64) -> f64 {
    const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
    const LN2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
    const L1: f64 = f64::from_bits(0x3fe5_5555_5555_5593);
    const L2: f64 = f64::from_bits(0x3fd9_9999_9997_fa04);
    const L3: f64 = f64::from_bits(0x3fd2_4924_9422_9359);
    const L4: f64 = f64::from_bits(0x3fcc_71c5_1d8e_78af);
    const L5: f64 = f64::from_bits(0x3fc7_4664_96cb_03de);
    const L6: f64 = f64::from_bits(0x3fc3_9a09_d078_c69f);
    const L7: f64 = f64::from_bits(0x3fc2_f112_df3e_5244);
    if x.is_nan() || x == f64::INFINITY {
        return x;
    }
    if x < 0.0 {
        return f64::NAN;
    }
    if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    let (mut fraction, mut exponent) = fraction_and_exponent(x);
    if fraction < FRAC_1_SQRT_2 {
        fraction *= 2.0;
        exponent -= 1;
    }
    let f = fraction - 1.0;
    let k = f64::from(exponent);
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let odd = s2 * (L1 + s4 * (L3 + s4 * (L5 + s4 * L7)));
    let even = s4 * (L2 + s4 * (L4 + s4 * L6));
    let half_square = 0.5 * f * f;
    k * LN2_HIGH - ((half_square - (s * (half_square + (odd + even)) + k * LN2_LOW)) - f)
}

/// The exponential of a number that is not so great or small that the result would be out of the normal range.
fn exp(x: f64) -> f64 {
    const LN2_HIGH: f64 = 0.693_147_180_559_662_956_511_601_805_686_950_683_593_75;
    const LN2_LOW: f64 = 0.282_352_905_630_315_771_225_884_481_750_134_360_255_254_120_68e-12;
    // One over the factorials from eight down to one.
    const TAYLOR: [f64; 8] = [
        1.0 / 40_320.0,
        1.0 / 5040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        1.0 / 2.0,
        1.0,
    ];
    let exponent = (x * LOG2_E).round_ties_even();
    let reduced = exponent.mul_add(-LN2_LOW, exponent.mul_add(-LN2_HIGH, x)) * 0.0625;
    let series = TAYLOR
        .iter()
        .copied()
        .reduce(|sum, term| sum.mul_add(reduced, term))
        .unwrap_or(1.0);
    // e^16x - 1 from e^x - 1, by (1 + y)² - 1 = y (y + 2) four times, the last one without the - 1.
    let mut y = reduced * series;
    for _ in 0..3 {
        y *= y + 2.0;
    }
    scale((y + 2.0).mul_add(y, 1.0), exponent as i64)
}

/// The power.
pub(super) fn pow(x: f64, y: f64) -> f64 {
    if y == 0.0 || x == 1.0 {
        return 1.0;
    }
    if y == 1.0 {
        return x;
    }
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    if x == 0.0 {
        return pow_of_zero(x, y);
    }
    if y.is_infinite() || x.is_infinite() {
        return pow_of_infinity(x, y);
    }
    if y == 0.5 {
        return x.sqrt();
    }
    if y == -0.5 {
        return 1.0 / x.sqrt();
    }
    let (mut whole, mut rest) = (y.abs().trunc(), y.abs().fract());
    if rest != 0.0 && x < 0.0 {
        return f64::NAN;
    }
    if whole >= 2f64.powi(63) {
        return great_power(x, y);
    }
    let mut result = 1.0;
    if rest != 0.0 {
        if rest > 0.5 {
            rest -= 1.0;
            whole += 1.0;
        }
        result = exp(rest * log(x));
    }
    let (power, exponent) = whole_power(result, x, whole as i64);
    match y < 0.0 {
        true => scale(1.0 / power, -exponent),
        false => scale(power, exponent),
    }
}

/// A power that is infinite, or so great that it is even.
fn great_power(x: f64, y: f64) -> f64 {
    match (x == -1.0, (x.abs() < 1.0) == (y > 0.0)) {
        (true, _) => 1.0,
        (false, true) => 0.0,
        (false, false) => f64::INFINITY,
    }
}

/// Where one of the two is infinite.
fn pow_of_infinity(x: f64, y: f64) -> f64 {
    if y.is_infinite() {
        great_power(x, y)
    } else {
        pow_of_zero(1.0 / x, -y)
    }
}

fn pow_of_zero(x: f64, y: f64) -> f64 {
    let odd = y.fract() == 0.0 && y.abs() < 9.007_199_254_740_992e15 && (y as i64) & 1 == 1;
    match (y < 0.0, odd) {
        (true, true) => f64::INFINITY.copysign(x),
        (true, false) => f64::INFINITY,
        (false, true) => x,
        (false, false) => 0.0,
    }
}

/// `start * x^power`, with the power of two beside it so that nothing overflows on the way.
fn whole_power(start: f64, x: f64, power: i64) -> (f64, i64) {
    let (mut square, exponent) = fraction_and_exponent(x);
    let mut square_exponent = i64::from(exponent);
    let (mut result, mut result_exponent) = (start, 0_i64);
    let mut bits = power;
    while bits != 0 {
        if !(-4096..=4096).contains(&square_exponent) {
            // The result is out of range already, and stays so.
            return (result, result_exponent + square_exponent);
        }
        if bits & 1 == 1 {
            result *= square;
            result_exponent += square_exponent;
        }
        square *= square;
        square_exponent *= 2;
        if square < 0.5 {
            square += square;
            square_exponent -= 1;
        }
        bits >>= 1;
    }
    (result, result_exponent)
}

/// A finite number as a fraction from a half to one and a power of two.
fn fraction_and_exponent(x: f64) -> (f64, i32) {
    if x == 0.0 {
        return (x, 0);
    }
    let (normal, shift) = match x.abs() < f64::MIN_POSITIVE {
        true => (x * 4_503_599_627_370_496.0, -52),
        false => (x, 0),
    };
    let bits = normal.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i32 - 1022 + shift;
    (f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52), exponent)
}

/// `fraction * 2^exponent`, rounded once.
fn scale(fraction: f64, exponent: i64) -> f64 {
    if fraction == 0.0 || !fraction.is_finite() {
        return fraction;
    }
    let (fraction, own) = fraction_and_exponent(fraction);
    let exponent = exponent.saturating_add(i64::from(own));
    let power_of_two = |exponent: i64| f64::from_bits(((exponent + 1023) as u64) << 52);
    match exponent {
        1025.. => f64::INFINITY.copysign(fraction),
        -1021..=1024 => fraction * 2.0 * power_of_two(exponent - 1),
        -1074..-1021 => fraction * power_of_two(exponent + 53) * power_of_two(-53),
        _ => 0.0_f64.copysign(fraction),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Terraform 1.11.4 shows on amd64.
    #[test]
    fn agrees_with_go_to_the_last_digit() {
        for (x, y, wanted) in [
            (2.0, 10.0, 1024.0),
            (10.0, -2.0, 0.01),
            (1.1, 100.0, 13780.612339822364),
            (0.0, 3.0, 0.0),
            (-2.0, 3.0, -8.0),
            (0.5, f64::INFINITY, 0.0),
            (-1.0, f64::NEG_INFINITY, 1.0),
            (f64::INFINITY, -2.0, 0.0),
            (f64::NEG_INFINITY, 3.0, f64::NEG_INFINITY),
            (f64::NEG_INFINITY, 0.5, f64::INFINITY),
        ] {
            assert_eq!(pow(x, y), wanted, "{x}^{y}");
        }
        for (x, wanted) in [
            (1.0, 0.0),
            (10.0, std::f64::consts::LN_10),
            (0.0, f64::NEG_INFINITY),
        ] {
            assert_eq!(log(x), wanted, "log {x}");
        }
        assert!(log(-1.0).is_nan());
        assert!(pow(-8.0, 1.0 / 3.0).is_nan());
    }

    #[test]
    fn scales_to_the_ends_of_the_range() {
        assert_eq!(scale(1.0, 1023), 2f64.powi(1023));
        assert_eq!(scale(1.0, 1024), f64::INFINITY);
        assert_eq!(scale(1.0, -1074), f64::from_bits(1));
        assert_eq!(scale(1.0, -1080), 0.0);
        assert_eq!(scale(-1.5, i64::MAX), f64::NEG_INFINITY);
        assert_eq!(fraction_and_exponent(f64::from_bits(1)), (0.5, -1073));
    }
}
