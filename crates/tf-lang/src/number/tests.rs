use std::collections::HashSet;

use super::*;

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}

fn float(value: f64) -> Number {
    Number::from_f64(value).unwrap()
}

// What is expected here is what `terraform console` 1.11.4 prints.

#[test]
fn shows_the_digits_that_its_precision_needs() {
    assert_eq!(number("0.1").add(&number("0.2")).unwrap().to_string(), "0.3");
    let third = format!("0.{}5", "3".repeat(154));
    assert_eq!(number("1").div(&number("3")).unwrap().to_string(), third);
    assert_eq!(number("1").div(&3.into()).unwrap().to_string(), third);
    assert_eq!(
        Number::ONE.div(&3.into()).unwrap().to_string(),
        "0.33333333333333333334"
    );
    assert_eq!(float(2f64.powi(60)).to_string(), "1152921504606847000");
    assert_eq!(float(2f64.sqrt()).to_string(), "1.4142135623730951");
    assert_eq!(
        float(0.1).add(&number("0")).unwrap().to_string(),
        format!("{:.55}", 0.1)
    );
    assert_eq!(number("1e30").to_string(), format!("1{}", "0".repeat(30)));
    assert_eq!(number("1e100000").to_string().len(), 100_001);
    assert_eq!(number("-1e-400").to_string(), format!("-0.{}1", "0".repeat(399)));
}

