//! Addresses of resources and modules, as Terraform prints and parses them.
//!
//! Source: <https://developer.hashicorp.com/terraform/cli/state/resource-addressing>.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use tf_lang::text::quote_go;

use crate::names::shared;

/// Key of one instance among those that `count` or `for_each` make.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Key {
    /// Made by `count`.
    Index(u64),
    /// Made by `for_each`.
    Name(Arc<str>),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Index(index) => write!(f, "[{index}]"),
            // As in HCL a template sequence in the key is escaped.
            Key::Name(name) => {
                let quoted = quote_go(name).replace("${", "$${").replace("%{", "%%{");
                write!(f, "[{quoted}]")
            }
        }
    }
}

/// A module call and the instance of it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ModuleStep {
    /// Name of the call.
    pub name: Arc<str>,
    /// Which instance.
    pub key: Option<Key>,
}

/// The way from the root module to a module instance; empty for the root.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct ModulePath(pub Vec<ModuleStep>);

impl ModulePath {
    /// The path of a module called in this one.
    #[must_use]
    pub fn child(&self, name: Arc<str>, key: Option<Key>) -> ModulePath {
        let mut steps = self.0.clone();
        steps.push(ModuleStep { name, key });
        ModulePath(steps)
    }

    /// Whether it is the root module.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for ModulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            let dot = if at == 0 { "" } else { "." };
            write!(f, "{dot}module.{}", step.name)?;
            if let Some(key) = &step.key {
                write!(f, "{key}")?;
            }
        }
        Ok(())
    }
}

/// What kind of resource a block declares.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Mode {
    /// `resource`
    Managed,
    /// `data`
    Data,
    /// `ephemeral`
    Ephemeral,
}

impl Mode {
    /// The name that plans have for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Managed => "managed",
            Mode::Data => "data",
            Mode::Ephemeral => "ephemeral",
        }
    }
}

/// Address of a resource instance.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Address {
    /// The module instance that it is in.
    pub module: ModulePath,
    /// Managed, data or ephemeral.
    pub mode: Mode,
    /// The resource type.
    pub ty: Arc<str>,
    /// The resource's name.
    pub name: Arc<str>,
    /// Which instance.
    pub key: Option<Key>,
}

impl Address {
    /// The address without the key of the instance, and without its module.
    pub fn local(&self) -> String {
        let mode = match self.mode {
            Mode::Managed => "",
            Mode::Data => "data.",
            Mode::Ephemeral => "ephemeral.",
        };
        format!("{mode}{}.{}", self.ty, self.name)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        f.write_str(&self.local())?;
        match &self.key {
            Some(key) => write!(f, "{key}"),
            None => Ok(()),
        }
    }
}

/// An address that cannot be parsed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("\"{0}\" is not a resource address such as module.network.aws_subnet.private[0]")]
pub struct AddressError(pub String);

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Address, AddressError> {
        parse(text).ok_or_else(|| AddressError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Address> {
    let mut rest = Rest(text);
    let mut module = ModulePath::default();
    let mut word = rest.name()?;
    while word == "module" {
        rest.eat('.')?;
        let name = rest.name()?;
        module.0.push(ModuleStep {
            name: shared(name),
            key: rest.key()?,
        });
        rest.eat('.')?;
        word = rest.name()?;
    }
    let mode = match word {
        "data" => Mode::Data,
        "ephemeral" => Mode::Ephemeral,
        _ => Mode::Managed,
    };
    let ty = match mode {
        Mode::Managed => word,
        _ => {
            rest.eat('.')?;
            rest.name()?
        }
    };
    rest.eat('.')?;
    let name = rest.name()?;
    let key = rest.key()?;
    rest.0.is_empty().then(|| Address {
        module,
        mode,
        ty: shared(ty),
        name: shared(name),
        key,
    })
}

/// The text not parsed yet.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn eat(&mut self, expected: char) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }

    fn name(&mut self) -> Option<&'a str> {
        let end = self.0.find(['.', '[']).unwrap_or(self.0.len());
        let (name, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        (!name.is_empty() && !name.contains([']', '"', ' '])).then_some(name)
    }

    /// The key in brackets, if one follows; the outer `None` is an error.
    fn key(&mut self) -> Option<Option<Key>> {
        let Some(rest) = self.0.strip_prefix('[') else {
            return Some(None);
        };
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut name = String::new();
            let mut chars = quoted.char_indices();
            while let Some((at, character)) = chars.next() {
                match character {
                    '"' => {
                        self.0 = quoted.get(at + 1..)?.strip_prefix(']')?;
                        let name = name.replace("$${", "${").replace("%%{", "%{");
                        return Some(Some(Key::Name(name.into())));
                    }
                    '\\' => name.push(match chars.next()?.1 {
                        'n' => '\n',
                        't' => '\t',
                        'r' => '\r',
                        'u' => escaped(&mut chars, 4)?,
                        'U' => escaped(&mut chars, 8)?,
                        'x' => escaped(&mut chars, 2)?,
                        other => other,
                    }),
                    other => name.push(other),
                }
            }
            return None;
        }
        let (digits, rest) = rest.split_once(']')?;
        self.0 = rest;
        digits.parse().ok().map(|index| Some(Key::Index(index)))
    }
}

fn escaped(chars: &mut std::str::CharIndices<'_>, digits: usize) -> Option<char> {
    let code: String = chars
        .by_ref()
        .take(digits)
        .map(|(_, character)| character)
        .collect();
    char::from_u32(u32::from_str_radix(&code, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_survive_printing_and_parsing() {
        for text in [
            "aws_instance.web",
            "aws_instance.web[0]",
            "data.aws_ami.x",
            "ephemeral.aws_secretsmanager_secret_version.x",
            "module.a.module.b[\"k.e[y]\"].aws_instance.web[\"x \\\"y\\\"\"]",
            "module.a[3].data.aws_ami.x[1]",
            "aws_x.y[\"ünï $${a}\"]",
            "aws_x.y[\"a\\nb\"]",
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "aws_instance",
            "module.a",
            "aws_instance.",
            "aws_x.y[",
            "aws_x.y[a]",
            "aws_x.y[0].id",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }

    #[test]
    fn instances_are_ordered_by_number() {
        let address = |text: &str| text.parse::<Address>().unwrap();
        assert!(address("aws_x.y[2]") < address("aws_x.y[10]"));
    }
}
