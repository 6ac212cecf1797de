//! The `drift` block: where to look for root modules, what is nobody's business, and what was accepted until when.

use std::path::PathBuf;
use std::time::Duration;

use globset::{GlobBuilder, GlobMatcher};
use tf_lang::Span;
use tf_lang::ast::{Attribute, Block};
use tf_policy::suppress::parse_date;

use super::place::{Place, PlaceError};
use super::review::parse_duration;
use super::{Reader, SettingsError};

/// The `drift` block.
#[derive(Clone, Debug, Default)]
pub struct Drift {
    /// Folders in which root modules are looked for where none is named, relative to the settings file.
    pub roots: Vec<PathBuf>,
    /// Where the results of scans are kept: a folder, relative to the settings file, or a prefix of a bucket.
    pub history: Option<Place>,
    /// How long results are kept there, and findings remembered that are gone.
    pub keep: Option<Duration>,
    /// How long a root may take.
    pub timeout: Option<Duration>,
    /// The least severity that is something to act on.
    pub fail_on: Option<String>,
    /// Whether attributes under `ignore_changes` are left out.
    pub respect_ignore_changes: Option<bool>,
    /// `ignore "address" { … }`, in the file's order.
    pub ignores: Vec<Ignore>,
    /// `acknowledge "address" { … }`, in the file's order.
    pub acknowledgements: Vec<Acknowledgement>,
}

/// A pattern in which `*` stands for any part of a name, dots included.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// As it is written.
    pub text: String,
    /// What it matches.
    pub matcher: GlobMatcher,
}

impl Pattern {
    /// Whether it matches a whole text.
    pub fn is_match(&self, text: &str) -> bool {
        self.matcher.is_match(text)
    }
}

/// What a rule of the block is about.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The resource's address.
    pub address: Pattern,
    /// Roots; all where none is given.
    pub roots: Vec<Pattern>,
    /// Attributes; all where none is given.
    pub attributes: Vec<Pattern>,
}

impl Subject {
    /// Whether it is about a resource of a root.
    pub fn is_about(&self, root: &str, address: &str) -> bool {
        let in_root = self.roots.is_empty() || self.roots.iter().any(|pattern| pattern.is_match(root));
        in_root && self.address.is_match(address)
    }

    /// Whether it is about an attribute, or about one that this is part of.
    pub fn covers(&self, path: &str) -> bool {
        let ends = path
            .char_indices()
            .filter(|(_, letter)| matches!(letter, '.' | '['))
            .map(|(at, _)| at);
        self.attributes.is_empty()
            || ends
                .chain([path.len()])
                .filter_map(|end| path.get(..end))
                .any(|part| self.attributes.iter().any(|pattern| pattern.is_match(part)))
    }
}

/// An `ignore` block: drift that is never reported.
#[derive(Clone, Debug)]
pub struct Ignore {
    /// What it is about.
    pub subject: Subject,
    /// Why.
    pub reason: String,
    /// Where it is written.
    pub line: u32,
}

/// An `acknowledge` block: drift that somebody knows of and answers for, until a day.
#[derive(Clone, Debug)]
pub struct Acknowledgement {
    /// What it is about.
    pub subject: Subject,
    /// The one finding that is meant; other values have another.
    pub fingerprint: Option<String>,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day, as YYYY-MM-DD.
    pub expires: String,
    /// Where it is written.
    pub line: u32,
}

const KEYS: &str =
    "roots, history, keep, timeout, fail_on, respect_ignore_changes, and blocks ignore and acknowledge";

