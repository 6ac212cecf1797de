//! `cargo xtask ci`

use anyhow::Result;

use crate::shell::{cargo, succeeds};

/// Format, lints, documentation, tests.
pub(crate) fn run() -> Result<bool> {
    let steps: [(&str, &[&str]); 3] = [
        ("format", &["fmt", "--all", "--check"]),
        (
            "lints",
            &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"],
        ),
        ("documentation", &["doc", "--workspace", "--no-deps", "--quiet"]),
    ];
    for (name, arguments) in steps {
        println!("== {name}");
        let mut command = cargo();
        command.args(arguments).env("RUSTDOCFLAGS", "-D warnings");
        if !succeeds(&mut command)? {
            return Ok(false);
        }
    }
    println!("== tables of the modules");
    crate::docs::run(&["--check".to_owned()])?;
    println!("== tests");
    crate::test::run(&[])
}
