//! Expressions of GitHub Actions, as far as our workflows have them.

use serde_json::Value as Json;

/// What an expression is evaluated in: the value of a path such as `needs.plan.result`, and of a status function.
pub(crate) trait Scope {
    fn path(&self, path: &str) -> Json;
    fn status(&self, name: &str) -> bool;
}

/// Puts the values of all `${{ … }}` into a text.
pub(crate) fn text(text: &str, scope: &dyn Scope) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (inside, more) = after.split_once("}}").unwrap();
        out.push_str(before);
        out.push_str(&shown(&value(inside, scope)));
        rest = more;
    }
    out + rest
}

/// The value of one expression.
pub(crate) fn value(text: &str, scope: &dyn Scope) -> Json {
    let mut reader = Reader {
        tokens: tokens(text),
        at: 0,
        scope,
        text,
    };
    let value = reader.or();
    assert_eq!(reader.at, reader.tokens.len(), "{text}: there is more");
    value
}

/// Whether a job or step runs: where no status function is asked, everything before it has to have succeeded.
pub(crate) fn condition(text: &str, scope: &dyn Scope) -> bool {
    let text = text.trim();
    let inside = text
        .strip_prefix("${{")
        .and_then(|rest| rest.strip_suffix("}}"))
        .unwrap_or(text);
    let asks = ["always()", "cancelled()", "failure()", "success()"]
        .iter()
        .any(|function| inside.contains(function));
    (asks || scope.status("success")) && is_true(&value(inside, scope))
}

fn is_true(value: &Json) -> bool {
    !matches!(value, Json::Null | Json::Bool(false)) && value != ""
}

/// As it is put into a text.
pub(crate) fn shown(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => rest[1..].find('\'').unwrap() + 2,
            '&' | '|' | '=' => 2,
            '!' if rest.starts_with("!=") => 2,
            '!' | '(' | ')' => 1,
            _ => {
                let is_name = |letter: char| letter.is_ascii_alphanumeric() || "_.-".contains(letter);
                let end = rest.find(|letter| !is_name(letter)).unwrap_or(rest.len());
                assert!(end > 0, "{text}: what is {rest:?}?");
                end
            }
        };
        tokens.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    tokens
}

struct Reader<'a> {
    tokens: Vec<String>,
    at: usize,
    scope: &'a dyn Scope,
    text: &'a str,
}

impl Reader<'_> {
    fn take(&mut self, token: &str) -> bool {
        let found = self.tokens.get(self.at).is_some_and(|next| next == token);
        self.at += usize::from(found);
        found
    }

    fn or(&mut self) -> Json {
        let mut left = self.and();
        while self.take("||") {
            let right = self.and();
            left = if is_true(&left) { left } else { right };
        }
        left
    }

    fn and(&mut self) -> Json {
        let mut left = self.equal();
        while self.take("&&") {
            let right = self.equal();
            left = if is_true(&left) { right } else { left };
        }
        left
    }

    fn equal(&mut self) -> Json {
        let left = self.one();
        match (self.take("=="), self.take("!=")) {
            (true, _) => Json::Bool(shown(&left) == shown(&self.one())),
            (_, true) => Json::Bool(shown(&left) != shown(&self.one())),
            _ => left,
        }
    }

    fn one(&mut self) -> Json {
        if self.take("!") {
            return Json::Bool(!is_true(&self.one()));
        }
        if self.take("(") {
            let inside = self.or();
            assert!(self.take(")"), "{}", self.text);
            return inside;
        }
        let name = self.tokens[self.at].clone();
        self.at += 1;
        if let Some(text) = name.strip_prefix('\'') {
            return text.trim_end_matches('\'').into();
        }
        if !self.take("(") {
            return self.scope.path(&name);
        }
        if self.take(")") {
            return Json::Bool(self.scope.status(&name));
        }
        let argument = self.or();
        assert!(self.take(")") && name == "fromJSON", "{}", self.text);
        serde_json::from_str(&shown(&argument)).unwrap()
    }
}
