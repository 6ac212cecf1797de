//! Folders of providers that can be used without a registry.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What a mirror folder holds, by host, namespace and type.
///
/// Source: <https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror>.
const HOST: &str = "registry.terraform.io";

/// Where a mirror is looked for.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// A folder that somebody named: `TF_PLUGIN_MIRROR`. Nothing else is looked at then.
    pub named: Option<OsString>,
    /// The user's home.
    pub home: Option<PathBuf>,
    /// Folders one level below which mirrors are looked for, since images for continuous integration keep them wherever
    /// they like.
    pub software: Vec<PathBuf>,
}

impl Surroundings {
    /// The usual ones, with what a process has in its environment.
    pub fn new(named: Option<OsString>, home: Option<PathBuf>) -> Surroundings {
        Surroundings {
            named,
            home,
            software: ["/opt", "/srv", "/usr/local"].map(PathBuf::from).into(),
        }
    }

    /// Folders into which Terraform itself would look.
    fn implied(&self) -> impl Iterator<Item = PathBuf> {
        let own = self.home.iter().flat_map(|home| {
            [".terraform.d/plugins", ".local/share/terraform/plugins"].map(|folder| home.join(folder))
        });
        own.chain(
            [
                "/usr/local/share/terraform/plugins",
                "/usr/share/terraform/plugins",
            ]
            .map(PathBuf::from),
        )
    }

    fn below_software(&self) -> impl Iterator<Item = PathBuf> {
        self.software.iter().flat_map(|parent| folders(parent))
    }
}

/// A mirror that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// The folder that was named holds no providers.
    #[error("{0} is no mirror of providers: it holds no folder registry.terraform.io")]
    Empty(PathBuf),
    /// Its name cannot stand in a configuration.
    #[error("the name of the mirror folder {0} is not UTF-8")]
    Name(PathBuf),
    /// The CLI configuration cannot be written.
    #[error("the CLI configuration for the mirror cannot be written: {0}")]
    Unwritable(std::io::Error),
}

/// A folder of providers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mirror {
    folder: PathBuf,
}

impl Mirror {
    /// Finds the mirror of these surroundings; `None` leaves it to Terraform where providers come from.
    ///
    /// # Errors
    /// Where a folder was named that is no mirror.
    pub fn find(surroundings: &Surroundings) -> Result<Option<Mirror>, MirrorError> {
        if let Some(named) = &surroundings.named {
            let folder = PathBuf::from(named);
            return match is_mirror(&folder) {
                true => Ok(Some(Mirror { folder })),
                false => Err(MirrorError::Empty(folder)),
            };
        }
        let mut candidates = surroundings.implied().chain(surroundings.below_software());
        Ok(candidates
            .find(|folder| is_mirror(folder))
            .map(|folder| Mirror { folder }))
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The providers that it has: `registry.terraform.io/hashicorp/aws`, in order.
    pub fn providers(&self) -> Vec<String> {
        let host = self.folder.join(HOST);
        let kinds = folders(&host)
            .into_iter()
            .flat_map(|namespace| folders(&namespace));
        kinds
            .filter_map(|kind| {
                let below = kind.strip_prefix(&self.folder).ok()?;
                let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
                Some(parts?.join("/"))
            })
            .collect()
    }
}

fn is_mirror(folder: &Path) -> bool {
    folder.join(HOST).is_dir()
}

/// The folders in a folder, in order.
fn folders(parent: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten();
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

/// A CLI configuration for a child Terraform, which goes when this value goes.
#[derive(Debug)]
pub struct CliConfiguration {
    file: tempfile::NamedTempFile,
}

impl CliConfiguration {
    /// Takes the providers that a mirror has from there, and all others from where they come from anyway.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn new(mirror: Option<&Mirror>) -> Result<CliConfiguration, MirrorError> {
        let mut text = "disable_checkpoint = true\n".to_owned();
        if let Some(mirror) = mirror {
            let folder = mirror.folder();
            let name = folder.to_str().ok_or_else(|| MirrorError::Name(folder.into()))?;
            let providers: Vec<String> = mirror.providers().iter().map(|name| quoted(name)).collect();
            let providers = providers.join(", ");
            text.push_str(&format!(
                "provider_installation {{\n  filesystem_mirror {{\n    path    = {}\n    include = [{providers}]\n  }}\n  \
                 direct {{\n    exclude = [{providers}]\n  }}\n}}\n",
                quoted(name)
            ));
        }
        let mut file = tempfile::Builder::new()
            .prefix("plumbline-")
            .suffix(".tfrc")
            .tempfile()
            .map_err(MirrorError::Unwritable)?;
        file.write_all(text.as_bytes()).map_err(MirrorError::Unwritable)?;
        Ok(CliConfiguration { file })
    }

    /// The file, for `TF_CLI_CONFIG_FILE`.
    pub fn path(&self) -> &Path {
        self.file.path()
    }
}

/// A plain string of HCL.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", escaped.replace("${", "$${").replace("%{", "%%{"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mirror_in(parent: &Path, name: &str) -> PathBuf {
        let folder = parent.join(name);
        fs::create_dir_all(folder.join("registry.terraform.io/hashicorp/aws/5.100.0")).unwrap();
        folder
    }

    #[test]
    fn a_named_mirror_is_the_only_one() {
        let dir = tempfile::tempdir().unwrap();
        let folder = mirror_in(dir.path(), "providers");
        let named = |folder: &Path| Surroundings {
            named: Some(folder.into()),
            software: vec![dir.path().to_owned()],
            ..Surroundings::default()
        };
        let found = Mirror::find(&named(&folder)).unwrap().unwrap();
        assert_eq!(found.folder(), folder);
        assert_eq!(found.providers(), ["registry.terraform.io/hashicorp/aws"]);
        assert!(matches!(
            Mirror::find(&named(Path::new("/nowhere"))),
            Err(MirrorError::Empty(_))
        ));
    }

    #[test]
    fn a_mirror_is_found_one_level_below_software() {
        let dir = tempfile::tempdir().unwrap();
        let surroundings = Surroundings {
            software: vec![dir.path().to_owned()],
            ..Surroundings::default()
        };
        assert_eq!(Mirror::find(&surroundings).unwrap(), None);
        let folder = mirror_in(dir.path(), "tf-plugins");
        assert_eq!(Mirror::find(&surroundings).unwrap().unwrap().folder(), folder);
    }

    #[test]
    fn what_the_mirror_has_not_comes_from_elsewhere() {
        let dir = tempfile::tempdir().unwrap();
        let folder = mirror_in(dir.path(), "a \"${b}");
        let configuration = CliConfiguration::new(Some(&Mirror { folder })).unwrap();
        let text = fs::read_to_string(configuration.path()).unwrap();
        assert!(text.contains("a \\\"$${b}\""), "{text}");
        assert_eq!(
            text.matches("[\"registry.terraform.io/hashicorp/aws\"]").count(),
            2,
            "{text}"
        );
        let plain = CliConfiguration::new(None).unwrap();
        assert!(
            !fs::read_to_string(plain.path())
                .unwrap()
                .contains("provider_installation")
        );
    }
}