#[test]
fn reads_decimal_numbers() {
    let read = |text| Number::parse(text).map(|number| number.to_string());
    for (text, shown) in [
        ("007", "7"),
        ("+5", "5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1.e5", "100000"),
        ("1E-03", "0.001"),
        ("1p5", "32"),
        ("-0", "-0"),
        ("0e5", "0"),
        ("0e9999999999", "0"),
        ("-1e-999999999", "-0"),
        ("Inf", "+Inf"),
        ("+inf", "+Inf"),
        ("-Inf", "-Inf"),
        ("1e999999999", "+Inf"),
        ("-1p2000000000", "-Inf"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775808", "9223372036854775808"),
    ] {
        assert_eq!(read(text).as_deref(), Some(shown), "{text}");
    }
    for text in [
        "",
        ".",
        "-",
        "e5",
        "1e",
        "1e+",
        "--1",
        "1 ",
        "0x1",
        "1_0",
        "1e1.5",
        "INF",
        "1,5",
        "\u{661}",
        "1Inf",
        "1e2147483648",
        "1e-2147483653",
        "1e99999999999999999999",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn reads_and_shows_other_radices() {
    let read = |text: &str, radix| Number::from_str_radix(text, radix).map(|number| number.to_string());
    assert_eq!(read("-FfF", 16).as_deref(), Some("-4095"));
    assert_eq!(read("aA", 62).as_deref(), Some("656"));
    assert_eq!(
        read(&"f".repeat(32), 16).as_deref(),
        Some("340282366920938463463374607431768211455")
    );
    for (text, radix) in [
        ("", 10),
        ("-", 10),
        ("2", 2),
        ("1.0", 10),
        ("a_a", 36),
        ("0", 1),
        ("0", 63),
    ] {
        assert_eq!(read(text, radix), None, "{text}");
    }
    assert_eq!(number("-255").to_string_radix(16).as_deref(), Some("-ff"));
    assert_eq!(
        number("18446744073709551616").to_string_radix(16).as_deref(),
        Some("10000000000000000")
    );
    assert_eq!(number("-0").to_string_radix(2).as_deref(), Some("0"));
    assert_eq!(number("1.5").to_string_radix(10), None);
}

#[test]
fn calculates() {
    let rem = |a: &str, b: &str| number(a).rem(&number(b)).map(|rest| rest.to_string());
    assert_eq!(rem("-3.5", "2").as_deref(), Some("-1.5"));
    assert_eq!(rem("-7", "-4").as_deref(), Some("-3"));
    assert_eq!(rem("1e30", "7").as_deref(), Some("1"));
    assert_eq!(rem("1e300", "7").as_deref(), Some("0"));
    assert_eq!(rem("7", "0").as_deref(), Some("7"));
    assert_eq!(
        float(4611686018427387904.0)
            .rem(&Number::from(-18))
            .unwrap()
            .to_string(),
        "0"
    );
    assert_eq!(number("1").div(&number("-0")), Some(Number::infinity(true)));
    assert_eq!(
        Number::from(i64::MAX).add(&Number::ONE).unwrap().to_string(),
        "9223372036854775808"
    );
    assert_eq!(
        Number::from(i64::MIN).sub(&Number::ONE).unwrap().to_string(),
        "-9223372036854775809"
    );
    assert_eq!(Number::from(i64::MIN).neg(), Number::from(1u64 << 63));
    assert_eq!(
        Number::from(i64::MIN).abs().sub(&Number::ONE).unwrap().to_i64(),
        Some(i64::MAX)
    );
    assert_eq!(
        Number::from(u64::MAX)
            .mul(&Number::from(u64::MAX))
            .unwrap()
            .to_string(),
        "340282366920938463426481119284349108225"
    );
    assert_eq!(number("0").mul(&number("-1")).unwrap().to_string(), "-0");
    assert_eq!(number("0").neg().add(&number("0")).unwrap().to_string(), "0");
    for (value, floor, ceil) in [
        ("-3.5", "-4", "-3"),
        ("3.5", "3", "4"),
        ("-0.5", "-1", "0"),
        ("-Inf", "-Inf", "-Inf"),
    ] {
        let value = number(value);
        assert_eq!(value.floor(), number(floor));
        assert_eq!(value.ceil(), number(ceil));
    }
    assert_eq!(
        [
            number("-2.5").signum(),
            number("-0").signum(),
            number("1e-50").signum()
        ],
        [-1, 0, 1]
    );
}

#[test]
fn calculates_with_infinities() {
    type Operation = fn(&Number, &Number) -> Option<Number>;
    let show = |operation: Operation, a: &str, b: &str| {
        operation(&number(a), &number(b)).map(|result| result.to_string())
    };
    for (operation, a, b, wanted) in [
        (Number::add as Operation, "Inf", "5", Some("+Inf")),
        (Number::add, "Inf", "Inf", Some("+Inf")),
        (Number::add, "Inf", "-Inf", None),
        (Number::sub, "5", "Inf", Some("-Inf")),
        (Number::sub, "Inf", "Inf", None),
        (Number::mul, "-2", "Inf", Some("-Inf")),
        (Number::mul, "Inf", "0", None),
        (Number::mul, "-Inf", "-Inf", Some("+Inf")),
        (Number::div, "1", "0", Some("+Inf")),
        (Number::div, "-1.5", "0", Some("-Inf")),
        (Number::div, "0", "0", None),
        (Number::div, "Inf", "0", Some("+Inf")),
        (Number::div, "Inf", "-2", Some("-Inf")),
        (Number::div, "-2", "Inf", Some("-0")),
        (Number::div, "Inf", "Inf", None),
        (Number::rem, "5", "Inf", None),
        (Number::rem, "Inf", "5", None),
        (Number::rem, "Inf", "0", Some("+Inf")),
    ] {
        assert_eq!(show(operation, a, b).as_deref(), wanted, "{a}, {b}");
    }
    assert_eq!(
        Number::infinity(true).rem(&5.into()),
        Some(Number::infinity(true))
    );
    assert_eq!(number("Inf").neg().abs(), number("Inf"));
    let mut sorted = ["Inf", "1e300000", "-Inf", "0", "-1e300000"].map(number);
    sorted.sort();
    assert_eq!(sorted, ["-Inf", "-1e300000", "0", "1e300000", "Inf"].map(number));
    assert_eq!(number("Inf").compare(&Number::infinity(false)), Ordering::Equal);
    assert_eq!(number("-Inf").to_f64(), f64::NEG_INFINITY);
    assert_eq!(number("Inf").signum() - number("-Inf").signum(), 2);
    for shown in [
        number("Inf").format_f(Some(2)),
        number("Inf").format_e(true, None),
        number("Inf").format_g(false, Some(10)),
    ] {
        assert_eq!(shown, "+Inf");
    }
    assert_eq!(number("Inf").to_string_radix(16), None);
    assert_eq!(number("Inf").to_i64(), None);
    assert!(!number("Inf").is_integer());
    let set: HashSet<Number> = [number("Inf"), Number::infinity(false), number("-Inf")].into();
    assert_eq!(set.len(), 2);
}

#[test]
fn stays_bounded() {
    let mut great = number("1e100000");
    let mut slight = number("1e-100000");
    for _ in 0..70 {
        great = great.mul(&great).unwrap();
        slight = slight.mul(&slight).unwrap();
    }
    assert_eq!(great, Number::infinity(false));
    assert_eq!(slight, Number::ZERO);
    assert_eq!(number("1e315652").to_string().len(), 315_653);
    assert_eq!(number("1e315653"), Number::infinity(false));
}

/// What is short to write must not be long to work out: each of these is a few dozen multiplications of 600 bits, and
/// would take hundreds of megabytes if the exponent were written out. No clock is asked: the machine may be busy, and
/// this would not end at all.
#[test]
fn great_exponents_cost_nothing() {
    for text in [
        "1e999999999",
        "1e-999999999",
        "1p2147483646",
        "-9.99e646456992",
        "1e-646456993",
    ] {
        for _ in 0..100 {
            let number = number(text);
            assert!(number.is_infinite() || number.signum() == 0, "{text}");
            assert!(number.to_string().len() < 10, "{text}");
        }
    }
    let (great, slight) = (number("1e315000"), number("1e-315000"));
    for _ in 0..10 {
        assert!(great.add(&slight).unwrap() >= great);
        assert!(great.div(&slight).unwrap().is_infinite());
        assert_eq!(slight.rem(&great), Some(slight.clone()));
    }
}

#[test]
fn converts_machine_floats() {
    for value in [
        0.1,
        -1.5,
        5e-324,
        2.225073858507201e-308,
        1e-310,
        f64::MAX,
        f64::MIN,
        9007199254740993.0,
    ] {
        assert_eq!(float(value).to_f64(), value);
    }
    assert_eq!(number("2.5e-324").to_f64(), 5e-324);
    assert_eq!(number("2.4e-324").to_f64(), 0.0);
    assert_eq!(number("9007199254740993").to_f64(), 9007199254740992.0);
    assert_eq!(number("1.7976931348623159e308").to_f64(), f64::INFINITY);
    assert!(float(-0.0).to_f64().is_sign_negative());
    assert!(Number::from_f64(f64::NAN).is_none());
    assert_eq!(float(f64::INFINITY), number("Inf"));
}

#[test]
fn formats_as_go_does() {
    assert_eq!(number("0.5").format_f(Some(0)), "0");
    assert_eq!(number("1.5").format_f(Some(0)), "2");
    assert_eq!(number("0.006").format_f(Some(2)), "0.01");
    assert_eq!(number("9.996").format_f(Some(2)), "10.00");
    assert_eq!(number("1e-30").format_f(Some(3)), "0.000");
    assert_eq!(number("-0").format_f(Some(3)), "-0.000");
    assert_eq!(
        number("1").div(&number("3")).unwrap().format_f(Some(10)),
        "0.3333333333"
    );
    assert_eq!(number("0.1").format_e(false, Some(6)), "1.000000e-01");
    assert_eq!(number("-0").format_e(true, Some(2)), "-0.00E+00");
    assert_eq!(number("948e-579").format_e(false, None), "9.48e-577");
    assert_eq!(number("100000").format_g(false, None), "100000");
    assert_eq!(number("1000000").format_g(false, None), "1e+06");
    assert_eq!(number("1234567").format_g(false, Some(10)), "1234567");
    assert_eq!(number("1234").format_g(true, Some(0)), "1E+03");
    assert_eq!(number("0.0001").format_g(false, None), "0.0001");
    assert_eq!(number("0").format_g(false, Some(3)), "0");
}

#[test]
fn equality_is_of_what_is_shown_and_order_agrees() {
    let (literal, machine) = (number("0.1"), float(0.1));
    assert_eq!(literal, machine);
    assert_eq!(literal.cmp(&machine), Ordering::Equal);
    assert_eq!(literal.compare(&machine), Ordering::Less);
    let lengthened = machine.add(&number("0")).unwrap();
    assert_ne!(machine, lengthened);
    assert_eq!(machine.compare(&lengthened), Ordering::Equal);
    assert!(machine < lengthened && literal < lengthened);
    let set: HashSet<Number> = [
        literal,
        machine,
        number("-0"),
        Number::ZERO,
        number("2.5"),
        number("25e-1"),
        number("1e30"),
        number("1e29").mul(&10.into()).unwrap(),
    ]
    .into();
    assert_eq!(set.len(), 4);
    let mut sorted = ["2", "-1e20", "0.5", "-0.5", "1e20", "0"].map(number);
    sorted.sort();
    assert_eq!(
        sorted.map(|number| number.format_g(false, None)),
        ["-1e+20", "-0.5", "0", "0.5", "2", "1e+20"]
    );
}
