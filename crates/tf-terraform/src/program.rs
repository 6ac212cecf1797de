//! Which Terraform or OpenTofu is used.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use crate::error::TerraformError;
use crate::mirror::{CliConfiguration, Mirror};
use crate::process::{self, Stop, Way};

/// The oldest version whose plans are understood: `-generate-config-out` aside, 1.5 is the first with `import` blocks in plans.
const LEAST: Version = Version {
    major: 1,
    minor: 5,
    patch: 0,
};
const LEAST_TEXT: &str = "1.5";

/// Who made it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Product {
    /// HashiCorp's.
    Terraform,
    /// The Linux Foundation's.
    OpenTofu,
}

/// A version, without what follows the three numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Version {
    /// First number.
    pub major: u32,
    /// Second number.
    pub minor: u32,
    /// Third number.
    pub patch: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Version {
    fn parse(text: &str) -> Option<Version> {
        let core = text.split(['-', '+']).next()?;
        let mut numbers = core.split('.').map(|number| number.parse().ok());
        let mut next = || numbers.next().flatten();
        Some(Version {
            major: next()?,
            minor: next()?,
            patch: next()?,
        })
    }
}

/// A Terraform or OpenTofu that can be run.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    product: Product,
    version: Version,
    /// Where there is a mirror; without one, the user's own stays.
    configuration: Option<Arc<CliConfiguration>>,
}

/// `Terraform v1.11.4`: who it is, and the version.
fn said(output: &[u8]) -> Option<(Product, &str)> {
    let text = std::str::from_utf8(output).ok()?;
    let (name, version) = text.lines().next()?.trim().split_once(" v")?;
    match name {
        "Terraform" => Some((Product::Terraform, version)),
        "OpenTofu" => Some((Product::OpenTofu, version)),
        _ => None,
    }
}

impl Program {
    /// Finds it: the one that was named (a path, or a name on the search path), else `terraform`, else `tofu`. Providers come
    /// from the mirror where there is one.
    ///
    /// # Errors
    /// Where there is none, it is something else, or it is too old.
    pub fn find(
        named: Option<&OsStr>,
        search: Option<&OsStr>,
        mirror: Option<&Mirror>,
    ) -> Result<Program, TerraformError> {
        let names: Vec<&OsStr> = match named {
            Some(name) => vec![name],
            None => vec![OsStr::new("terraform"), OsStr::new("tofu")],
        };
        let found = names.iter().find_map(|name| on_path(name, search));
        let path = found.ok_or_else(|| TerraformError::NotFound {
            name: named
                .map_or("terraform".into(), OsStr::to_string_lossy)
                .into_owned(),
        })?;
        let configuration = match mirror {
            Some(_) => Some(Arc::new(CliConfiguration::new(mirror)?)),
            None => None,
        };
        // The plain answer: that in JSON does not say which of the two it is.
        let mut output = Vec::new();
        let mut command = Command::new(&path);
        command
            .arg("version")
            .env("TF_CLI_ARGS", "")
            .env("TF_CLI_ARGS_version", "")
            .env("CHECKPOINT_DISABLE", "1");
        let limit = Some(Duration::from_secs(30).into());
        process::run(&mut command, &Stop::new(), limit, Way::Pipes, |piece| {
            output.extend_from_slice(piece);
        })
        .map_err(|source| TerraformError::Start {
            program: path.clone(),
            source,
        })?;
        let (product, said) = said(&output).ok_or_else(|| TerraformError::NotTerraform {
            program: path.clone(),
        })?;
        let Some(version) = Version::parse(said) else {
            return Err(TerraformError::NotTerraform { program: path });
        };
        if version < LEAST {
            return Err(TerraformError::TooOld {
                version: said.to_owned(),
                program: path,
                least: LEAST_TEXT,
            });
        }
        Ok(Program {
            path,
            product,
            version,
            configuration,
        })
    }

    /// The file that is run.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Who made it.
    pub fn product(&self) -> Product {
        self.product
    }

    /// Its version.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Its name in messages.
    pub fn name(&self) -> &'static str {
        match self.product {
            Product::Terraform => "terraform",
            Product::OpenTofu => "tofu",
        }
    }

    /// A call in a folder. It inherits our environment; its arguments are those of the caller alone.
    pub fn command(&self, dir: &Path) -> Command {
        let mut command = Command::new(&self.path);
        command
            .current_dir(dir)
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_INPUT", "0")
            .env("CHECKPOINT_DISABLE", "1");
        if let Some(configuration) = &self.configuration {
            command.env("TF_CLI_CONFIG_FILE", configuration.path());
        }
        // Arguments by environment would change what a plan is without a trace in the review; empty is as good as unset.
        for suffix in [
            "",
            "_init",
            "_plan",
            "_show",
            "_apply",
            "_version",
            "_output",
            "_state_pull",
        ] {
            command.env(format!("TF_CLI_ARGS{suffix}"), "");
        }
        command
    }
}

/// The file of a name on a search path; a name with a slash is a path already.
fn on_path(name: &OsStr, search: Option<&OsStr>) -> Option<PathBuf> {
    let named = Path::new(name);
    if named.components().count() > 1 {
        return named.is_file().then(|| std::path::absolute(named).ok()).flatten();
    }
    std::env::split_paths(search?)
        .map(|folder| folder.join(named))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn script(dir: &Path, name: &str, text: &str) -> PathBuf {
        let file = dir.join(name);
        std::fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        file
    }

    const TOFU: &str = "echo 'OpenTofu v1.10.2'; echo 'on linux_amd64'";

    #[test]
    fn opentofu_is_found_where_there_is_no_terraform() {
        let dir = tempfile::tempdir().unwrap();
        script(dir.path(), "tofu", TOFU);
        let program = Program::find(None, Some(dir.path().as_os_str()), None).unwrap();
        assert_eq!(program.product(), Product::OpenTofu);
        assert_eq!(program.version().to_string(), "1.10.2");
        assert_eq!(program.name(), "tofu");
    }

    #[test]
    fn what_is_no_terraform_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let find = |named: &str| Program::find(Some(OsStr::new(named)), Some(dir.path().as_os_str()), None);
        assert!(matches!(find("terraform"), Err(TerraformError::NotFound { name }) if name == "terraform"));
        script(dir.path(), "other", "echo hello");
        assert!(matches!(find("other"), Err(TerraformError::NotTerraform { .. })));
        script(dir.path(), "old", "echo 'Terraform v0.12.31'");
        let error = find("old").unwrap_err().to_string();
        assert!(error.contains("0.12.31") && error.contains(LEAST_TEXT), "{error}");
    }
}
