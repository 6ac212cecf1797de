//! What is done, for people and for programs.

use serde_json::{Map, Value, json};

use super::{MigrateArgs, Plan, local};
use crate::output::document;
use crate::target::Context;

pub(super) fn text(args: &MigrateArgs, plan: &Plan) -> String {
    let mut text = format!(
        "{}: from {} to {}\n",
        args.root.display(),
        plan.from,
        plan.to.name()
    );
    for step in &plan.steps {
        let serial = step.serial.map(|serial| format!(" (serial {serial})"));
        text.push_str(&format!(
            "  {}{}: {}\n",
            step.key,
            serial.unwrap_or_default(),
            step.action
        ));
    }
    for edit in &plan.edits {
        let what = if edit.before.is_some() { "edited" } else { "made" };
        text.push_str(&format!("  {} is {what}:\n", edit.path.display()));
        for line in edit.lines() {
            text.push_str(&format!("    {line}\n"));
        }
    }
    for file in &plan.aside {
        let to = local::aside(file);
        let name = to.file_name().unwrap_or_default().to_string_lossy().into_owned();
        text.push_str(&format!("  {} is renamed to {name}\n", file.display()));
    }
    text
}

pub(super) fn report(context: &Context, args: &MigrateArgs, plan: &Plan, done: bool) {
    if !context.output.is_json() {
        let mut shown = String::new();
        match (done, plan.is_empty()) {
            (false, true) => shown.push_str(&format!(
                "{}: is {} already\n",
                args.root.display(),
                plan.to.name()
            )),
            (false, false) => {
                shown.push_str(&text(args, plan));
                shown.push_str("nothing was changed (--dry-run)\n");
            }
            (true, _) => {
                shown.push_str(&format!("{}: {} now\n", args.root.display(), plan.to.name()));
                for note in &plan.notes {
                    shown.push_str(&format!("next: {note}\n"));
                }
            }
        }
        context.output.add(&shown);
        return;
    }
    let states: Vec<Value> = plan
        .steps
        .iter()
        .map(|step| {
            json!({
                "key": step.key,
                "file": step.file.as_ref().map(|file| file.display().to_string()),
                "serial": step.serial,
                "action": step.action,
            })
        })
        .collect();
    let files: Vec<Value> = plan
        .edits
        .iter()
        .map(|edit| json!({ "path": edit.path.display().to_string(), "new": edit.before.is_none(), "lines": edit.lines() }))
        .collect();
    let aside: Vec<String> = plan.aside.iter().map(|file| file.display().to_string()).collect();
    let fields: Map<String, Value> = [
        ("account", json!(context.account)),
        ("bucket", json!(context.bucket)),
        ("root", json!(args.root.display().to_string())),
        ("from", json!(plan.from)),
        ("to", json!(plan.to.name())),
        ("changed", json!(done)),
        ("dry_run", json!(args.dry_run)),
        ("states", json!(states)),
        ("files", json!(files)),
        ("put_aside", json!(aside)),
        ("next", json!(plan.notes)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let mut document = document("migrate");
    document.extend(fields);
    context.output.add_json(&Value::Object(document));
}
