//! `tf-bootstrap backend-config`: the settings by which a root finds its state.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value, json};
use tf_aws::call;
use tf_cli::exit::Exit;

use crate::backend::observe::optional;
use crate::backend::roots::{FOLDER, key_of};
use crate::error::Error;
use crate::output::document;
use crate::target::Context;

/// First line of the files that we write; by it we know them again.
pub(crate) const HEADING: &str = "# Written by tf-bootstrap";

/// Print or write the backend settings of a root
///
/// They are read from the backend as it is: `terraform init -backend-config=FILE` takes them.
#[derive(Args, Clone, Debug)]
pub(crate) struct BackendConfigArgs {
    /// The root: ENV/STACK, a folder below environments/
    #[arg(value_name = "ENV/STACK")]
    pub(crate) root: String,
    /// The state's key; ENV/STACK/terraform.tfstate where it is not given
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// What to lock by; both where the table exists, else the lock file
    #[arg(long, value_enum)]
    pub(crate) lock: Option<Locking>,
    /// Write them into a file: backend.hcl in the root's folder where none is named
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    pub(crate) write: Option<Option<PathBuf>>,
}

/// What Terraform locks by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Locking {
    /// The lock file and the table: Terraform 1.10 and later
    Both,
    /// The lock file beside the state: Terraform 1.10 and later
    File,
    /// The table: any Terraform
    Table,
}

/// The settings of a root's backend.
pub(crate) struct Settings<'a> {
    pub(crate) context: &'a Context,
    pub(crate) key: &'a str,
    /// ARN of the KMS key. With `encrypt` alone Terraform would ask for S3's own keys.
    pub(crate) kms_key: Option<&'a str>,
    pub(crate) locking: Locking,
}

impl Settings<'_> {
    /// As Terraform names them.
    fn values(&self) -> Map<String, Value> {
        let context = self.context;
        let mut values = Map::new();
        let mut put = |name: &str, value: Value| values.insert(name.to_owned(), value);
        put("bucket", context.bucket.as_str().into());
        put("key", self.key.into());
        put("region", context.region.as_str().into());
        put("encrypt", true.into());
        if let Some(key) = self.kms_key {
            put("kms_key_id", key.into());
        }
        if self.locking != Locking::Table {
            put("use_lockfile", true.into());
        }
        if self.locking != Locking::File {
            put("dynamodb_table", context.table.as_str().into());
        }
        put("allowed_account_ids", vec![context.account.as_str()].into());
        if let Some(url) = context.connection.endpoint_url() {
            put(
                "endpoints",
                json!({ "s3": url, "dynamodb": url, "iam": url, "sts": url }),
            );
            put("use_path_style", true.into());
        }
        values
    }

    /// The file for `-backend-config`.
    pub(crate) fn file(&self) -> String {
        let values = self.values();
        let width = values.keys().map(String::len).max().unwrap_or_default();
        let mut text = format!("{HEADING} for {}.\n", self.context.title());
        for (name, value) in &values {
            text.push_str(&format!("{name:width$} = {}\n", hcl(value)));
        }
        text
    }
}

/// A value in HCL, in one line.
fn hcl(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(hcl).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{name} = {}", hcl(value)))
                .collect();
            format!("{{ {} }}", fields.join(", "))
        }
        // JSON's quotes are HCL's, but for what HCL would take for a template.
        Value::String(text) => Value::from(text.as_str())
            .to_string()
            .replace("${", "$${")
            .replace("%{", "%%{"),
        other => other.to_string(),
    }
}

pub(crate) async fn run(args: BackendConfigArgs, context: &Context) -> Result<Exit, Error> {
    context.output.only_text_and_json()?;
    let root = args.root.trim_matches('/').to_owned();
    let root = root
        .strip_prefix(&format!("{FOLDER}/"))
        .map_or(root.clone(), str::to_owned);
    let strange = |part: &str| part.is_empty() || part == "." || part == ".." || part.contains('\\');
    if root.split('/').any(strange) {
        return Err(Error::Usage(format!(
            "\"{}\" is not of the form ENV/STACK",
            args.root
        )));
    }
    let key = args.key.clone().unwrap_or_else(|| key_of(&root));
    let bucket = context.bucket.as_str();
    let s3 = context.connection.s3();
    let get = s3
        .get_bucket_encryption()
        .bucket(bucket)
        .expected_bucket_owner(&context.account);
    let table = context
        .connection
        .dynamodb()
        .describe_table()
        .table_name(&context.table);
    let (encryption, table) = tokio::join!(
        call("s3:GetBucketEncryption", format!("bucket {bucket}"), get.send()),
        async {
            match args.lock {
                Some(_) => Ok(true),
                None => {
                    let read = call(
                        "dynamodb:DescribeTable",
                        format!("table {}", context.table),
                        table.send(),
                    )
                    .await;
                    optional(read).map(|table| table.is_some())
                }
            }
        },
    );
    let encryption = match encryption {
        Err(error) if error.is_code("NoSuchBucket") => {
            return Err(Error::Usage(format!(
                "there is no bucket {bucket} in {}: make it with tf-bootstrap create",
                context.title()
            )));
        }
        other => optional(other)?,
    };
    let kms_key = encryption
        .as_ref()
        .and_then(|encryption| encryption.server_side_encryption_configuration())
        .and_then(|configuration| configuration.rules().first())
        .and_then(|rule| rule.apply_server_side_encryption_by_default())
        .and_then(|by_default| by_default.kms_master_key_id());
    let settings = Settings {
        context,
        key: &key,
        kms_key,
        locking: args
            .lock
            .unwrap_or(if table? { Locking::Both } else { Locking::File }),
    };
    if let Some(file) = &args.write {
        let file = match file {
            Some(file) => file.clone(),
            None => context.dir.join(FOLDER).join(&root).join(crate::create::FILE),
        };
        std::fs::write(&file, settings.file()).map_err(|source| Error::File {
            doing: "cannot write",
            path: file.clone(),
            source,
        })?;
        context.output.say(&format!("{} was written", file.display()));
        return Ok(Exit::Clean);
    }
    match context.output.is_json() {
        true => {
            let mut fields = document("backend-config");
            fields.insert("root".to_owned(), root.into());
            fields.insert("settings".to_owned(), settings.values().into());
            context.output.add_json(&fields.into());
        }
        false => context.output.add(&settings.file()),
    }
    Ok(Exit::Clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_hcl_reads_them() {
        for (value, expected) in [
            (json!("a\"b"), "\"a\\\"b\""),
            (json!("${x} %{y}"), "\"$${x} %%{y}\""),
            (json!(true), "true"),
            (json!(["a", "b"]), "[\"a\", \"b\"]"),
            (
                json!({ "s3": "http://127.0.0.1" }),
                "{ s3 = \"http://127.0.0.1\" }",
            ),
        ] {
            assert_eq!(hcl(&value), expected);
        }
    }
}
