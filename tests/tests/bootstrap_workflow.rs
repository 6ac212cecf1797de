//! The workflow that bootstraps from CI is clean under zizmor, with every audit that needs no network.
#![allow(clippy::unwrap_used)] // A test that cannot go on says so.

use std::process::Command;

#[test]
fn the_workflow_is_clean_under_zizmor() {
    let zizmor = xtask::python::programs("zizmor", &["zizmor>=1,<2"])
        .unwrap()
        .join("zizmor");
    let workflow = xtask::workspace().join(".github/workflows/bootstrap.yml");
    let output = Command::new(zizmor)
        .args(["--offline", "--no-progress", "--persona", "auditor"])
        .arg(workflow)
        .env_remove("GH_TOKEN")
        .env_remove("GITHUB_TOKEN")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
}
