//! Stand-ins for the actions that our workflows use: what each does on a runner, as far as a step after it can tell.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value as Json};

use super::job::Machine;

/// Does what an action does. One that is not known here fails the test.
pub(super) fn act(machine: &mut Machine<'_>, action: &str, with: &Map<String, Json>) {
    let (name, version) = action.split_once('@').unwrap();
    let is_hash = version.len() == 40 && version.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(is_hash, "{action} is not pinned");
    let text = |key: &str| with.get(key).map(super::expression::shown);
    match name {
        "actions/checkout" => checkout(machine, with),
        // A key that nobody has stored yet.
        "actions/cache" => {
            assert!(text("key").is_some() && text("path").is_some());
        }
        // Of one key only, and of the newest: as much as our workflows ask for.
        "actions/cache/restore" | "actions/cache/save" => {
            assert!(text("key").is_some());
            let here = PathBuf::from(text("path").unwrap());
            match (&machine.run.cache, name.ends_with("save")) {
                (Some(kept), true) => copy(&here, kept),
                (Some(kept), false) if kept.is_dir() => copy(kept, &here),
                _ => {}
            }
        }
        "actions/upload-artifact" => upload(machine, with),
        "actions/download-artifact" if with.contains_key("pattern") => {
            assert_eq!(text("merge-multiple").as_deref(), Some("true"));
            let pattern = text("pattern").unwrap();
            let start = pattern.strip_suffix('*').unwrap();
            for entry in fs::read_dir(machine.run.artifacts.path()).unwrap() {
                let entry = entry.unwrap();
                if entry.file_name().to_string_lossy().starts_with(start) {
                    copy(&entry.path(), Path::new(&text("path").unwrap()));
                }
            }
        }
        "actions/download-artifact" => {
            let from = machine.run.artifacts.path().join(text("name").unwrap());
            assert!(from.is_dir(), "there is no artifact {}", from.display());
            copy(&from, Path::new(&text("path").unwrap()));
        }
        "hashicorp/setup-terraform" => {
            assert_eq!(text("terraform_wrapper").as_deref(), Some("false"));
            assert!(text("terraform_version").is_some());
            machine.path.push(machine.run.terraform.clone());
        }
        "aws-actions/configure-aws-credentials" => {
            assert_eq!(machine.permission("id-token"), "write");
            let role = text("role-to-assume").unwrap();
            assert!(!role.trim().is_empty(), "no role to sign in with");
            let region = text("aws-region").unwrap();
            machine.environment.extend(machine.run.account.clone());
            for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
                machine.environment.insert(name.to_owned(), region.clone());
            }
            machine.ended.roles.push(role.trim().to_owned());
        }
        "github/codeql-action/upload-sarif" => {
            assert_eq!(machine.permission("security-events"), "write");
            let file = fs::read_to_string(text("sarif_file").unwrap()).unwrap();
            let sarif = serde_json::from_str(&file).unwrap();
            machine.ended.sarif.push((text("category").unwrap(), sarif));
        }
        _ => panic!("no stand-in for {action}"),
    }
}

fn checkout(machine: &Machine<'_>, with: &Map<String, Json>) {
    assert_eq!(with.get("persist-credentials"), Some(&Json::Bool(false)));
    let known = ["persist-credentials", "fetch-depth"];
    assert!(with.keys().all(|key| known.contains(&&**key)), "{with:?}");
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(&machine.workspace).args(args);
        assert!(command.status().unwrap().success(), "git {args:?}");
    };
    let url = format!("file://{}", machine.run.repository.display());
    git(&["init", "-q", "-b", "unused"]);
    match with.get("fetch-depth").and_then(Json::as_u64) {
        Some(0) => git(&["fetch", "-q", &url, &machine.run.commit]),
        None => git(&["fetch", "-q", "--depth=1", &url, &machine.run.commit]),
        Some(depth) => panic!("fetch-depth {depth}"),
    }
    git(&["checkout", "-q", "--detach", "FETCH_HEAD"]);
}

/// Files at their place below the folder that all patterns have in common.
fn upload(machine: &Machine<'_>, with: &Map<String, Json>) {
    let name = with["name"].as_str().unwrap();
    assert!(
        !name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|']),
        "{name}"
    );
    let artifact = machine.run.artifacts.path().join(name);
    if artifact.exists() {
        assert_eq!(
            with.get("overwrite"),
            Some(&Json::Bool(true)),
            "{name} is there already"
        );
        fs::remove_dir_all(&artifact).unwrap();
    }
    let patterns: Vec<&str> = with["path"].as_str().unwrap().lines().map(str::trim).collect();
    let mut bases: Vec<&Path> = Vec::new();
    let mut files: Vec<PathBuf> = Vec::new();
    for pattern in &patterns {
        // A folder, all files of a name below a folder, or one file, which need not be there.
        let whole = Path::new(*pattern);
        let (base, found) = match pattern.split_once("/**/") {
            Some((base, name)) => {
                let mut found = super::files(Path::new(base));
                found.retain(|file| file.file_name().is_some_and(|its| its == name));
                (Path::new(base), found)
            }
            None if whole.is_dir() => (whole, super::files(whole)),
            None if whole.is_file() => (whole.parent().unwrap(), vec![whole.to_owned()]),
            None => continue,
        };
        bases.push(base);
        files.extend(found);
    }
    if files.is_empty() {
        assert_eq!(
            with.get("if-no-files-found"),
            Some(&"ignore".into()),
            "{name}: {patterns:?}"
        );
        return;
    }
    let base = bases[0];
    assert!(bases.iter().all(|other| *other == base), "{bases:?}");
    for file in files {
        let to = artifact.join(file.strip_prefix(base).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, fs::read(file).unwrap()).unwrap();
    }
}

/// Artifacts keep no permissions.
fn copy(from: &Path, to: &Path) {
    for file in super::files(from) {
        let to = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, fs::read(file).unwrap()).unwrap();
    }
}
