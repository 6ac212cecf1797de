//! Terraform's functions.
//!
//! One file a family, each with a table `FUNCTIONS` of [`Function`]s. What cty does around every call
//! (arity, conversion to the parameters' types, null, unknown and marked arguments) is done once, in
//! [`Function::call`]; a function sees only arguments that it declared itself able to take.
//!
//! `try` and `can` look at expressions instead of values and belong to the evaluator.

mod cidr;
mod collection;
mod conversion;
mod crypto;
mod datetime;
mod encoding;
mod filesystem;
mod number;
mod sequence;
mod string;
mod yaml;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use crate::convert::convert;
use crate::types::Type;
use crate::value::{Entries, Marks, Reason, Value};

pub(crate) use string::safe_prefix;

pub use encoding::json_write::encode as json;
pub use filesystem::{FileError, Files, NoFiles, RootFiles, path_matches};

/// A type as a constant, for tables.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum Ty {
    Any,
    Bool,
    Number,
    String,
    List(&'static Ty),
    Set(&'static Ty),
    Map(&'static Ty),
}

impl Ty {
    /// The type.
    pub fn get(self) -> Type {
        match self {
            Ty::Any => Type::Any,
            Ty::Bool => Type::Bool,
            Ty::Number => Type::Number,
            Ty::String => Type::String,
            Ty::List(element) => Type::list(element.get()),
            Ty::Set(element) => Type::set(element.get()),
            Ty::Map(element) => Type::map(element.get()),
        }
    }
}

/// A parameter: its name as Terraform's errors give it, its type, and which special arguments the function
/// itself deals with.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Name.
    pub name: &'static str,
    /// Arguments are converted to it.
    pub ty: Ty,
    /// Takes null. Otherwise null is an error.
    pub null: bool,
    /// Takes unknown, or values that are unknown inside. Otherwise the result is unknown.
    pub unknown: bool,
    /// Takes marked values. Otherwise marks are taken off, deeply, and put on the result.
    pub marked: bool,
}

impl Param {
    /// A parameter that takes no special argument.
    pub const fn new(name: &'static str, ty: Ty) -> Param {
        Param {
            name,
            ty,
            null: false,
            unknown: false,
            marked: false,
        }
    }

    /// The same, but null is taken.
    #[must_use]
    pub const fn or_null(mut self) -> Param {
        self.null = true;
        self
    }

    /// The same, but unknown is taken.
    #[must_use]
    pub const fn or_unknown(mut self) -> Param {
        self.unknown = true;
        self
    }

    /// The same, but marks are left on.
    #[must_use]
    pub const fn or_marked(mut self) -> Param {
        self.marked = true;
        self
    }
}

/// What is wrong with a call. `arg` is the argument to blame, where it is one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallError {
    /// Index of the argument.
    pub arg: Option<usize>,
    /// Terraform's sentence, without the full stop.
    pub message: String,
    /// The path, where the only trouble is a file that is not there.
    pub missing_file: Option<Arc<str>>,
}

impl CallError {
    /// The call as a whole is wrong.
    pub fn new(message: impl Into<String>) -> CallError {
        CallError {
            arg: None,
            message: message.into(),
            missing_file: None,
        }
    }

    /// An argument is wrong.
    pub fn arg(index: usize, message: impl Into<String>) -> CallError {
        CallError {
            arg: Some(index),
            message: message.into(),
            missing_file: None,
        }
    }
}

/// What a function returns.
pub type CallResult = Result<Value, CallError>;

/// What functions may ask of the evaluator that runs them.
pub trait Host {
    /// Access to files.
    fn files(&self) -> &dyn Files;

    /// Renders a template with variables, for `templatefile` and `templatestring`. `name` stands in errors.
    ///
    /// # Errors
    /// Where the template is wrong, as the error of the calling function.
    fn render(&mut self, name: &str, template: &str, variables: &Entries) -> CallResult;
}