impl Reader {
    pub(super) fn drift(&self, block: &Block) -> Result<Drift, SettingsError> {
        let mut drift = Drift::default();
        for attribute in &block.body.attributes {
            match &*attribute.name.name {
                "roots" => drift.roots = self.folders(attribute)?,
                "history" => {
                    let place = Place::below(&self.dir, &self.text(attribute)?);
                    let wrong = |error: PlaceError| self.wrong(attribute.value.span, error.to_string());
                    drift.history = Some(place.map_err(wrong)?);
                }
                "keep" => {
                    let time = parse_duration(&self.text(attribute)?).filter(|time| !time.is_zero());
                    let wrong = || self.wrong(attribute.value.span, "keep is a time such as 90d");
                    drift.keep = Some(time.ok_or_else(wrong)?);
                }
                "timeout" => {
                    let time = parse_duration(&self.text(attribute)?).filter(|time| !time.is_zero());
                    let wrong = || self.wrong(attribute.value.span, "timeout is a time such as 30m or 2h");
                    drift.timeout = Some(time.ok_or_else(wrong)?);
                }
                "fail_on" => drift.fail_on = Some(self.level(attribute)?),
                "respect_ignore_changes" => drift.respect_ignore_changes = Some(self.flag(attribute)?),
                _ => return Err(self.unknown(attribute, KEYS)),
            }
        }
        for inner in &block.body.blocks {
            match &*inner.kind.name {
                "ignore" => drift.ignores.push(self.ignore(inner)?),
                "acknowledge" => drift.acknowledgements.push(self.acknowledgement(inner)?),
                other => {
                    let message = format!("\"{other}\" is not a setting here: there are {KEYS}");
                    return Err(self.wrong(inner.header, message));
                }
            }
        }
        Ok(drift)
    }

    fn ignore(&self, block: &Block) -> Result<Ignore, SettingsError> {
        let (mut subject, mut reason) = (self.subject(block)?, String::new());
        for attribute in &block.body.attributes {
            match &*attribute.name.name {
                "roots" => subject.roots = self.patterns(attribute)?,
                "attributes" => subject.attributes = self.patterns(attribute)?,
                "reason" => reason = self.text(attribute)?,
                _ => return Err(self.unknown(attribute, "roots, attributes, reason")),
            }
        }
        self.needs(block, "reason", &reason)?;
        Ok(Ignore {
            subject,
            reason,
            line: self.sources.lines(block.header).0,
        })
    }

    fn acknowledgement(&self, block: &Block) -> Result<Acknowledgement, SettingsError> {
        let mut acknowledgement = Acknowledgement {
            subject: self.subject(block)?,
            fingerprint: None,
            owner: String::new(),
            reason: String::new(),
            expires: String::new(),
            line: self.sources.lines(block.header).0,
        };
        for attribute in &block.body.attributes {
            match &*attribute.name.name {
                "roots" => acknowledgement.subject.roots = self.patterns(attribute)?,
                "attributes" => acknowledgement.subject.attributes = self.patterns(attribute)?,
                "fingerprint" => acknowledgement.fingerprint = Some(self.text(attribute)?),
                "owner" => acknowledgement.owner = self.text(attribute)?,
                "reason" => acknowledgement.reason = self.text(attribute)?,
                "expires" => {
                    acknowledgement.expires = self.text(attribute)?;
                    if parse_date(&acknowledgement.expires).is_none() {
                        let message = "expires is a date of the form YYYY-MM-DD";
                        return Err(self.wrong(attribute.value.span, message));
                    }
                }
                _ => {
                    let known = "roots, attributes, fingerprint, owner, reason, expires";
                    return Err(self.unknown(attribute, known));
                }
            }
        }
        self.needs(block, "owner", &acknowledgement.owner)?;
        self.needs(block, "reason", &acknowledgement.reason)?;
        self.needs(block, "expires", &acknowledgement.expires)?;
        Ok(acknowledgement)
    }

    fn subject(&self, block: &Block) -> Result<Subject, SettingsError> {
        if let Some(inner) = block.body.blocks.first() {
            return Err(self.wrong(inner.header, "there are no blocks in here"));
        }
        let [address] = block.labels.as_slice() else {
            let message = format!(
                "\"{}\" has one label, the address of a resource, which may hold *",
                block.kind.name
            );
            return Err(self.wrong(block.header, message));
        };
        Ok(Subject {
            address: self.drift_pattern(&address.name, address.span)?,
            roots: Vec::new(),
            attributes: Vec::new(),
        })
    }

    fn needs(&self, block: &Block, name: &str, value: &str) -> Result<(), SettingsError> {
        match value.trim().is_empty() {
            true => Err(self.wrong(block.header, format!("\"{}\" needs \"{name}\"", block.kind.name))),
            false => Ok(()),
        }
    }

