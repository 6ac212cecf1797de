//! `tf-bootstrap states`: all states of a bucket.

use clap::Args;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tabled::builder::Builder;
use tf_cli::exit::Exit;

use crate::error::Error;
use crate::output::document;
use crate::state::{LOCK_SUFFIX, Summary, age, head, summary, workspace};
use crate::store::{Object, READS, Store, Writer, side_by_side};
use crate::target::Context;

/// What tells whether an object is a state, and is all of a small one.
const FIRST: u64 = 64 * 1_024;
/// What backends of Terraform name their states, if nobody wants another name.
pub(crate) const SUFFIX: &str = ".tfstate";

/// List the states: size, serial, lineage, resources, age, last writer
#[derive(Args, Clone, Debug)]
pub(crate) struct StatesArgs {
    /// Only keys that begin so
    #[arg(value_name = "PREFIX", default_value = "")]
    pub(crate) prefix: String,
}

/// A state.
struct Row {
    object: Object,
    /// What it is, or why that is not known.
    content: Result<Summary, String>,
    writer: Option<Writer>,
    /// Whether it could not be read: the report is not whole then.
    unread: bool,
}

pub(crate) async fn run(args: StatesArgs, context: &Context) -> Result<Exit, Error> {
    context.output.only_text_and_json()?;
    let store = Store::new(context);
    let objects = store.objects(&args.prefix).await?;
    let objects: Vec<Object> = objects
        .into_iter()
        .filter(|object| !object.key.ends_with(LOCK_SUFFIX))
        .collect();
    let all = objects.len();
    let work = |object: Object| {
        let store = store.clone();
        async move { row(&store, object).await }
    };
    let rows: Vec<Row> = side_by_side(objects, READS, work)
        .await?
        .into_iter()
        .flatten()
        .collect();
    let others = all - rows.len();
    match context.output.is_json() {
        true => context.output.add_json(&json_of(context, &rows, others)),
        false => context.output.add(&text(context, &rows, others)),
    }
    Ok(match rows.iter().any(|row| row.unread) {
        true => Exit::Failed,
        false if rows.iter().any(|row| row.content.is_err()) => Exit::Findings,
        false => Exit::Clean,
    })
}

/// Reads one object; `None` where it is no state.
async fn row(store: &Store, object: Object) -> Option<Row> {
    let named = object.key.ends_with(SUFFIX) || workspace(&object.key).0 != "default";
    let (content, unread) = match content(store, &object, named).await {
        Ok(Some(content)) => (content, false),
        Ok(None) => return None,
        Err(error) => (Err(error.to_string()), true),
    };
    // Without the permission to see versions the writer is unknown, and everything else is not.
    let writer = match &content {
        Ok(_) => store
            .last_writer(&object.key, object.modified)
            .await
            .unwrap_or_default(),
        Err(_) => None,
    };
    Some(Row {
        object,
        content,
        writer,
        unread,
    })
}

/// What an object holds; `None` where it is no state, and is not named as one.
async fn content(
    store: &Store,
    object: &Object,
    named: bool,
) -> Result<Option<Result<Summary, String>>, Error> {
    let first = match object.size {
        0 => Vec::new(),
        size => {
            let range = (size > FIRST).then_some(FIRST);
            match store.read_range(&object.key, None, range).await? {
                Some(body) => body.bytes,
                // Deleted since it was listed.
                None => return Ok(None),
            }
        }
    };
    // Backups, plans and whatever else lies in the bucket is not read as a whole.
    if !named && head(&first).is_none() && (object.size > FIRST || summary(&first).is_err()) {
        return Ok(None);
    }
    let bytes = match object.size > FIRST {
        true => match store.read(&object.key, None).await? {
            Some(body) => body.bytes,
            None => return Ok(None),
        },
        false => first,
    };
    Ok(Some(summary(&bytes).map_err(|error| error.to_string())))
}

