//! The real Terraform, in a folder of its own.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tf_terraform::{CliConfiguration, Mirror, Surroundings};

/// The provider, as Terraform's outputs and mirror folders call it.
const PROVIDER: &str = "registry.terraform.io/hashicorp/aws";

/// A port that nobody listens to: a probe whose plan would call AWS fails at once, here as well as on a machine that
/// has a network.
const NOWHERE: &str = "http://127.0.0.1:9";

const NOT_STARTED: &str = "starting terraform: it must be installed and on PATH";

/// Where a plan is stored, and the option that says so.
const PLAN: &str = "probes.tfplan";
const PLAN_OUT: &str = "-out=probes.tfplan";

/// An error of a plan.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Diagnostic {
    /// In the file of probes, from 1.
    pub(super) line: usize,
    pub(super) message: String,
}

/// Terraform in a folder where the provider is installed.
pub(super) struct Terraform {
    root: PathBuf,
    configuration: CliConfiguration,
}

impl Terraform {
    /// Installs in `scratch`, which is emptied first, the provider that a file names.
    pub(super) fn new(provider: &Path, scratch: &Path) -> Result<Terraform> {
        if scratch.exists() {
            fs::remove_dir_all(scratch).with_context(|| format!("emptying {}", scratch.display()))?;
        }
        let root = scratch.join("root");
        fs::create_dir_all(&root).with_context(|| format!("creating {}", root.display()))?;
        fs::copy(provider, root.join("provider.tf"))
            .with_context(|| format!("copying {}", provider.display()))?;
        let surroundings = Surroundings::new(std::env::var_os("TF_PLUGIN_MIRROR"), std::env::home_dir());
        let configuration = CliConfiguration::new(Mirror::find(&surroundings)?.as_ref())?;
        let terraform = Terraform { root, configuration };
        terraform.run(&["init", "-input=false", "-no-color"])?;
        Ok(terraform)
    }

    /// Runs Terraform, which must succeed.
    fn run(&self, args: &[&str]) -> Result<Output> {
        let output = self.command(args).output().context(NOT_STARTED)?;
        ensure!(
            output.status.success(),
            "`terraform {}` failed ({}):\n{}",
            args.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(output)
    }

    /// Terraform without anything that the user's environment would change about its answers.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("terraform");
        for (name, _) in std::env::vars_os() {
            let bytes = name.as_encoded_bytes();
            if bytes.starts_with(b"AWS_") || bytes.starts_with(b"TF_") {
                command.env_remove(name);
            }
        }
        command.env("TF_CLI_CONFIG_FILE", self.configuration.path());
        command
            .args(args)
            .current_dir(&self.root)
            .env("AWS_CONFIG_FILE", self.root.join("no-configuration"))
            .env("AWS_SHARED_CREDENTIALS_FILE", self.root.join("no-credentials"))
            .env("AWS_ENDPOINT_URL", NOWHERE)
            .env("CHECKPOINT_DISABLE", "1")
            .env("TZ", "UTC");
        command
    }

    /// Runs Terraform and reads its standard output as JSON.
    fn json(&self, args: &[&str]) -> Result<Value> {
        let output = self.run(args)?;
        serde_json::from_slice(&output.stdout)
            .with_context(|| format!("`terraform {}` did not answer in JSON", args.join(" ")))
    }

    /// The provider's schemas.
    pub(super) fn schema(&self) -> Result<Value> {
        let mut answer = self.json(&["providers", "schema", "-json"])?;
        let schema = answer
            .pointer_mut("/provider_schemas")
            .and_then(|schemas| schemas.get_mut(PROVIDER))
            .with_context(|| format!("terraform has no schema of {PROVIDER}"))?;
        Ok(schema.take())
    }

    /// Plans a configuration, and answers what is wrong with it.
    pub(super) fn plan(&self, configuration: &str) -> Result<Vec<Diagnostic>> {
        fs::write(self.root.join("probes.tf"), configuration).context("writing the probes")?;
        let plan = self.root.join(PLAN);
        if plan.exists() {
            fs::remove_file(&plan).context("removing the plan before")?;
        }
        let args = [
            "plan",
            "-json",
            "-input=false",
            "-lock=false",
            "-refresh=false",
            PLAN_OUT,
        ];
        let mut command = self.command(&args);
        // Some clients of the provider know the addresses of AWS by themselves.
        let output = command
            .env("HTTPS_PROXY", NOWHERE)
            .env("HTTP_PROXY", NOWHERE)
            .output()
            .context(NOT_STARTED)?;
        let mut errors = Vec::new();
        for line in output
            .stdout
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            let message: Value =
                serde_json::from_slice(line).context("`terraform plan -json` did not write JSON")?;
            let diagnostic = &message["diagnostic"];
            if diagnostic["severity"] != "error" {
                continue;
            }
            let text = |key: &str| diagnostic[key].as_str().unwrap_or_default();
            errors.push(Diagnostic {
                line: diagnostic["range"]["start"]["line"]
                    .as_u64()
                    .unwrap_or(0)
                    .try_into()?,
                message: format!("{} {}", text("summary"), text("detail")),
            });
        }
        ensure!(
            output.status.success() || !errors.is_empty(),
            "`terraform plan` failed and does not say why:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(errors)
    }

    /// What the last plan makes of the resources, by name: of none if something was not valid, else of those that had
    /// no error.
    pub(super) fn planned(&self) -> Result<HashMap<String, Value>> {
        if !self.root.join(PLAN).exists() {
            return Ok(HashMap::new());
        }
        let mut plan = self.json(&["show", "-json", PLAN])?;
        let resources = plan
            .pointer_mut("/resource_changes")
            .and_then(Value::as_array_mut);
        let changes = resources.into_iter().flatten().map(|resource| {
            let name = resource["name"].as_str().unwrap_or_default().to_owned();
            (name, resource["change"].take())
        });
        Ok(changes.collect())
    }

    /// The provider's release.
    pub(super) fn release(&self) -> Result<String> {
        let answer = self.json(&["version", "-json"])?;
        let release = answer
            .get("provider_selections")
            .and_then(|selections| selections.get(PROVIDER)?.as_str())
            .with_context(|| format!("terraform does not say which release of {PROVIDER} it uses"))?;
        Ok(release.to_owned())
    }
}
