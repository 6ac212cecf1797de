//! What the command line gave to a plan: needed again where the plan is made anew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};
use serde::{Deserialize, Serialize};
use tf_lang::Value;
use tf_model::config::Input;

use crate::configuration::Files;
use crate::plan::folder::write_private;

/// As it stands in a seal.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Arguments {
    /// Whether the plan destroys everything.
    pub(crate) destroy: bool,
    /// In their order: the later one wins.
    pub(crate) variables: Vec<Argument>,
}

/// Where values of variables came from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Argument {
    /// `--var-file`: relative to the repository; absolute where the file lies outside of it.
    File(PathBuf),
    /// `--var`: the name. Its value may be secret, and is in the plan alone.
    Var(String),
}

impl Arguments {
    /// Those of a command line.
    pub(crate) fn of(destroy: bool, given: &[Input], files: &Files) -> Arguments {
        let variables = given.iter().map(|input| match input {
            Input::File(file) => Argument::File(PathBuf::from(files.name(file))),
            Input::Var(name, _) => Argument::Var(name.clone()),
        });
        Arguments {
            destroy,
            variables: variables.collect(),
        }
    }

    /// The files among them. What a variable of the command line was is not known before the plan is read.
    pub(crate) fn files(&self, files: &Files) -> Vec<Input> {
        let of = |argument: &Argument| match argument {
            Argument::File(file) => Some(Input::File(files.top().join(file))),
            Argument::Var(_) => None,
        };
        self.variables.iter().filter_map(of).collect()
    }

    /// All of them, with the values that the variables have in the plan: each is written into a file of a folder that nobody else
    /// can look into.
    pub(crate) fn all(
        &self,
        files: &Files,
        planned: &BTreeMap<Arc<str>, Value>,
        folder: &Path,
    ) -> anyhow::Result<Vec<Input>> {
        let mut inputs = Vec::new();
        for (at, argument) in self.variables.iter().enumerate() {
            let name = match argument {
                Argument::File(file) => {
                    inputs.push(Input::File(files.top().join(file)));
                    continue;
                }
                Argument::Var(name) => name,
            };
            // An ephemeral variable is in no plan: Terraform asks for it again, and says how it is given.
            let Some(value) = planned.get(name.as_str()) else {
                continue;
            };
            let (value, _) = value.clone().unmark_deep();
            let value = tf_lang::functions::json(&value)
                .map_err(|error| anyhow!("{error}"))
                .with_context(|| format!("the value of the variable {name} cannot be taken from the plan"))?;
            let file = folder.join(format!("{at}.tfvars.json"));
            write_private(
                &file,
                format!("{{{}:{value}}}\n", serde_json::json!(name)).as_bytes(),
            )?;
            inputs.push(Input::File(file));
        }
        Ok(inputs)
    }
}
