//! The real Terraform with the provider from the mirror, and what both sides read of a root.

#![allow(dead_code, reason = "each test that includes this uses a part of it")]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value as Json;
use tf_model::Options;
use tf_model::config::{Input, Inputs};
use tf_terraform::{Mirror, Program, Surroundings};

/// The folder with the roots.
pub(crate) fn roots_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("roots")
}

/// The roots in a folder, in order: `01-name`.
pub(crate) fn folders(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(|first: char| first.is_ascii_digit()))
        .collect();
    names.sort();
    names
}

/// What `plan.args` adds.
#[derive(Default)]
pub(crate) struct Arguments {
    /// Of the environment.
    pub(crate) environment: Vec<(String, String)>,
    /// Of `plan`.
    pub(crate) plan: Vec<String>,
}

impl Arguments {
    /// Reads a root's `plan.args`; without one there are none.
    pub(crate) fn read(root: &Path) -> Result<Arguments> {
        let path = root.join("plan.args");
        let mut arguments = Arguments::default();
        if !path.exists() {
            return Ok(arguments);
        }
        for line in fs::read_to_string(path)?.lines().filter(|line| !line.is_empty()) {
            match line.strip_prefix("env:") {
                Some(variable) => {
                    let (name, value) = variable.split_once('=').context("env: without =")?;
                    arguments.environment.push((name.to_owned(), value.to_owned()));
                }
                None => arguments.plan.push(line.to_owned()),
            }
        }
        Ok(arguments)
    }
}

/// How the loader reads a root with its arguments.
pub(crate) fn options(dir: &Path, arguments: &Arguments) -> Result<Options> {
    let mut options = Options {
        strict_files: true,
        ..Options::default()
    };
    for (name, value) in &arguments.environment {
        match (name.strip_prefix("TF_VAR_"), name.as_str()) {
            (Some(variable), _) => {
                options
                    .inputs
                    .environment
                    .insert(variable.to_owned(), value.clone());
            }
            (None, "TF_WORKSPACE") => options.workspace.clone_from(value),
            _ => bail!("{name} means nothing to the loader"),
        }
    }
    options.inputs.arguments = inputs(dir, arguments)?.arguments;
    Ok(options)
}

fn inputs(dir: &Path, arguments: &Arguments) -> Result<Inputs> {
    let mut inputs = Inputs::default();
    let mut rest = arguments.plan.iter();
    while let Some(argument) = rest.next() {
        let (option, value) = match argument.split_once('=') {
            Some((option, value)) => (option, value.to_owned()),
            None => (
                argument.as_str(),
                rest.next().context("an argument without a value")?.clone(),
            ),
        };
        inputs.arguments.push(match option {
            "-var" => {
                let (name, value) = value.split_once('=').context("-var without =")?;
                Input::Var(name.to_owned(), value.to_owned())
            }
            "-var-file" => Input::File(dir.join(value)),
            _ => bail!("{option} means nothing to the loader"),
        });
    }
    Ok(inputs)
}

/// A fresh copy of a root below the target folder.
pub(crate) fn copy(source: &Path, group: &str, name: &str) -> Result<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join(group).join(name);
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    copy_folder(source, &target)?;
    Ok(target)
}

/// Copies a folder into another one, over what is there.
pub(crate) fn copy_folder(source: &Path, target: &Path) -> Result<()> {
    fs::create_dir_all(target)?;
    for entry in fs::read_dir(source)? {
        let entry = entry?;
        let to = target.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy_folder(&entry.path(), &to)?,
            false => drop(fs::copy(entry.path(), to)?),
        }
    }
    Ok(())
}

/// Terraform with the provider from the mirror.
pub(crate) struct Terraform {
    program: Program,
}

impl Terraform {
    /// Finds Terraform and the mirror of the provider.
    ///
    /// # Errors
    /// Where one of them is missing: what it proves is not proven without them.
    pub(crate) fn find() -> Result<Terraform> {
        let surroundings = Surroundings::new(std::env::var_os("TF_PLUGIN_MIRROR"), std::env::home_dir());
        let mirror = Mirror::find(&surroundings)?;
        let mirror = mirror.context("no mirror of the AWS provider: set TF_PLUGIN_MIRROR to its folder")?;
        let search = std::env::var_os("PATH");
        let program = Program::find(None, search.as_deref(), Some(&mirror))?;
        Ok(Terraform { program })
    }

    /// A call of Terraform in a folder, without what this machine's environment would add.
    pub(crate) fn command(&self, dir: &Path, arguments: &Arguments) -> Command {
        let mut command = self.program.command(dir);
        let ours: Vec<OsString> = command.get_envs().map(|(name, _)| name.to_owned()).collect();
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if (text.starts_with("TF_") || text.starts_with("AWS_")) && !ours.contains(&name) {
                command.env_remove(&name);
            }
        }
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        command.envs(arguments.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// `init`, `plan` and `show -json` in a folder.
    pub(crate) fn plan(&self, dir: &Path, arguments: &Arguments) -> Result<Json> {
        self.run(dir, arguments, &["init", "-input=false", "-no-color"])?;
        let mut plan = vec!["plan", "-input=false", "-no-color", "-out=plan.bin"];
        plan.extend(arguments.plan.iter().map(String::as_str));
        self.run(dir, arguments, &plan)?;
        let text = self.run(dir, arguments, &["show", "-json", "plan.bin"])?;
        Ok(serde_json::from_slice(&text)?)
    }

    fn run(&self, dir: &Path, arguments: &Arguments, args: &[&str]) -> Result<Vec<u8>> {
        let output = self.command(dir, arguments).args(args).output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            bail!("terraform {} fails: {said}", args.first().unwrap_or(&""));
        }
        Ok(output.stdout)
    }
}
