//! The backend settings of a root: where they stand, what they say, and edits that leave everything else as it is.
//!
//! Files are never printed anew: an edit replaces the bytes of one attribute or block, in the indentation, alignment and
//! line endings that are there.

mod edit;
mod source;

pub(crate) use self::edit::{Edit, write_whole};
pub(crate) use self::source::Source;

use std::fs;
use std::path::{Path, PathBuf};

use self::source::{Literal, unreadable};
use crate::error::Error;

/// The settings file beside a root's `backend "s3" {}`, for `terraform init -backend-config=backend.hcl`.
pub(crate) use crate::create::FILE;

/// All that says how a root's backend is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// The `backend` block.
    pub(crate) block: Option<Source>,
    /// The file with what the block leaves out.
    pub(crate) file: Option<Source>,
    /// A `terraform` block, the one in `backend.tf` if there is one.
    terraform: Option<Source>,
}

/// What is to become of a setting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Wish<'a> {
    /// It is to be there with this value, an expression.
    Set(&'a str, String),
    /// It is not to be there.
    Unset(&'a str),
}

impl Settings {
    /// Reads the settings of a root. `file` is a file of settings that is not [`FILE`].
    ///
    /// # Errors
    /// Where a file cannot be read or parsed, or settings stand where they cannot be edited.
    pub(crate) fn read(root: &Path, file: Option<&Path>) -> Result<Settings, Error> {
        let mut settings = Settings::default();
        let entries = fs::read_dir(root).map_err(|source| unreadable(root, source))?;
        let mut names: Vec<PathBuf> = Vec::new();
        for entry in entries {
            names.push(entry.map_err(|source| unreadable(root, source))?.path());
        }
        names.sort_by_key(|path| (!path.ends_with("backend.tf"), path.clone()));
        for path in names {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if name.ends_with(".tf.json") {
                let text = fs::read_to_string(&path).map_err(|source| unreadable(&path, source))?;
                if text.contains("\"backend\"") {
                    return Err(Error::Refused(format!(
                        "{} may hold the backend's settings: those in JSON are not edited",
                        path.display()
                    )));
                }
            }
            if !name.ends_with(".tf") {
                continue;
            }
            let (terraform, backend) = Source::blocks(&path)?;
            settings.terraform = settings.terraform.or(terraform);
            if let Some(block) = backend {
                if let Some(other) = &settings.block {
                    return Err(Error::Refused(format!(
                        "{} and {} both have a backend block: Terraform accepts one",
                        other.path.display(),
                        path.display()
                    )));
                }
                settings.block = Some(block);
            }
        }
        let path = file.map_or_else(|| root.join(FILE), Path::to_path_buf);
        if file.is_some() || path.is_file() {
            settings.file = Some(Source::file(&path)?);
        }
        Ok(settings)
    }

    /// Where a setting stands; the file wins over the block, as in Terraform.
    fn source_of(&self, name: &str) -> Option<&Source> {
        let sources = self.file.iter().chain(&self.block);
        let mut sources = sources.filter(|source| source.attribute(name).is_some());
        sources.next()
    }

    fn literal(&self, name: &str) -> Option<&Literal> {
        self.source_of(name)
            .and_then(|source| source.attribute(name))
            .map(|setting| &setting.value)
    }

    /// A text that is written out, and not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.literal(name) {
            Some(Literal::Text(text)) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// A flag that is written out. Terraform takes the text "true" for a flag, too.
    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.literal(name) {
            Some(Literal::Flag(flag)) => *flag,
            Some(Literal::Text(text)) => text == "true",
            _ => false,
        }
    }

    /// The type of the backend, where there is a block.
    pub(crate) fn kind(&self) -> Option<&str> {
        self.block.as_ref().and_then(|block| block.kind.as_deref())
    }

    /// The edits that wishes need: at most one a file, none where everything is as wished.
    ///
    /// # Errors
    /// Where there are no settings to edit.
    pub(crate) fn edits(&self, wishes: &[Wish<'_>]) -> Result<Vec<Edit>, Error> {
        let sources: Vec<&Source> = self.file.iter().chain(&self.block).collect();
        // New settings stand where the others of their kind do.
        let near = ["dynamodb_table", "use_lockfile", "key", "bucket", "region"];
        let home = near
            .iter()
            .find_map(|name| self.source_of(name))
            .or(self.block.as_ref());
        let Some(home) = home else {
            return Err(Error::Refused("the root has no backend settings".to_owned()));
        };
        let mut edits = Vec::new();
        for source in sources {
            let mut after = source.clone();
            for wish in wishes {
                match wish {
                    Wish::Unset(name) => after = after.without(name)?,
                    Wish::Set(name, value) => {
                        let here = match self.source_of(name) {
                            Some(owner) => owner.path == source.path,
                            None => home.path == source.path,
                        };
                        if here {
                            after = after.with(name, value)?;
                        }
                    }
                }
            }
            if after.text != source.text {
                edits.push(Edit {
                    path: source.path.clone(),
                    before: Some(source.text.clone()),
                    after: after.text,
                });
            }
        }
        Ok(edits)
    }
}

impl Settings {
    /// The edit that makes the backend one of type `s3` without settings.
    pub(crate) fn to_s3(&self, root: &Path) -> Edit {
        const HEADER: &str = "backend \"s3\"";
        if let Some(block) = &self.block {
            return block.edit(block.whole.clone(), &format!("{HEADER} {{}}"));
        }
        if let Some(terraform) = &self.terraform {
            return terraform.with_block(HEADER);
        }
        let path = root.join("backend.tf");
        let before = fs::read_to_string(&path).ok();
        let block = format!("terraform {{\n  {HEADER} {{}}\n}}\n");
        let after = match before.as_deref().map(str::trim_end) {
            Some(text) if !text.is_empty() => format!("{text}\n\n{block}"),
            _ => block,
        };
        Edit { path, before, after }
    }

    /// The edit that keeps what stands in the block in the file of settings, for the way back; `None` where nothing stands
    /// there.
    ///
    /// # Errors
    /// Where blocks would have to be joined with those of a file.
    pub(crate) fn keep(&self, root: &Path) -> Result<Option<Edit>, Error> {
        let Some(block) = self
            .block
            .as_ref()
            .filter(|block| block.nested || !block.attributes.is_empty())
        else {
            return Ok(None);
        };
        match &self.file {
            None => Ok(Some(Edit {
                path: root.join(FILE),
                before: None,
                after: block.as_file(None),
            })),
            Some(file) if block.nested => Err(Error::Refused(format!(
                "{} has blocks in its backend block: move them to {} first",
                block.path.display(),
                file.path.display()
            ))),
            Some(file) => {
                let new = block.as_file(Some(file));
                let feed = if file.text.is_empty() || file.text.ends_with('\n') {
                    ""
                } else {
                    "\n"
                };
                Ok((!new.is_empty()).then(|| Edit {
                    path: file.path.clone(),
                    before: Some(file.text.clone()),
                    after: format!("{}{feed}{new}", file.text),
                }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> Settings {
        Settings {
            block: Source::parse_block(Path::new("main.tf"), text.to_owned()).unwrap(),
            ..Settings::default()
        }
    }

    fn lock_file() -> Wish<'static> {
        Wish::Set("use_lockfile", "true".to_owned())
    }

    fn table() -> Wish<'static> {
        Wish::Set("dynamodb_table", "\"locks\"".to_owned())
    }

    fn edited(text: &str, wishes: &[Wish<'_>]) -> String {
        let edits = block(text).edits(wishes).unwrap();
        match edits.as_slice() {
            [] => text.to_owned(),
            [edit] => edit.after.clone(),
            _ => panic!("{edits:?}"),
        }
    }

    const ALIGNED: &str = "# Ours.\nterraform {\n  required_version = \">= 1\"\n\n  backend \"s3\" {\n    bucket         = \"b\" # the bucket\n    key            = \"k\"\n    dynamodb_table = \"locks\" # old\n    odd   =   [ 1,2 ]\n  }\n}\n";

    #[test]
    fn a_setting_is_added_in_line_with_the_others() {
        let with_both = edited(ALIGNED, &[lock_file()]);
        let line = "    use_lockfile   = true\n";
        assert_eq!(with_both, ALIGNED.replace("# old\n", &format!("# old\n{line}")));
        // And one is removed with its comment.
        let file_only = edited(&with_both, &[Wish::Unset("dynamodb_table")]);
        assert_eq!(
            file_only,
            with_both.replace("    dynamodb_table = \"locks\" # old\n", "")
        );
        // Back again.
        let back = edited(&file_only, &[table()]);
        assert_eq!(
            back,
            file_only.replace(line, &format!("{line}    dynamodb_table = \"locks\"\n"))
        );
        assert_eq!(edited(&with_both, &[lock_file(), table()]), with_both);
    }

    #[test]
    fn every_form_of_a_block_is_edited() {
        let table_of: &[(&str, &str)] = &[
            (
                "terraform {\n  backend \"s3\" {}\n}\n",
                "terraform {\n  backend \"s3\" {\n    use_lockfile = true\n  }\n}\n",
            ),
            (
                "terraform {\n  backend \"s3\" { key = \"k\" }\n}\n",
                "terraform {\n  backend \"s3\" {\n    key = \"k\"\n    use_lockfile = true\n  }\n}\n",
            ),
            (
                "terraform {\r\n\tbackend \"s3\" {\r\n\t\tkey = \"k\"\r\n\t}\r\n}\r\n",
                "terraform {\r\n\tbackend \"s3\" {\r\n\t\tkey = \"k\"\r\n\t\tuse_lockfile = true\r\n\t}\r\n}\r\n",
            ),
            (
                "terraform {\n  backend \"s3\" {\n    use_lockfile = false # not yet\n  }\n}\n",
                "terraform {\n  backend \"s3\" {\n    use_lockfile = true # not yet\n  }\n}\n",
            ),
        ];
        for (before, after) in table_of {
            assert_eq!(edited(before, &[lock_file()]), *after);
        }
        // A word in a string or comment is no block.
        let none = block("# backend \"s3\" {}\nlocals {\n  backend = \"s3\"\n}\n");
        assert!(none.block.is_none());
    }

    #[test]
    fn new_settings_stand_in_the_file_that_has_the_others() {
        let mut settings = block("terraform {\n  backend \"s3\" {}\n}\n");
        let text = "bucket = \"b\"\nkey    = \"k\"";
        settings.file = Some(Source::parse_file(Path::new("backend.hcl"), text.to_owned()).unwrap());
        let edits = settings.edits(&[lock_file()]).unwrap();
        assert_eq!(edits.len(), 1);
        assert_eq!(
            edits[0].after,
            "bucket = \"b\"\nkey    = \"k\"\nuse_lockfile = true"
        );
        assert_eq!(edits[0].lines(), ["+ use_lockfile = true"]);
        assert_eq!(
            (settings.text("bucket"), settings.flag("use_lockfile")),
            (Some("b"), false)
        );
        // The block and the file may both have it; both lose it.
        let mut both = block("terraform {\n  backend \"s3\" {\n    use_lockfile = true\n  }\n}\n");
        both.file =
            Some(Source::parse_file(Path::new("backend.hcl"), "use_lockfile = true\n".to_owned()).unwrap());
        assert_eq!(both.edits(&[Wish::Unset("use_lockfile")]).unwrap().len(), 2);
    }

    #[test]
    fn what_is_shown_of_an_edit_is_what_changes() {
        let edit = Edit {
            path: PathBuf::new(),
            before: Some("a\ntable\nsecret_key = 1\nz\n".to_owned()),
            after: "a\nsecret_key = 1\nlock\nz\n".to_owned(),
        };
        assert_eq!(edit.lines(), ["- table", "+ lock"]);
    }

    #[test]
    fn a_block_comes_and_goes_without_a_trace() {
        let table_of: &[(&str, &str)] = &[
            ("terraform {\n}\n", "terraform {\n  backend \"s3\" {}\n}\n"),
            (
                "terraform {\n  required_version = \">= 1\"\n}\n\nlocals {}\n",
                "terraform {\n  required_version = \">= 1\"\n\n  backend \"s3\" {}\n}\n\nlocals {}\n",
            ),
            (
                "terraform {\r\n\tx = 1 # one\r\n}\r\n",
                "terraform {\r\n\tx = 1 # one\r\n\r\n\tbackend \"s3\" {}\r\n}\r\n",
            ),
        ];
        for (without, with) in table_of {
            let settings = Settings {
                terraform: Source::parse(Path::new("main.tf"), (*without).to_owned(), |body| {
                    body.blocks_of("terraform").next()
                })
                .unwrap(),
                ..Settings::default()
            };
            assert_eq!(settings.to_s3(Path::new("root")).after, *with);
            assert_eq!(block(with).block.unwrap().without_block().after, *without);
        }
        // In the middle only its own lines go.
        let middle = "terraform {\n  a = 1\n\n  backend \"s3\" {\n    key = \"k\"\n  }\n  b = 1\n}\n";
        let rest = "terraform {\n  a = 1\n\n  b = 1\n}\n";
        assert_eq!(block(middle).block.unwrap().without_block().after, rest);
        // Where nothing is, a file is made; what is in it stays.
        let dir = tempfile::tempdir().unwrap();
        let edit = Settings::read(dir.path(), None).unwrap().to_s3(dir.path());
        assert_eq!(
            (edit.before, &*edit.after),
            (None, "terraform {\n  backend \"s3\" {}\n}\n")
        );
        fs::write(dir.path().join("backend.tf"), "# Ours.\n").unwrap();
        let edit = Settings::read(dir.path(), None).unwrap().to_s3(dir.path());
        assert_eq!(edit.after, "# Ours.\n\nterraform {\n  backend \"s3\" {}\n}\n");
    }

    #[test]
    fn settings_of_a_block_are_kept_for_the_way_back() {
        let text = "terraform {\n  backend \"s3\" {\n    key = \"k\" # ours\n\n    secret_key = \"hunter2\"\n    x = {\n      y = 1\n    }\n  }\n}\n";
        let mut settings = block(text);
        let edit = settings.keep(Path::new("root")).unwrap().unwrap();
        assert_eq!(
            edit.after,
            "key = \"k\" # ours\n\nsecret_key = \"hunter2\"\nx = {\n  y = 1\n}\n"
        );
        assert!(!edit.lines().concat().contains("hunter2"), "{:?}", edit.lines());
        settings.file = Some(Source::parse_file(Path::new("backend.hcl"), "key = \"k\"".to_owned()).unwrap());
        let edit = settings.keep(Path::new("root")).unwrap().unwrap();
        assert!(
            edit.after
                .starts_with("key = \"k\"\nsecret_key = \"hunter2\"\nx = {"),
            "{}",
            edit.after
        );
        assert!(
            block("terraform {\n  backend \"s3\" {}\n}\n")
                .keep(Path::new("root"))
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn files_are_written_whole_and_only_if_they_are_what_was_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("backend.hcl");
        let new = Edit {
            path: path.clone(),
            before: None,
            after: "a\n".to_owned(),
        };
        new.write().unwrap();
        assert!(new.write().is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "a\n");
        write_whole(&path, b"b\n", true).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
