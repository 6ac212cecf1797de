//! `tf-gate changed` on real git repositories: which roots a change touches, and which not.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says so.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;
use tempfile::TempDir;

const FILES: &[(&str, &str)] = &[
    (
        "environments/dev/app/main.tf",
        "terraform {\n  backend \"s3\" {}\n}\nmodule \"app\" {\n  source = \"../../../modules/app\"\n  name = \"web\"\n}\n\
         locals {\n  user_data = templatefile(\"${path.module}/user data.tpl\", {})\n}\n",
    ),
    ("environments/dev/app/terraform.tfvars", "size = 1\n"),
    ("environments/dev/app/.terraform.lock.hcl", "# locked\n"),
    ("environments/dev/app/user data.tpl", "hello\n"),
    ("environments/dev/app/README.md", "text\n"),
    (
        "environments/dev/net/main.tf",
        "module \"net\" {\n  source = \"../../../modules/net\"\n}\n",
    ),
    (
        "environments/prod/app/main.tf",
        "module \"app\" {\n  source = \"../../../modules/app\"\n  name = \"api\"\n}\n",
    ),
    ("environments/prod/app/backend.hcl", "bucket = \"b\"\n"),
    (
        "environments/prod/files/main.tf",
        "locals {\n  all = { for f in fileset(\"${path.module}/objects\", \"**/*.json\") : f => filemd5(\"${path.module}/objects/${f}\") }\n}\n",
    ),
    ("environments/prod/files/objects/a.json", "{}\n"),
    ("environments/prod/files/objects/a.txt", "\n"),
    (
        "modules/app/main.tf",
        "variable \"name\" {}\nmodule \"inner\" {\n  source = \"../inner\"\n}\nlocals {\n  policy = file(\"${path.module}/policies/${var.name}.json\")\n}\n",
    ),
    ("modules/app/policies/web.json", "{}\n"),
    ("modules/app/policies/api.json", "{}\n"),
    ("modules/inner/main.tf", "output \"x\" {\n  value = 1\n}\n"),
    (
        "modules/net/main.tf",
        "resource \"x_y\" \"z\" {}\nlocals {\n  text = file(\"${path.module}/rules/${x_y.z.id}.txt\")\n}\n",
    ),
    ("modules/net/rules/a.txt", "\n"),
    ("modules/unused.txt", "\n"),
    (
        "loose/main.tf",
        "variable \"p\" {}\nlocals {\n  x = filesha256(var.p)\n}\n",
    ),
    (
        "packed/main.tf",
        "data \"archive_file\" \"code\" {\n  type = \"zip\"\n  source_dir = \"${path.module}/../src/one\"\n}\n",
    ),
    ("src/one/index.js", "1\n"),
    ("src/two/index.js", "1\n"),
    ("shared/common.tf", "locals {\n  a = 1\n}\n"),
    ("shared-user/main.tf", "\n"),
    ("docs/readme.md", "text\n"),
];

/// Git as it is on a machine where nobody has settings.
fn git(dir: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(dir)
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.invalid",
            "-c",
            "protocol.file.allow=always",
        ])
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn write(dir: &Path, name: &str, text: &str) {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn append(dir: &Path, name: &str) {
    let before = fs::read_to_string(dir.join(name)).unwrap();
    write(dir, name, &format!("{before}\n# changed\n"));
}

fn commit(dir: &Path) {
    git(dir, &["add", "-A"]);
    git(dir, &["commit", "-q", "--allow-empty", "-m", "x"]);
}

fn repository() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &["init", "-q", "-b", "main"]);
    for (name, text) in FILES {
        write(dir.path(), name, text);
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("../shared/common.tf", dir.path().join("shared-user/common.tf")).unwrap();
    commit(dir.path());
    git(dir.path(), &["tag", "start"]);
    dir
}

struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

