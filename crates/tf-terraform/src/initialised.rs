//! Whether a root need be initialised at all, and whether others may be at the same time.
//!
//! An `init` costs a third of a scan of a small root: it reads the provider's hundreds of megabytes once more. What it was made of
//! stands beside what it made, so that it is made again only where something of that has changed.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::program::Program;
use crate::root::InitOptions;

/// Terraform's folder in a root.
const DATA: &str = ".terraform";

/// Our file in it.
const RECORD: &str = ".terraform/plumbline-init";

const LOCK: &str = ".terraform.lock.hcl";

/// What the `init` of a root is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Initialised {
    record: PathBuf,
    digest: String,
}

/// Terraform's list of the modules that it installed.
#[derive(Deserialize)]
struct Manifest {
    #[serde(rename = "Modules", default)]
    modules: Vec<Module>,
}

#[derive(Deserialize)]
struct Module {
    #[serde(rename = "Dir", default)]
    dir: String,
}

impl Initialised {
    /// A root as it is: its configuration and that of its modules, the backend that it was initialised with and the one that is wanted,
    /// the providers that are locked, and the program. None where it is not initialised, or something of it cannot be read.
    pub fn of(dir: &Path, options: &InitOptions, program: &Program) -> Option<Initialised> {
        if !dir.join(DATA).is_dir() || !are_in(&dir.join(".terraform/providers"), dir)? {
            return None;
        }
        let mut parts = Parts(Sha256::new());
        parts.add(program.path().as_os_str().as_encoded_bytes());
        parts.add(format!("{} {}", program.name(), program.version()).as_bytes());
        parts.add(format!("{} {}", options.no_backend, options.readonly_lock_file).as_bytes());
        for setting in &options.backend_config {
            parts.add(setting.as_bytes());
            if !setting.contains('=') {
                parts.add(&fs::read(dir.join(setting)).ok()?);
            }
        }
        for file in [
            LOCK,
            ".terraform/terraform.tfstate",
            ".terraform/modules/modules.json",
        ] {
            parts.file(&dir.join(file))?;
        }
        let mut folders = vec![dir.to_path_buf()];
        if let Ok(text) = fs::read(dir.join(".terraform/modules/modules.json")) {
            let manifest: Manifest = serde_json::from_slice(&text).ok()?;
            folders.extend(manifest.modules.iter().map(|module| dir.join(&module.dir)));
        }
        folders.sort();
        folders.dedup();
        for folder in folders {
            parts.add(folder.as_os_str().as_encoded_bytes());
            parts.configuration(&folder)?;
        }
        let digest = parts.0.finalize();
        Some(Initialised {
            record: dir.join(RECORD),
            digest: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        })
    }

    /// Whether the last `init` that was recorded was made of just this.
    pub fn is_recorded(&self) -> bool {
        fs::read_to_string(&self.record).is_ok_and(|text| text.trim() == self.digest)
    }

    /// Remembers it. Where that is not possible, the next one is made again.
    pub fn record(&self) {
        let _ = fs::write(&self.record, format!("{}\n", self.digest));
    }
}

struct Parts(Sha256);

