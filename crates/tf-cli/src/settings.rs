//! The settings file: `plumbline.hcl`, found from the working directory upwards.

pub mod bootstrap;
pub mod cost;
pub mod drift;
pub mod envdiff;
pub mod key;
pub mod place;
pub mod review;
mod values;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::GlobBuilder;
use tf_lang::ast::{Attribute, Block};
use tf_lang::{SourceFile, SourceMap, Span};
use tf_policy::suppress::{Waiver, parse_date};

/// Name of the settings file.
pub const FILE: &str = "plumbline.hcl";

/// What the settings file says. Flags and the environment win over it.
#[derive(Debug, Default)]
pub struct Settings {
    /// The file, where there is one.
    pub file: Option<PathBuf>,
    /// The `gate` block.
    pub gate: Gate,
    /// The `bootstrap` block.
    pub bootstrap: bootstrap::Bootstrap,
    /// The `cost` block.
    pub cost: cost::Cost,
    /// The `drift` block.
    pub drift: drift::Drift,
    /// The `envdiff` block.
    pub envdiff: envdiff::Envdiff,
    /// `waiver` blocks.
    pub waivers: Vec<Waiver>,
}

/// The `gate` block.
#[derive(Debug, Default)]
pub struct Gate {
    /// Least severity that fails a run.
    pub fail_on: Option<String>,
    /// Folders of a team's own policies, relative to the settings file.
    pub policy_dirs: Vec<PathBuf>,
    /// Policies to run, by id.
    pub only: Vec<String>,
    /// Policies not to run.
    pub skip: Vec<String>,
    /// Policies and severities that comments may not suppress.
    pub forbid_inline: Vec<String>,
    /// A baseline of Checkov, relative to the settings file.
    pub baseline: Option<PathBuf>,
    /// Whether modules that others call are judged as roots too.
    pub each_module: Option<bool>,
    /// Whether a module that is not installed leaves the exit code alone.
    pub allow_missing_modules: Option<bool>,
    /// How reviews are made and checked.
    pub reviews: review::Reviews,
    /// What is particular about some roots.
    pub roots: Vec<review::RootSettings>,
    /// Who has to approve what.
    pub approvals: Vec<review::Approval>,
    /// Who may approve.
    pub approvers: Vec<review::Approver>,
}

impl Gate {
    /// What is particular about the root in a folder, which is an absolute path without links.
    pub fn root_of(&self, dir: &Path) -> Option<&review::RootSettings> {
        let is = |root: &&review::RootSettings| root.dir.canonicalize().is_ok_and(|its| its == dir);
        self.roots.iter().find(is)
    }
}

/// What is wrong with the settings file.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// It cannot be read.
    #[error("{0}: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// It is not right.
    #[error("{file}:{line},{column}: {message}")]
    Invalid {
        /// The file.
        file: String,
        /// Line, from 1.
        line: u32,
        /// Column, from 1.
        column: u32,
        /// What is wrong, and what to do.
        message: String,
    },
}

impl Settings {
    /// Reads the file that is found from a folder upwards; nothing is set where there is none.
    ///
    /// # Errors
    /// Where the file is there and cannot be read or is not right.
    pub fn find(from: &Path) -> Result<Settings, SettingsError> {
        let from = from.canonicalize().unwrap_or_else(|_| from.to_path_buf());
        match from
            .ancestors()
            .map(|dir| dir.join(FILE))
            .find(|file| file.is_file())
        {
            Some(file) => Settings::read(&file),
            None => Ok(Settings::default()),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Where it cannot be read or is not right.
    pub fn read(file: &Path) -> Result<Settings, SettingsError> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| SettingsError::Unreadable(file.to_path_buf(), error))?;
        let shown = file
            .file_name()
            .map_or(FILE.to_owned(), |name| name.to_string_lossy().into_owned());
        Settings::parse(&shown, &text, file)
    }

    fn parse(shown: &str, text: &str, file: &Path) -> Result<Settings, SettingsError> {
        let mut sources = SourceMap::new();
        let text: Arc<str> = text.into();
        let id = sources.add(SourceFile::new(shown, text.clone()));
        let reader = Reader {
            sources,
            dir: file.parent().map(Path::to_path_buf).unwrap_or_default(),
        };
        let body = tf_lang::parse::parse_body(id, &text)
            .map_err(|problem| reader.wrong(problem.span.unwrap_or_default(), problem.to_string()))?;
        let mut settings = Settings {
            file: Some(file.to_path_buf()),
            ..Settings::default()
        };
        if let Some(attribute) = body.attributes.first() {
            let message = format!(
                "\"{}\" is not a setting: settings stand in blocks such as gate {{ … }}",
                attribute.name.name
            );
            return Err(reader.wrong(attribute.name.span, message));
        }
        for block in &body.blocks {
            match &*block.kind.name {
                "gate" => settings.gate = reader.gate(block)?,
                "bootstrap" => settings.bootstrap = reader.bootstrap(block)?,
                "cost" => settings.cost = reader.cost(block)?,
                "waiver" => settings.waivers.push(reader.waiver(block)?),
                "envdiff" => settings.envdiff = reader.envdiff(block)?,
                "drift" => settings.drift = reader.drift(block)?,
                other => {
                    let message = format!(
                        "\"{other}\" is not a setting: there are blocks gate, cost, drift, envdiff, bootstrap and waiver"
                    );
                    return Err(reader.wrong(block.header, message));
                }
            }
        }
        Ok(settings)
    }
}