    fn patterns(&self, attribute: &Attribute) -> Result<Vec<Pattern>, SettingsError> {
        let texts = self.texts(attribute)?;
        texts
            .iter()
            .map(|text| self.drift_pattern(text, attribute.value.span))
            .collect()
    }

    /// Brackets and braces are part of addresses, and no classes of characters.
    fn drift_pattern(&self, text: &str, span: Span) -> Result<Pattern, SettingsError> {
        let mut escaped = String::new();
        for letter in text.chars() {
            if matches!(letter, '[' | ']' | '{' | '}' | '\\' | '?') {
                escaped.push('\\');
            }
            escaped.push(letter);
        }
        let glob = GlobBuilder::new(&escaped).backslash_escape(true).build();
        let glob = glob.map_err(|error| self.wrong(span, error.to_string()))?;
        Ok(Pattern {
            text: text.to_owned(),
            matcher: glob.compile_matcher(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Place;
    use crate::settings::Settings;

    fn read(text: &str) -> Result<Settings, String> {
        Settings::parse("plumbline.hcl", text, Path::new("/x/plumbline.hcl"))
            .map_err(|error| error.to_string())
    }

    const WHOLE: &str = r#"
drift {
  roots   = ["stacks"]
  history = "drift"
  keep    = "30d"
  timeout = "20m"
  fail_on = "low"

  ignore "aws_autoscaling_group.*" {
    attributes = ["desired_capacity", "tags"]
    reason     = "Scaling decides."
  }

  acknowledge "module.web[\"a\"].aws_security_group.x" {
    roots   = ["environments/dev/*"]
    owner   = "ann"
    reason  = "Until the move."
    expires = "2027-01-31"
  }
}
"#;

    #[test]
    fn rules_say_what_they_are_about() {
        let drift = read(WHOLE).unwrap().drift;
        assert_eq!(drift.roots, [Path::new("/x/stacks")]);
        assert_eq!(drift.history, Some(Place::Folder("/x/drift".into())));
        assert_eq!(drift.keep.map(|time| time.as_secs()), Some(30 * 86_400));
        assert_eq!(drift.timeout.map(|time| time.as_secs()), Some(1_200));
        let ignore = &drift.ignores[0].subject;
        assert!(ignore.is_about("any", "aws_autoscaling_group.a[0]"));
        assert!(!ignore.is_about("any", "module.m.aws_autoscaling_group.a"));
        for (path, covered) in [
            ("desired_capacity", true),
            ("tags[\"a\"]", true),
            ("tags.a", true),
            ("tags_all.a", false),
            ("max_size", false),
        ] {
            assert_eq!(ignore.covers(path), covered, "{path}");
        }
        let known = &drift.acknowledgements[0];
        let address = "module.web[\"a\"].aws_security_group.x";
        assert!(known.subject.is_about("environments/dev/web", address));
        assert!(!known.subject.is_about("environments/prod/web", address));
        assert_eq!((known.owner.as_str(), known.line), ("ann", 14));
    }

    #[test]
    fn mistakes_have_a_place() {
        for (from, to, want) in [
            (
                "    owner   = \"ann\"\n",
                "",
                "14,3: \"acknowledge\" needs \"owner\"",
            ),
            (
                "    reason     = \"Scaling decides.\"\n",
                "",
                "9,3: \"ignore\" needs \"reason\"",
            ),
            ("2027-01-31", "soon", "YYYY-MM-DD"),
            ("20m", "later", "6,13: timeout is a time"),
            ("\"low\"", "\"lowest\"", "fail_on is critical"),
            ("ignore \"aws_autoscaling_group.*\"", "ignore", "has one label"),
            ("acknowledge \"", "accept \"", "\"accept\" is not a setting here"),
            ("timeout =", "timeouts =", "\"timeouts\" is not a setting here"),
            (
                "\"drift\"\n",
                "\"gs://b/drift\"\n",
                "4,13: \"gs://b/drift\" is no place in S3",
            ),
            ("30d", "0d", "5,13: keep is a time"),
        ] {
            let error = read(&WHOLE.replace(from, to)).unwrap_err();
            assert!(error.contains(want), "{from}: {error}");
        }
    }
}
