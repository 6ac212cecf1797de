//! What holds for any environments.

use std::fs;

use serde_json::Value as Json;

use super::{compared, names};

/// A small generator: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        // Marsaglia's xorshift.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// A root of a random size, whose parts are random too.
fn random_root(random: &mut Random) -> String {
    let mut out = String::new();
    for number in 0..1 + random.below(6) {
        let value = match random.below(6) {
            0 => format!("{}", random.below(3)),
            1 => format!(
                "\"{}\"",
                ["a", "b", "dev", "x-prod-y", "10.0.0.0/16"][random.below(5) as usize]
            ),
            2 => format!("[{}, {{ k = {} }}]", random.below(3), random.below(2)),
            3 => format!("{{ a = {}, b = local.l }}", random.below(3)),
            4 => "null".to_owned(),
            _ => format!("jsonencode({{ a = [{}] }})", random.below(3)),
        };
        let repetition = match random.below(4) {
            0 => format!("  count = {}\n", random.below(3)),
            1 => format!("  for_each = toset([\"a\", \"{}\"])\n", random.below(3)),
            _ => String::new(),
        };
        out.push_str(&format!(
            "resource \"terraform_data\" \"r{number}\" {{\n{repetition}  input = {value}\n}}\n\noutput \"o{number}\" {{\n  value = {value}\n}}\n"
        ));
    }
    out.push_str(&format!("locals {{\n  l = {}\n}}\n", random.below(2)));
    out
}

/// A comparison with itself is empty, and swapped columns are swapped in the report.
#[test]
fn comparisons_have_their_laws() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut different = 0;
    for round in 0..40 {
        for name in ["a", "b"] {
            let root = dir.path().join(name);
            fs::create_dir_all(&root).unwrap();
            fs::write(root.join("main.tf"), random_root(&mut random)).unwrap();
        }
        let text = || fs::read_to_string(dir.path().join("a/main.tf")).unwrap();
        let (json, code) = compared(dir.path(), &["a", "x=a"]);
        assert_eq!(
            (code, json["differences"].as_array().unwrap().len()),
            (Some(0), 0),
            "{round}: {}",
            text()
        );
        let rows = |one: &str, other: &str| {
            let (json, _) = compared(dir.path(), &[one, other]);
            assert_eq!(json["errors"], Json::Array(Vec::new()), "{round}");
            let mut rows: Vec<String> = json["differences"]
                .as_array()
                .unwrap()
                .iter()
                .map(|difference| {
                    let values = &difference["values"];
                    format!(
                        "{} {:?} {} a={} b={}",
                        difference["layer"],
                        names(difference),
                        difference["cause"]["name"],
                        values["a"],
                        values["b"]
                    )
                })
                .collect();
            rows.sort();
            (rows, json["score"].clone())
        };
        let (there, back) = (rows("a", "b"), rows("b", "a"));
        different += there.0.len();
        assert_eq!(there, back, "{round}");
    }
    assert!(different > 100, "{different}");
}