impl Parts {
    fn add(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// A file that may be missing.
    fn file(&mut self, path: &Path) -> Option<()> {
        match fs::read(path) {
            Ok(bytes) => self.add(&bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => self.add(b"(missing)"),
            Err(_) => return None,
        }
        Some(())
    }

    fn configuration(&mut self, dir: &Path) -> Option<()> {
        let mut files: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(dir).ok()? {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_string_lossy().into_owned();
            let endings = [".tf", ".tf.json", ".tofu", ".tofu.json"];
            if endings.iter().any(|ending| name.ends_with(ending)) {
                files.push(path);
            }
        }
        files.sort();
        for file in files {
            self.add(file.as_os_str().as_encoded_bytes());
            self.add(&fs::read(&file).ok()?);
        }
        Some(())
    }
}

/// Whether a cache of providers has all that a root's lock file names, so that an `init` only reads it: others may then do the same.
pub fn is_cached(cache: &Path, dir: &Path) -> bool {
    dir.join(LOCK).is_file() && are_in(cache, dir).unwrap_or(false)
}

/// Whether a folder has the providers that a root's lock file names; none where that cannot be told.
fn are_in(folder: &Path, dir: &Path) -> Option<bool> {
    let text = match fs::read_to_string(dir.join(LOCK)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(_) => return None,
    };
    let platform = platform()?;
    let locked = locked(&text)?;
    Some(
        locked
            .iter()
            .all(|(source, version)| folder.join(source).join(version).join(&platform).is_dir()),
    )
}

/// The providers of a lock file with their versions. Terraform writes it, always in the same way; what is written otherwise is not read.
fn locked(text: &str) -> Option<Vec<(String, String)>> {
    let quoted = |text: &str| Some(text.split('"').nth(1)?.to_owned());
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if !line.starts_with("provider ") {
            continue;
        }
        let source = quoted(line)?;
        let version = lines
            .by_ref()
            .take_while(|line| !line.starts_with('}'))
            .find(|line| line.trim_start().starts_with("version "))?;
        found.push((source, quoted(version)?));
    }
    Some(found)
}

/// This machine, as providers name it: `linux_amd64`.
fn platform() -> Option<String> {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let machine = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        "arm" => "arm",
        _ => return None,
    };
    Some(format!("{system}_{machine}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCKED: &str = r#"# This file is maintained automatically by "terraform init".

provider "registry.terraform.io/hashicorp/aws" {
  version     = "6.1.0"
  constraints = ">= 6.0.0"
  hashes = [
    "h1:x=",
  ]
}

provider "registry.terraform.io/hashicorp/random" {
  version = "3.7.2"
}
"#;

    #[test]
    fn a_lock_file_names_providers() {
        let found = locked(LOCKED).unwrap();
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(source, version)| (source.as_str(), version.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("registry.terraform.io/hashicorp/aws", "6.1.0"),
                ("registry.terraform.io/hashicorp/random", "3.7.2")
            ]
        );
        assert_eq!(locked("provider \"x\" {\n}\n"), None);
    }

    #[test]
    fn what_init_was_made_of_is_told_from_what_it_would_be_made_of() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        let write = |name: &str, text: &str| {
            let file = dir.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        let program_file = dir.join("terraform");
        fs::write(&program_file, "#!/bin/sh\necho Terraform v1.11.4\n").unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&program_file, mode).unwrap();
        let program = Program::find(Some(program_file.as_os_str()), None, None).unwrap();
        let mut options = InitOptions {
            backend_config: vec!["bucket=a".to_owned(), "backend.hcl".to_owned()],
            ..InitOptions::default()
        };
        write("root/main.tf", "module \"m\" {\n  source = \"../m\"\n}\n");
        write("root/backend.hcl", "key = \"k\"\n");
        write("root/.terraform.lock.hcl", LOCKED);
        write("m/main.tf", "");
        let root = dir.join("root");
        let of = |options: &InitOptions| Initialised::of(&root, options, &program);
        assert_eq!(of(&options), None, "nobody has initialised it");
        write(
            "root/.terraform/modules/modules.json",
            r#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"m","Source":"../m","Dir":"../m"}]}"#,
        );
        write("root/.terraform/terraform.tfstate", "{}");
        assert_eq!(of(&options), None, "the providers are missing");
        for provider in ["aws/6.1.0", "random/3.7.2"] {
            let place = format!(".terraform/providers/registry.terraform.io/hashicorp/{provider}");
            fs::create_dir_all(root.join(place).join(platform().unwrap())).unwrap();
        }
        assert!(is_cached(&root.join(".terraform/providers"), &root));
        assert!(!is_cached(dir, &root));
        let whole = of(&options).unwrap();
        assert!(!whole.is_recorded());
        whole.record();
        assert!(of(&options).unwrap().is_recorded());

        for (file, text, old) in [
            (
                "root/main.tf",
                "# other",
                "module \"m\" {\n  source = \"../m\"\n}\n",
            ),
            ("root/backend.hcl", "key = \"other\"\n", "key = \"k\"\n"),
            ("root/.terraform/terraform.tfstate", "{\"other\": 1}", "{}"),
            ("m/main.tf", "module \"n\" {\n  source = \"./n\"\n}\n", ""),
        ] {
            write(file, text);
            assert!(!of(&options).unwrap().is_recorded(), "{file}");
            write(file, old);
            assert!(of(&options).unwrap().is_recorded(), "{file}");
        }
        options.backend_config.remove(0);
        assert!(!of(&options).unwrap().is_recorded());
    }
}
