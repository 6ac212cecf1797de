//! Functions over paths and files. Source: `internal/lang/funcs/filesystem.go` of Terraform.

mod access;
mod glob;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{CallError, CallResult, Function, Host, Param, Ty, text};
use crate::path;
use crate::types::Type;
use crate::value::{Marks, Reason, Value};

pub use access::{FileError, Files, NoFiles, RootFiles};
pub use glob::path_matches;

const PATH: Param = Param::new("path", Ty::String);
const OPEN_PATH: Param = PATH.or_unknown().or_marked();

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("abspath", &[PATH], Ty::String, abspath),
    Function::new("basename", &[PATH], Ty::String, basename),
    Function::new("dirname", &[PATH], Ty::String, dirname),
    Function::new("file", &[OPEN_PATH], Ty::String, file),
    Function::new("filebase64", &[OPEN_PATH], Ty::String, filebase64),
    Function::new("fileexists", &[OPEN_PATH], Ty::Bool, fileexists),
    Function::new(
        "fileset",
        &[
            OPEN_PATH,
            Param::new("pattern", Ty::String).or_unknown().or_marked(),
        ],
        Ty::Set(&Ty::String),
        fileset,
    ),
    Function::new("pathexpand", &[PATH], Ty::String, pathexpand),
    Function::new(
        "templatefile",
        &[OPEN_PATH, Param::new("vars", Ty::Any).or_unknown().or_marked()],
        Ty::Any,
        templatefile,
    )
    .maybe_null(),
];

fn abspath(host: &mut dyn Host, args: &[Value]) -> CallResult {
    match host.files().absolute(text(args, 0)) {
        Ok(path) => Ok(path.into()),
        Err(error) => Err(error.into_call_error(0)),
    }
}

fn basename(_: &mut dyn Host, args: &[Value]) -> CallResult {
    Ok(path::base(text(args, 0)).into())
}

fn dirname(_: &mut dyn Host, args: &[Value]) -> CallResult {
    Ok(path::dir(text(args, 0)).into())
}

fn pathexpand(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let path = text(args, 0);
    let Some(rest) = path.strip_prefix('~') else {
        return Ok(path.into());
    };
    if !rest.is_empty() && !rest.starts_with(['/', '\\']) {
        return Err(CallError::new("cannot expand user-specific home dir"));
    }
    Ok(Value::unknown(Type::String, Reason::Unsupported("pathexpand()".into())).not_null())
}

/// The marks of some arguments, and an unknown result if one of them is unknown.
fn open_args(args: &[Value], ty: Type) -> (Marks, Option<Value>) {
    let marks = args
        .iter()
        .fold(Marks::NONE, |marks, arg| marks.union(arg.marks()));
    let unknown = args.iter().any(|arg| !arg.is_known()).then(|| {
        let reasons = args.iter().flat_map(Value::reasons);
        Value::unknown_because(ty, reasons).with_marks(marks)
    });
    (marks, unknown)
}

/// A path as errors give it.
fn shown(path: &str, marks: Marks) -> String {
    match marks.contains(Marks::SENSITIVE) {
        true => "(sensitive value)".to_owned(),
        false => crate::text::quote_go(path),
    }
}

/// The error for an argument, without its text where that is secret.
fn file_error(error: FileError, marks: Marks, arg: usize) -> CallError {
    match marks.contains(Marks::SENSITIVE) {
        true => error.into_call_error_redacted(arg),
        false => error.into_call_error(arg),
    }
}

/// The contents as text; the sentence for others is Terraform's.
fn read_text(host: &dyn Host, path: &str, marks: Marks) -> Result<String, CallError> {
    let bytes = host
        .files()
        .read(path)
        .map_err(|error| file_error(error, marks, 0))?;
    String::from_utf8(bytes).map_err(|_| {
        let shown = shown(path, marks);
        CallError::new(format!(
            "contents of {shown} are not valid UTF-8; use the filebase64 function to obtain the Base64 \
             encoded contents or the other file functions (e.g. filemd5, filesha256) to obtain file hashing \
             results instead"
        ))
    })
}

fn file(host: &mut dyn Host, args: &[Value]) -> CallResult {
    let (marks, unknown) = open_args(args, Type::String);
    match unknown {
        Some(unknown) => Ok(unknown.not_null()),
        None => Ok(Value::from(read_text(host, text(args, 0), marks)?).with_marks(marks)),
    }
}

fn filebase64(host: &mut dyn Host, args: &[Value]) -> CallResult {
    let (marks, unknown) = open_args(args, Type::String);
    if let Some(unknown) = unknown {
        return Ok(unknown.not_null());
    }
    let bytes = host
        .files()
        .read(text(args, 0))
        .map_err(|error| file_error(error, marks, 0))?;
    Ok(Value::normal_string(STANDARD.encode(bytes).into()).with_marks(marks))
}

fn fileexists(host: &mut dyn Host, args: &[Value]) -> CallResult {
    let (marks, unknown) = open_args(args, Type::Bool);
    if let Some(unknown) = unknown {
        return Ok(unknown.not_null());
    }
    let path = text(args, 0);
    if path.starts_with('~') {
        let reason = Reason::Unsupported("the home folder".into());
        return Ok(Value::unknown(Type::Bool, reason).not_null().with_marks(marks));
    }
    match host.files().exists(path) {
        Ok(exists) => Ok(Value::from(exists).with_marks(marks)),
        Err(error) => Err(exists_error(error, marks)),
    }
}

/// `fileexists` blames an argument that it does not have, so Terraform blames the call.
fn exists_error(error: FileError, marks: Marks) -> CallError {
    match error {
        FileError::Directory(path) => {
            CallError::new(format!("{} is a directory, not a file", shown(&path, marks)))
        }
        FileError::Io(path, _) => CallError::new(format!("failed to stat {}", shown(&path, marks))),
        other => CallError {
            arg: None,
            ..file_error(other, marks, 0)
        },
    }
}

fn fileset(host: &mut dyn Host, args: &[Value]) -> CallResult {
    let (marks, unknown) = open_args(args, Type::set(Type::String));
    if let Some(unknown) = unknown {
        return Ok(unknown.not_null());
    }
    match host.files().glob(text(args, 0), text(args, 1)) {
        Ok(found) => {
            let found = found.into_iter().map(Value::from).collect();
            Ok(Value::set(Type::String, found).with_marks(marks))
        }
        Err(error) => Err(fileset_error(error, marks)),
    }
}

fn fileset_error(error: FileError, marks: Marks) -> CallError {
    match error {
        FileError::Io(path, why) => {
            let shown = shown(&path, marks);
            // Terraform says the path in any case.
            let again = if marks.contains(Marks::SENSITIVE) {
                &shown
            } else {
                &path
            };
            CallError::new(format!("failed to stat {shown}: stat {again}: {why}"))
        }
        other => CallError {
            arg: None,
            ..file_error(other, marks, 0)
        },
    }
}

fn templatefile(host: &mut dyn Host, args: &[Value]) -> CallResult {
    let (_, unknown) = open_args(args, Type::Any);
    let (variables, marks) = args.get(1).cloned().unwrap_or(Value::NULL).unmark_deep();
    let path_marks = args.first().map(Value::marks).unwrap_or_default();
    let marks = marks.union(path_marks);
    if let Some(unknown) = unknown {
        return Ok(unknown.with_marks(marks));
    }
    let path = text(args, 0);
    let template = read_text(host, path, path_marks)?;
    let Some(entries) = variables.as_entries() else {
        return Err(CallError::arg(1, "invalid vars value: must be a map"));
    };
    Ok(host.render(path, &template, entries)?.with_marks(marks))
}
