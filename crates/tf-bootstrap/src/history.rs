//! `tf-bootstrap history`: the versions of a state.

use clap::Args;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tabled::builder::Builder;
use tf_cli::exit::Exit;

use crate::error::Error;
use crate::output::document;
use crate::state::{Summary, age, lock_file, summary};
use crate::states::{plain, size, summary_json, writer_json, writer_text};
use crate::store::{READS, Store, Version, Writer, side_by_side};
use crate::target::Context;

/// List the versions of a state, the newest first
#[derive(Args, Clone, Debug)]
pub(crate) struct HistoryArgs {
    /// The state's key: dev/services/terraform.tfstate, or dev/services
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    /// At most so many; 0 is all
    #[arg(long, short = 'n', value_name = "N", default_value_t = 20)]
    pub(crate) limit: usize,
}

struct Row {
    version: Version,
    /// `None` for delete markers.
    content: Option<Result<Summary, String>>,
    writer: Option<Writer>,
    unread: bool,
}

pub(crate) async fn run(args: HistoryArgs, context: &Context) -> Result<Exit, Error> {
    context.output.only_text_and_json()?;
    let store = Store::new(context);
    let (key, mut versions) = store.find(&args.key).await?;
    let all = versions.len();
    if args.limit > 0 {
        versions.truncate(args.limit);
    }
    let lock_files = store.versions_of(&lock_file(&key)).await.unwrap_or_default();
    let lock_files: std::sync::Arc<[Version]> = lock_files.into();
    let work = |version: Version| {
        let (store, lock_files) = (store.clone(), lock_files.clone());
        async move { row(&store, version, &lock_files).await }
    };
    let rows = side_by_side(versions, READS, work).await?;
    let older = all - rows.len();
    match context.output.is_json() {
        true => context.output.add_json(&json_of(context, &key, &rows, older)),
        false => context.output.add(&text(&key, &rows, older)),
    }
    Ok(match rows.iter().any(|row| row.unread) {
        true => Exit::Failed,
        false => Exit::Clean,
    })
}

async fn row(store: &Store, version: Version, lock_files: &[Version]) -> Row {
    if version.deleted {
        return Row {
            version,
            content: None,
            writer: None,
            unread: false,
        };
    }
    let (content, unread) = match store.read(&version.key, Some(&version.id)).await {
        Ok(Some(body)) => (summary(&body.bytes).map_err(|error| error.to_string()), false),
        Ok(None) => (Err("it is not there any more".to_owned()), false),
        Err(error) => (Err(error.to_string()), true),
    };
    let writer = store
        .writer(lock_files, version.modified)
        .await
        .unwrap_or_default();
    Row {
        version,
        content: Some(content),
        writer,
        unread,
    }
}

fn text(key: &str, rows: &[Row], older: usize) -> String {
    let mut text = format!("{key}\n");
    let now = Timestamp::now();
    let mut table = Builder::default();
    table.push_record([
        "VERSION",
        "WRITTEN",
        "AGE",
        "SERIAL",
        "RESOURCES",
        "SIZE",
        "TERRAFORM",
        "WRITER",
        "",
    ]);
    let mut problems = String::new();
    for row in rows {
        let version = &row.version;
        let (serial, resources, terraform) = match &row.content {
            Some(Ok(summary)) => (
                summary.head.serial.to_string(),
                summary.resources.to_string(),
                summary.head.terraform_version.clone(),
            ),
            Some(Err(problem)) => {
                problems.push_str(&format!("{}: {problem}\n", version.id));
                ("?".to_owned(), "?".to_owned(), "?".to_owned())
            }
            None => Default::default(),
        };
        let note = match (version.deleted, version.latest) {
            (true, true) => "deleted, current",
            (true, false) => "deleted",
            (false, true) => "current",
            (false, false) => "",
        };
        let size = match version.deleted {
            true => String::new(),
            false => size(version.size),
        };
        let writer = match version.deleted {
            true => String::new(),
            false => writer_text(row.writer.as_ref()),
        };
        table.push_record([
            version.id.clone(),
            version.modified.to_string(),
            age(now.duration_since(version.modified)),
            serial,
            resources,
            size,
            terraform,
            writer,
            note.to_owned(),
        ]);
    }
    text.push_str(&plain(table));
    // A change of lineage is a change of root, and worth more than a column.
    let lineages = rows.iter().filter_map(|row| match &row.content {
        Some(Ok(summary)) => Some((&row.version.id, &summary.head.lineage)),
        _ => None,
    });
    let lineages: Vec<(&String, &String)> = lineages.collect();
    for pair in lineages.windows(2) {
        if let [(id, newer), (_, older)] = pair
            && newer != older
        {
            text.push_str(&format!("{id}: lineage {newer} takes the place of {older}\n"));
        }
    }
    text.push_str(&problems);
    if older > 0 {
        text.push_str(&format!(
            "{older} older versions are not shown (--limit 0 shows all)\n"
        ));
    }
    text
}

fn json_of(context: &Context, key: &str, rows: &[Row], older: usize) -> Value {
    let versions: Vec<Value> = rows
        .iter()
        .map(|row| {
            let version = &row.version;
            let mut fields = Map::new();
            fields.insert("version".to_owned(), json!(version.id));
            fields.insert("current".to_owned(), json!(version.latest));
            fields.insert("deleted".to_owned(), json!(version.deleted));
            fields.insert("modified".to_owned(), json!(version.modified.to_string()));
            if let Some(content) = &row.content {
                fields.insert("size".to_owned(), json!(version.size));
                match content {
                    Ok(summary) => fields.extend(summary_json(summary)),
                    Err(problem) => {
                        fields.insert("problem".to_owned(), json!(problem));
                    }
                }
                fields.insert("writer".to_owned(), writer_json(row.writer.as_ref()));
            }
            Value::Object(fields)
        })
        .collect();
    let mut document = document("history");
    document.insert("account".to_owned(), json!(context.account));
    document.insert("bucket".to_owned(), json!(context.bucket));
    document.insert("key".to_owned(), json!(key));
    document.insert("versions".to_owned(), json!(versions));
    document.insert("older".to_owned(), json!(older));
    Value::Object(document)
}
