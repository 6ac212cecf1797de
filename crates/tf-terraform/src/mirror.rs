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
    /// Whether the user's own CLI configuration is kept, and its file where it is not at its usual place: `TF_CLI_CONFIG_FILE`.
    pub configured: Option<Option<OsString>>,
}

impl Surroundings {
    /// The usual ones, with what a process has in its environment.
    pub fn new(named: Option<OsString>, home: Option<PathBuf>) -> Surroundings {
        Surroundings {
            named,
            home,
            software: ["/opt", "/srv", "/usr/local"].map(PathBuf::from).into(),
            configured: None,
        }
    }

    /// Keeps the user's own CLI configuration, which ours would otherwise take the place of: hosts, credentials, caches. It is at its usual
    /// place, or in a file that somebody named: `TF_CLI_CONFIG_FILE`.
    #[must_use]
    pub fn keeping_the_users(mut self, file: Option<OsString>) -> Surroundings {
        self.configured = Some(file);
        self
    }

    /// The files of that, in the order in which Terraform reads them; one that was named is the only one.
    fn own(&self) -> Vec<PathBuf> {
        match &self.configured {
            None => return Vec::new(),
            Some(Some(named)) => return vec![named.into()],
            Some(None) => {}
        }
        let Some(home) = &self.home else {
            return Vec::new();
        };
        let main = [".terraformrc", ".tofurc"].map(|name| home.join(name));
        let mut found: Vec<PathBuf> = main.into_iter().filter(|file| file.is_file()).take(1).collect();
        let entries = fs::read_dir(home.join(".terraform.d")).into_iter().flatten();
        let mut more: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| {
                let name = path.to_string_lossy();
                (name.ends_with(".tfrc") || name.ends_with(".tfrc.json")) && path.is_file()
            })
            .collect();
        more.sort();
        found.append(&mut more);
        found
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
    /// The user's CLI configuration cannot be read.
    #[error("the CLI configuration {file} cannot be read: {problem}")]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why not, without what is in it.
        problem: String,
    },
    /// The CLI configuration cannot be written.
    #[error("the CLI configuration for the mirror cannot be written: {0}")]
    Unwritable(std::io::Error),
}

/// A folder of providers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mirror {
    folder: PathBuf,
    /// What the user's own CLI configuration says. It may hold tokens.
    own: Own,
}

#[derive(Clone, PartialEq, Eq, Default)]
struct Own(String);

impl std::fmt::Debug for Own {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl Mirror {
    /// Finds the mirror of these surroundings; `None` leaves it to Terraform where providers come from. So does a user whose own CLI
    /// configuration says where.
    ///
    /// # Errors
    /// Where a folder was named that is no mirror, or the user's CLI configuration cannot be read.
    pub fn find(surroundings: &Surroundings) -> Result<Option<Mirror>, MirrorError> {
        if let Some(named) = &surroundings.named {
            let folder = PathBuf::from(named);
            if !is_mirror(&folder) {
                return Err(MirrorError::Empty(folder));
            }
            let (own, _) = own(surroundings)?;
            return Ok(Some(Mirror { folder, own }));
        }
        let mut candidates = surroundings.implied().chain(surroundings.below_software());
        let Some(folder) = candidates.find(|folder| is_mirror(folder)) else {
            return Ok(None);
        };
        let (own, says_where) = own(surroundings)?;
        Ok((!says_where).then_some(Mirror { folder, own }))
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

/// What the user's own files say, as one, but for where providers come from; and whether they say that.
fn own(surroundings: &Surroundings) -> Result<(Own, bool), MirrorError> {
    let mut text = String::new();
    let mut says_where = false;
    for file in surroundings.own() {
        let unreadable = |problem: String| MirrorError::Unreadable {
            file: file.clone(),
            problem,
        };
        let found = match fs::read_to_string(&file) {
            Ok(found) => found,
            // Terraform only warns of a file that is named and not there.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(unreadable(error.to_string())),
        };
        let says = match file.extension().is_some_and(|extension| extension == "json") {
            true => credentials(&found).map_err(|problem| unreadable(problem.to_owned()))?,
            false => found,
        };
        let (says, had_it) = without_installation(&says);
        says_where |= had_it;
        text.push_str(&says);
        text.push('\n');
    }
    Ok((Own(text), says_where))
}

/// A CLI configuration without its block `provider_installation`, and whether it had one.
fn without_installation(text: &str) -> (String, bool) {
    const NAME: &str = "provider_installation";
    let mut kept = String::new();
    let mut had_it = false;
    let mut depth = 0_usize;
    let mut inside = false;
    for line in text.lines() {
        if depth == 0 && line.trim_start().starts_with(NAME) {
            (inside, had_it) = (true, true);
        }
        let opened = depth;
        let mut quoted = false;
        let mut letters = line.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' if quoted => {
                    letters.next();
                }
                '"' => quoted = !quoted,
                '#' if !quoted => break,
                '/' if !quoted && letters.peek() == Some(&'/') => break,
                '{' if !quoted => depth += 1,
                '}' if !quoted => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        if !inside {
            kept.push_str(line);
            kept.push('\n');
        } else if depth == 0 && (opened > 0 || line.contains('}')) {
            inside = false;
        }
    }
    (kept, had_it)
}

/// The tokens that `terraform login` keeps in JSON.
fn credentials(text: &str) -> Result<String, &'static str> {
    const WRONG: &str = "it is not what `terraform login` writes";
    let document: serde_json::Value = serde_json::from_str(text).map_err(|_| WRONG)?;
    let Some(hosts) = document.get("credentials") else {
        return Ok(String::new());
    };
    let mut out = String::new();
    for (host, entry) in hosts.as_object().ok_or(WRONG)? {
        let token = entry
            .get("token")
            .and_then(serde_json::Value::as_str)
            .ok_or(WRONG)?;
        out.push_str(&format!(
            "credentials {} {{\n  token = {}\n}}\n",
            quoted(host),
            quoted(token)
        ));
    }
    Ok(out)
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

/// A CLI configuration for a child Terraform, which goes when this value goes. Nobody else can read it.
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
            text.push_str(&mirror.own.0);
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
        let configuration = CliConfiguration::new(Some(&Mirror {
            folder,
            own: Own::default(),
        }))
        .unwrap();
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