fn text(context: &Context, rows: &[Row], others: usize) -> String {
    let mut text = format!("{}, bucket {}\n", context.title(), context.bucket);
    let now = Timestamp::now();
    let mut table = Builder::default();
    table.push_record([
        "KEY",
        "WORKSPACE",
        "SERIAL",
        "LINEAGE",
        "RESOURCES",
        "SIZE",
        "AGE",
        "LAST WRITER",
    ]);
    for row in rows {
        let (workspace, key) = workspace(&row.object.key);
        let (serial, lineage, resources) = match &row.content {
            Ok(summary) => (
                summary.head.serial.to_string(),
                summary.head.lineage.chars().take(8).collect(),
                summary.resources.to_string(),
            ),
            Err(_) => ("?".to_owned(), "?".to_owned(), "?".to_owned()),
        };
        table.push_record([
            key.to_owned(),
            workspace.to_owned(),
            serial,
            lineage,
            resources,
            size(row.object.size),
            age(now.duration_since(row.object.modified)),
            writer_text(row.writer.as_ref()),
        ]);
    }
    match rows.is_empty() {
        true => text.push_str("no states\n"),
        false => text.push_str(&plain(table)),
    }
    for row in rows {
        if let Err(problem) = &row.content {
            text.push_str(&format!("{}: {problem}\n", row.object.key));
        }
    }
    if others > 0 {
        text.push_str(&format!("{others} other objects are no states\n"));
    }
    text
}

/// A table without lines, as scripts and narrow terminals like it.
pub(crate) fn plain(table: Builder) -> String {
    use tabled::settings::{Padding, Style, object::Columns};
    let mut table = table.build();
    table.with(Style::empty());
    table.modify(Columns::new(..), Padding::new(0, 2, 0, 0));
    let lines = table.to_string();
    let lines = lines.lines().map(|line| format!("{}\n", line.trim_end()));
    lines.collect()
}

/// A size as one says it.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 3] = ["KiB", "MiB", "GiB"];
    if bytes < 1_024 {
        return format!("{bytes} B");
    }
    let mut unit = 0;
    let mut tenths = bytes * 10 / 1_024;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1_024;
        unit += 1;
    }
    let unit = UNITS.get(unit).copied().unwrap_or_default();
    match tenths < 1_000 {
        true => format!("{}.{} {unit}", tenths / 10, tenths % 10),
        false => format!("{} {unit}", tenths / 10),
    }
}

pub(crate) fn writer_text(writer: Option<&Writer>) -> String {
    match writer {
        Some(Writer { lock }) => format!("{} ({})", lock.who, lock.operation()),
        None => "-".to_owned(),
    }
}

pub(crate) fn writer_json(writer: Option<&Writer>) -> Value {
    match writer {
        Some(Writer { lock }) => {
            json!({ "who": lock.who, "operation": lock.operation, "version": lock.version, "at": lock.created })
        }
        None => Value::Null,
    }
}

/// What is told of a state, in documents.
pub(crate) fn summary_json(summary: &Summary) -> Map<String, Value> {
    let fields = [
        ("serial", json!(summary.head.serial)),
        ("lineage", json!(summary.head.lineage)),
        ("terraform_version", json!(summary.head.terraform_version)),
        ("resources", json!(summary.resources)),
        ("data_sources", json!(summary.data_sources)),
        ("deposed", json!(summary.deposed)),
        ("tainted", json!(summary.tainted)),
        ("outputs", json!(summary.outputs)),
    ];
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn json_of(context: &Context, rows: &[Row], others: usize) -> Value {
    let now = Timestamp::now();
    let states: Vec<Value> = rows
        .iter()
        .map(|row| {
            let mut state = Map::new();
            state.insert("key".to_owned(), json!(row.object.key));
            state.insert("workspace".to_owned(), json!(workspace(&row.object.key).0));
            state.insert("size".to_owned(), json!(row.object.size));
            state.insert("modified".to_owned(), json!(row.object.modified.to_string()));
            let seconds = now.duration_since(row.object.modified).as_secs().max(0);
            state.insert("age_seconds".to_owned(), json!(seconds));
            match &row.content {
                Ok(summary) => state.extend(summary_json(summary)),
                Err(problem) => {
                    state.insert("problem".to_owned(), json!(problem));
                }
            }
            state.insert("last_writer".to_owned(), writer_json(row.writer.as_ref()));
            Value::Object(state)
        })
        .collect();
    let mut document = document("states");
    document.insert("account".to_owned(), json!(context.account));
    document.insert("region".to_owned(), json!(context.region));
    document.insert("bucket".to_owned(), json!(context.bucket));
    document.insert("states".to_owned(), json!(states));
    document.insert("other_objects".to_owned(), json!(others));
    Value::Object(document)
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_have_a_unit() {
        let cases = [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1.0 KiB"),
            (15_000, "14.6 KiB"),
            (1_048_575, "1023 KiB"),
            (77_000_000, "73.4 MiB"),
            (5_000_000_000_000, "4656 GiB"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(size(bytes), expected);
        }
    }
}