fn changed(dir: &Path, args: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_tf-gate"))
        .arg("changed")
        .args(args)
        .current_dir(dir)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CEILING_DIRECTORIES", dir.parent().unwrap())
        .output()
        .unwrap();
    Run {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The roots, `-` before those that are deleted.
fn roots(run: &Run) -> Vec<String> {
    let json: Json =
        serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}{}", run.out, run.err));
    let name = |root: &Json| {
        let sign = if root["status"] == "deleted" { "-" } else { "" };
        format!("{sign}{}", root["root"].as_str().unwrap())
    };
    json["roots"].as_array().unwrap().iter().map(name).collect()
}

const APPS: &[&str] = &["environments/dev/app", "environments/prod/app"];
type Case = (&'static str, fn(&Path), &'static [&'static str]);

/// What is done, and which roots it touches beside `loose`, which reads a path of which nothing is known.
#[rustfmt::skip]
const CASES: &[Case] = &[
    ("own file", |d| append(d, "environments/dev/app/main.tf"), &["environments/dev/app"]),
    ("tfvars", |d| append(d, "environments/dev/app/terraform.tfvars"), &["environments/dev/app"]),
    ("new auto.tfvars", |d| write(d, "environments/dev/net/x.auto.tfvars.json", "{}"), &["environments/dev/net"]),
    ("lock file", |d| append(d, "environments/dev/app/.terraform.lock.hcl"), &["environments/dev/app"]),
    ("lock file deleted", |d| fs::remove_file(d.join("environments/dev/app/.terraform.lock.hcl")).unwrap(), &["environments/dev/app"]),
    ("backend file", |d| append(d, "environments/prod/app/backend.hcl"), &["environments/prod/app"]),
    ("template with a space", |d| append(d, "environments/dev/app/user data.tpl"), &["environments/dev/app"]),
    ("template deleted", |d| fs::remove_file(d.join("environments/dev/app/user data.tpl")).unwrap(), &["environments/dev/app"]),
    ("readme", |d| append(d, "environments/dev/app/README.md"), &[]),
    ("docs", |d| append(d, "docs/readme.md"), &[]),
    ("module", |d| append(d, "modules/app/main.tf"), APPS),
    ("nested module", |d| append(d, "modules/inner/main.tf"), APPS),
    ("new file of a module", |d| write(d, "modules/inner/more.tf", "\n"), APPS),
    ("deleted module", |d| fs::remove_dir_all(d.join("modules/inner")).unwrap(), APPS),
    ("variables of a module are its caller's", |d| append(d, "modules/app/policies/web.json"), &["environments/dev/app"]),
    ("the other caller's", |d| append(d, "modules/app/policies/api.json"), &["environments/prod/app"]),
    ("nobody's", |d| write(d, "modules/app/policies/none.json", "{}"), &[]),
    ("unknown path in a module", |d| append(d, "modules/net/rules/a.txt"), &["environments/dev/net"]),
    ("unknown path: all of the module", |d| write(d, "modules/net/NOTES", ""), &["environments/dev/net"]),
    ("beside modules", |d| append(d, "modules/unused.txt"), &[]),
    ("matches a fileset", |d| write(d, "environments/prod/files/objects/deep/b.json", "{}"), &["environments/prod/files"]),
    ("does not match it", |d| append(d, "environments/prod/files/objects/a.txt"), &[]),
    ("fileset renamed", |d| fs::rename(d.join("environments/prod/files/objects/a.json"), d.join("environments/prod/files/objects/z.json")).unwrap(), &["environments/prod/files"]),
    ("code that is packed", |d| append(d, "src/one/index.js"), &["packed"]),
    ("other code", |d| append(d, "src/two/index.js"), &[]),
    ("new root", |d| write(d, "new/main.tf", "\n"), &["new"]),
    ("new .tofu", |d| write(d, "new/main.tofu", "\n"), &["new"]),
    ("new .tf.json", |d| write(d, "new/main.tf.json", "{}"), &["new"]),
    ("deleted root", |d| fs::remove_dir_all(d.join("environments/prod/app")).unwrap(), &["-environments/prod/app"]),
    ("moved root", |d| fs::rename(d.join("environments/prod/files"), d.join("moved")).unwrap(), &["-environments/prod/files", "moved"]),
    ("nothing", |_| {}, &[]),
    #[cfg(unix)]
    ("what a link leads to", |d| append(d, "shared/common.tf"), &["shared", "shared-user"]),
    #[cfg(unix)]
    ("a link changed", |d| { fs::remove_file(d.join("shared-user/common.tf")).unwrap(); write(d, "shared-user/common.tf", "\n"); }, &["shared-user"]),
    #[cfg(unix)]
    ("a name that is not Unicode", |d| {
        use std::os::unix::ffi::OsStrExt as _;
        fs::write(d.join("environments/prod/files").join(std::ffi::OsStr::from_bytes(b"\xff.tfvars")), "").unwrap();
    }, &["environments/prod/files"]),
];

#[test]
fn a_change_touches_exactly_what_depends_on_it() {
    for (name, change, wanted) in CASES {
        let repository = repository();
        let dir = repository.path();
        change(dir);
        let clean = git(dir, &["status", "--porcelain"]).is_empty();
        let mut wanted: Vec<String> = wanted.iter().map(|root| (*root).to_owned()).collect();
        if !clean {
            wanted.push("loose".to_owned());
            wanted.sort_by(|a, b| a.trim_start_matches('-').cmp(b.trim_start_matches('-')));
        }
        let tree = changed(dir, &["--base", "start", "--format", "json"]);
        assert_eq!(
            roots(&tree),
            wanted,
            "{name}, in the work tree: {}{}",
            tree.out,
            tree.err
        );
        assert_eq!(tree.code, Some(0), "{name}: {}", tree.err);
        assert!(!tree.out.contains(dir.to_str().unwrap()), "{name}: {}", tree.out);
        commit(dir);
        // A commit is read from git alone: whatever the work tree holds does not count.
        git(dir, &["branch", "change"]);
        git(dir, &["checkout", "-q", "start"]);
        let run = changed(dir, &["--base", "start", "--head", "change", "--format", "json"]);
        assert_eq!(roots(&run), wanted, "{name}, of a commit: {}{}", run.out, run.err);
    }
}

#[test]
fn only_what_came_since_the_histories_parted_counts() {
    let repository = repository();
    let dir = repository.path();
    git(dir, &["checkout", "-q", "-b", "work"]);
    append(dir, "environments/dev/net/main.tf");
    commit(dir);
    git(dir, &["checkout", "-q", "main"]);
    append(dir, "environments/dev/app/main.tf");
    commit(dir);
    let run = changed(dir, &["--base", "main", "--head", "work", "--format", "json"]);
    assert_eq!(roots(&run), ["environments/dev/net", "loose"]);
    let below = changed(
        dir,
        &[
            "--base",
            "main",
            "--head",
            "work",
            "--format",
            "json",
            "environments",
        ],
    );
    assert_eq!(roots(&below), ["environments/dev/net"]);
}

#[test]
fn the_matrix_is_one_line_for_ci() {
    let repository = repository();
    let dir = repository.path();
    let run = changed(dir, &["--base", "start", "--format", "matrix"]);
    assert_eq!(run.out, "{\"include\":[]}\n");
    append(dir, "environments/dev/app/main.tf");
    let run = changed(dir, &["--base", "start", "--format", "matrix"]);
    assert_eq!(
        run.out,
        "{\"include\":[{\"root\":\"environments/dev/app\",\"environment\":\"dev\",\"stack\":\"app\"},{\"root\":\"loose\"}]}\n"
    );
}

#[test]
fn what_cannot_be_read_is_touched_and_the_exit_code_is_2() {
    let repository = repository();
    let dir = repository.path();
    write(dir, "broken/main.tf", "resource {\n");
    commit(dir);
    append(dir, "environments/dev/net/main.tf");
    let run = changed(dir, &["--base", "HEAD", "--format", "json"]);
    assert_eq!(roots(&run), ["broken", "environments/dev/net", "loose"]);
    assert_eq!(run.code, Some(2));
    assert!(run.out.contains("cannot be read"), "{}", run.out);
}

#[test]
fn a_var_file_counts_where_it_is_named() {
    let repository = repository();
    let dir = repository.path();
    write(dir, "vars/dev.tfvars", "a = 1\n");
    let run = changed(
        dir,
        &[
            "--base",
            "start",
            "--var-file",
            "vars/dev.tfvars",
            "--format",
            "json",
            "environments/dev",
        ],
    );
    assert_eq!(roots(&run), ["environments/dev/app", "environments/dev/net"]);
}

#[test]
fn a_root_comes_after_those_that_the_settings_put_before_it() {
    let repository = repository();
    let dir = repository.path();
    let order = |text: &str| {
        write(dir, "plumbline.hcl", text);
        append(dir, "modules/app/policies/web.json");
        append(dir, "modules/net/rules/a.txt");
        append(dir, "environments/prod/app/main.tf");
        changed(dir, &["--base", "start", "--format", "json", "environments"])
    };
    let of = |root: &str, after: &str| {
        format!("root \"environments/{root}\" {{\n  after = [\"environments/{after}\"]\n}}\n")
    };
    let run = order(&format!("gate {{\n{}}}\n", of("dev/app", "dev/net")));
    assert_eq!(
        roots(&run),
        [
            "environments/dev/net",
            "environments/dev/app",
            "environments/prod/app"
        ]
    );
    // What is not touched is waited for by nobody.
    let run = order(&format!("gate {{\n{}}}\n", of("dev/app", "prod/files")));
    assert_eq!(
        roots(&run),
        [
            "environments/dev/app",
            "environments/dev/net",
            "environments/prod/app"
        ]
    );
    let run = order(&format!(
        "gate {{\n{}{}}}\n",
        of("dev/app", "dev/net"),
        of("dev/net", "dev/app")
    ));
    assert_eq!(run.code, Some(2));
    assert!(
        run.err
            .contains("in a circle: environments/dev/app after environments/dev/net"),
        "{}",
        run.err
    );
}

#[test]
fn a_submodule_touches_those_that_call_into_it() {
    let (inner, outer) = (repository(), repository());
    let dir = outer.path();
    git(
        dir,
        &[
            "submodule",
            "--quiet",
            "add",
            inner.path().to_str().unwrap(),
            "vendor/lib",
        ],
    );
    write(
        dir,
        "uses/main.tf",
        "module \"inner\" {\n  source = \"../vendor/lib/modules/inner\"\n}\n",
    );
    commit(dir);
    append(&dir.join("vendor/lib"), "modules/inner/main.tf");
    commit(&dir.join("vendor/lib"));
    let run = changed(dir, &["--base", "HEAD", "--format", "json"]);
    assert_eq!(roots(&run), ["loose", "uses"], "{}", run.out);
}

#[test]
fn errors_say_what_is_to_be_done() {
    let repository = repository();
    let dir = repository.path();
    let run = changed(dir, &["--base", "nowhere"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("no commit \"nowhere\""), "{}", run.err);
    let run = changed(dir, &["--base", "start", "gone"]);
    assert_eq!(run.code, Some(2));
    let empty = tempfile::tempdir().unwrap();
    let run = changed(empty.path(), &["--base", "main"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("no git repository"), "{}", run.err);
    append(dir, "docs/readme.md");
    commit(dir);
    let url = format!("file://{}", dir.display());
    git(empty.path(), &["clone", "-q", "--depth", "1", &url, "clone"]);
    let run = changed(&empty.path().join("clone"), &["--base", "HEAD~1"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.err.contains("shallow") && run.err.contains("fetch more history"),
        "{}",
        run.err
    );
}