    #[test]
    fn what_the_user_configured_stays() {
        let dir = tempfile::tempdir().unwrap();
        let folder = mirror_in(dir.path(), "providers");
        let home = dir.path().join("home");
        fs::create_dir_all(home.join(".terraform.d")).unwrap();
        fs::write(
            home.join(".terraform.d/credentials.tfrc.json"),
            r#"{"credentials": {"app.terraform.io": {"token": "t0ken"}}}"#,
        )
        .unwrap();
        fs::write(home.join(".terraformrc"), "plugin_cache_dir = \"/cache\"\n").unwrap();
        let surroundings = Surroundings {
            home: Some(home.clone()),
            software: vec![dir.path().to_owned()],
            ..Surroundings::default()
        };
        // Who does not ask for it gets none of it.
        assert_eq!(Mirror::find(&surroundings).unwrap().unwrap().own.0, "");
        let surroundings = surroundings.keeping_the_users(None);
        let mirror = Mirror::find(&surroundings).unwrap().unwrap();
        assert!(!format!("{mirror:?}").contains("t0ken"));
        let text = fs::read_to_string(CliConfiguration::new(Some(&mirror)).unwrap().path()).unwrap();
        for part in [
            "plugin_cache_dir = \"/cache\"",
            "credentials \"app.terraform.io\" {\n  token = \"t0ken\"\n}",
            "filesystem_mirror",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        // A file that is named is the only one that Terraform reads.
        let named = dir.path().join("named.tfrc");
        fs::write(&named, "disable_checkpoint_signature = true\n").unwrap();
        let other = surroundings.clone().keeping_the_users(Some(named.clone().into()));
        let text = Mirror::find(&other).unwrap().unwrap().own.0;
        assert!(
            text.contains("signature") && !text.contains("plugin_cache_dir"),
            "{text}"
        );
        let missing = surroundings
            .clone()
            .keeping_the_users(Some(dir.path().join("none").into()));
        assert_eq!(Mirror::find(&missing).unwrap().unwrap().own.0, "");
        // Whoever says where providers come from is believed, unless a mirror is named: then the rest stays.
        fs::write(
            &named,
            "a = \"{\" # {\n  provider_installation {\n  filesystem_mirror {\n    path = \"/}\"\n  }\n  direct {}\n}\nhost \"h\" {\n  services = {}\n}\nprovider_installation {}\nb = 1\n",
        )
        .unwrap();
        assert_eq!(Mirror::find(&other).unwrap(), None);
        let twice = Surroundings {
            named: Some(folder.into()),
            ..other
        };
        assert_eq!(
            Mirror::find(&twice).unwrap().unwrap().own.0,
            "a = \"{\" # {\nhost \"h\" {\n  services = {}\n}\nb = 1\n\n"
        );
        fs::write(
            home.join(".terraform.d/credentials.tfrc.json"),
            "{\"credentials\": 1}",
        )
        .unwrap();
        let error = Mirror::find(&surroundings).unwrap_err().to_string();
        assert!(error.contains("terraform login"), "{error}");
    }
}