struct Reader {
    sources: SourceMap,
    dir: PathBuf,
}

impl Reader {
    fn wrong(&self, span: Span, message: impl Into<String>) -> SettingsError {
        let position = self.sources.get(span.file).map(|file| file.position(span.start));
        SettingsError::Invalid {
            file: self.sources.name(span.file).to_owned(),
            line: position.map_or(0, |position| position.line),
            column: position.map_or(0, |position| position.column),
            message: message.into(),
        }
    }

    fn gate(&self, block: &Block) -> Result<Gate, SettingsError> {
        let mut gate = Gate::default();
        for attribute in &block.body.attributes {
            match &*attribute.name.name {
                "fail_on" => gate.fail_on = Some(self.level(attribute)?),
                "policy_dirs" => gate.policy_dirs = self.folders(attribute)?,
                "only" => gate.only = self.texts(attribute)?,
                "skip" => gate.skip = self.texts(attribute)?,
                "forbid_inline" => gate.forbid_inline = self.texts(attribute)?,
                "baseline" => gate.baseline = Some(self.dir.join(self.text(attribute)?)),
                "each_module" => gate.each_module = Some(self.flag(attribute)?),
                "allow_missing_modules" => gate.allow_missing_modules = Some(self.flag(attribute)?),
                _ => {
                    return Err(self.unknown(
                        attribute,
                        "fail_on, policy_dirs, only, skip, forbid_inline, baseline, each_module, allow_missing_modules",
                    ));
                }
            }
        }
        for inner in &block.body.blocks {
            match &*inner.kind.name {
                "review" => gate.reviews = self.reviews(inner)?,
                "root" => gate.roots.push(self.root(inner)?),
                "approval" => gate.approvals.push(self.approval(inner)?),
                "approver" => gate.approvers.push(self.approver(inner)?),
                _ => {
                    let message = "inside gate there are blocks review, root, approval and approver";
                    return Err(self.wrong(inner.header, message));
                }
            }
        }
        Ok(gate)
    }

    fn unknown(&self, attribute: &Attribute, known: &str) -> SettingsError {
        self.wrong(
            attribute.name.span,
            format!(
                "\"{}\" is not a setting here: there are {known}",
                attribute.name.name
            ),
        )
    }

    fn waiver(&self, block: &Block) -> Result<Waiver, SettingsError> {
        let mut values: std::collections::BTreeMap<&str, (String, Span)> = std::collections::BTreeMap::new();
        for attribute in &block.body.attributes {
            let name = &*attribute.name.name;
            if ![
                "policy",
                "address",
                "root",
                "owner",
                "reason",
                "expires",
                "fingerprint",
            ]
            .contains(&name)
            {
                return Err(self.unknown(
                    attribute,
                    "policy, address, root, owner, reason, expires, fingerprint",
                ));
            }
            values.insert(name, (self.text(attribute)?, attribute.value.span));
        }
        let mut required = |name: &str| match values.remove(name).filter(|(text, _)| !text.trim().is_empty())
        {
            Some(value) => Ok(value),
            None => Err(self.wrong(block.header, format!("a waiver needs \"{name}\""))),
        };
        let (policy, _) = required("policy")?;
        let (pattern, pattern_span) = required("address")?;
        let (owner, _) = required("owner")?;
        let (reason, _) = required("reason")?;
        let (expires, expires_span) = required("expires")?;
        if parse_date(&expires).is_none() {
            return Err(self.wrong(expires_span, "expires is a date of the form YYYY-MM-DD"));
        }
        // Brackets are part of addresses and no classes of characters.
        let escaped = pattern
            .replace('[', "\\[")
            .replace(']', "\\]")
            .replace('{', "\\{")
            .replace('}', "\\}");
        let glob = GlobBuilder::new(&escaped).backslash_escape(true).build();
        let address = glob
            .map_err(|error| self.wrong(pattern_span, error.to_string()))?
            .compile_matcher();
        let mut optional = |name: &str| values.remove(name).map(|(text, _)| text);
        Ok(Waiver {
            policy,
            address,
            pattern,
            root: optional("root"),
            owner,
            reason,
            expires,
            fingerprint: optional("fingerprint"),
            line: self.sources.lines(block.header).0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, String> {
        Settings::parse("plumbline.hcl", text, Path::new("/x/plumbline.hcl"))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn unknown_keys_are_errors_with_their_place() {
        let error = read("gate {\n  fail_onn = \"high\"\n}\n").unwrap_err();
        assert!(
            error.starts_with("plumbline.hcl:2,3: \"fail_onn\" is not a setting here"),
            "{error}"
        );
        assert!(read("gates {\n}\n").unwrap_err().contains("1,1"));
    }

    #[test]
    fn a_waiver_needs_all_that_makes_it_accountable() {
        let whole = "waiver {\n  policy = \"a\"\n  address = \"module.x.aws_y.z[*]\"\n  owner = \"o\"\n  reason = \"r\"\n  expires = \"2027-01-31\"\n}\n";
        let settings = read(whole).unwrap();
        assert!(settings.waivers[0].address.is_match("module.x.aws_y.z[\"k\"]"));
        assert!(!settings.waivers[0].address.is_match("module.x.aws_y.zz"));
        assert!(
            read(&whole.replace("  owner = \"o\"\n", ""))
                .unwrap_err()
                .contains("needs \"owner\"")
        );
        assert!(
            read(&whole.replace("2027-01-31", "soon"))
                .unwrap_err()
                .contains("YYYY-MM-DD")
        );
    }
}