/// A function.
#[derive(Clone, Copy)]
pub struct Function {
    /// Name, without namespace.
    pub name: &'static str,
    /// Parameters.
    pub params: &'static [Param],
    /// What further arguments are.
    pub rest: Option<Param>,
    /// Type of the result as far as it does not depend on the arguments: what an unknown result is.
    pub returns: Ty,
    /// Whether the result is certain not to be null.
    pub not_null: bool,
    /// The work.
    pub run: fn(&mut dyn Host, &[Value]) -> CallResult,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Function {
    /// A function with a fixed number of parameters.
    pub const fn new(
        name: &'static str,
        params: &'static [Param],
        returns: Ty,
        run: fn(&mut dyn Host, &[Value]) -> CallResult,
    ) -> Function {
        Function {
            name,
            params,
            rest: None,
            returns,
            not_null: true,
            run,
        }
    }

    /// The same with any number of further arguments.
    #[must_use]
    pub const fn with_rest(mut self, rest: Param) -> Function {
        self.rest = Some(rest);
        self
    }

    /// The same, but the result may be null.
    #[must_use]
    pub const fn maybe_null(mut self) -> Function {
        self.not_null = false;
        self
    }

    /// The parameter that an argument is for.
    pub fn param(&self, index: usize) -> Option<&Param> {
        self.params.get(index).or(self.rest.as_ref())
    }

    /// Converts an argument to its parameter's type.
    ///
    /// # Errors
    /// Terraform's sentence, where it does not convert.
    pub fn convert_arg(&self, index: usize, value: Value) -> Result<Value, String> {
        match self.param(index) {
            Some(param) => convert(&value, &param.ty.get()).map_err(|error| error.message),
            None => Ok(value),
        }
    }

    /// Calls the function with converted arguments.
    ///
    /// # Errors
    /// What the function says, or that an argument is null which may not be.
    pub fn call(&self, host: &mut dyn Host, mut args: Vec<Value>) -> CallResult {
        let mut marks = Marks::NONE;
        let mut reasons: Vec<Reason> = Vec::new();
        let mut unknown = false;
        for (index, arg) in args.iter_mut().enumerate() {
            let Some(param) = self.param(index) else { continue };
            if !param.marked && !arg.marks_deep().is_empty() {
                let (plain, taken) = std::mem::replace(arg, Value::NULL).unmark_deep();
                *arg = plain;
                marks = marks.union(taken);
            }
            if arg.is_null() && !param.null {
                return Err(CallError::arg(index, "argument must not be null"));
            }
            if !param.unknown && !arg.is_wholly_known() {
                unknown = true;
                reasons.extend(arg.reasons());
            }
        }
        if unknown {
            let result = Value::unknown_because(self.returns.get(), reasons).with_marks(marks);
            return Ok(if self.not_null { result.not_null() } else { result });
        }
        (self.run)(host, &args).map(|value| value.with_marks(marks))
    }
}

/// The function of a name; `core::` is Terraform's own namespace.
pub fn find(name: &str) -> Option<&'static Function> {
    static BY_NAME: LazyLock<HashMap<&str, &Function>> = LazyLock::new(|| {
        tables()
            .into_iter()
            .flatten()
            .map(|function| (function.name, function))
            .collect()
    });
    BY_NAME.get(name.strip_prefix("core::").unwrap_or(name)).copied()
}

/// All names without namespace, in no particular order; special forms of the evaluator are not among them.
pub fn names() -> impl Iterator<Item = &'static str> {
    tables().into_iter().flatten().map(|function| function.name)
}

fn tables() -> [&'static [Function]; 11] {
    [
        cidr::FUNCTIONS,
        collection::FUNCTIONS,
        conversion::FUNCTIONS,
        crypto::FUNCTIONS,
        datetime::FUNCTIONS,
        encoding::FUNCTIONS,
        filesystem::FUNCTIONS,
        number::FUNCTIONS,
        sequence::FUNCTIONS,
        string::FUNCTIONS,
        yaml::FUNCTIONS,
    ]
}

/// The string of an argument whose parameter is a string that is neither null nor unknown.
pub(crate) fn text(args: &[Value], index: usize) -> &str {
    args.get(index).and_then(Value::as_str).unwrap_or_default()
}

/// The elements of an argument whose parameter is a sequence that is neither null nor unknown.
pub(crate) fn items(args: &[Value], index: usize) -> &[Value] {
    args.get(index).and_then(Value::as_items).unwrap_or_default()
}
