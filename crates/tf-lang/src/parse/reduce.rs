//! The text that hcl-edit is given to parse.
//!
//! hcl-edit 0.9.7 reads many things differently from Terraform: it drops the rest of `a == b == c`, takes
//! quadratic time over large objects, keeps one of two equal keys, refuses long numbers, ends heredocs
//! elsewhere, accepts escapes that do not exist. So it never sees them. One pass over Terraform's own tokens
//! writes a copy of the same length, in which every node stands where it stands in the source, but which holds
//! only what both read alike:
//!
//! | in the source | in the copy |
//! | --- | --- |
//! | a comment, a line ending that does not matter | blanks |
//! | a name in an expression | `xxx` |
//! | a number | `111`, or an empty tuple `[ ]` |
//! | a string or heredoc without `${` and `%{` | an empty tuple |
//! | a template | a tuple of the expressions in it |
//! | an object | a tuple of its keys and values in turn |
//! | an operator between two operands | `+` |
//!
//! What stood there is read from the source when the tree is [lowered](super::lower).
//!
//! The same pass bounds how deeply anything nests, because everything behind it recurses, and it says what is
//! wrong with a text in Terraform's words (`hclsyntax/parser.go`). It uses no recursion itself: the open
//! brackets, bodies and templates are a stack of [`Frame`]s.

mod body;
mod expression;
mod for_expr;
mod frame;
mod template;

use crate::diagnostic::Diagnostic;
use crate::parse::lex::{Kind, Lexer, Token};
use crate::source::{FileId, SourceFile, Span};

use frame::{Frame, FrameKind, Place};

/// How deeply brackets, blocks, templates, conditionals, unary operators and splats may nest.
pub(super) const MAX_DEPTH: u32 = 500;
/// How high the tree of one expression may grow; `a + b + c` grows by one with each operator.
pub(super) const MAX_HEIGHT: u32 = 10_000;

/// Summary of what is said of a quoted string that goes over the end of its line.
pub(super) const SPLIT_STRING: &str = "Invalid multi-line string";

/// Result of reading something that may be wrong.
pub(super) type Checked<T> = Result<T, Box<Diagnostic>>;

/// The copy, and what of the source's templates it does not show.
#[derive(Debug)]
pub(super) struct Reduced {
    /// What hcl-edit parses.
    pub(super) text: String,
    /// How many bytes stand in front of the copy of the source's first byte.
    pub(super) shift: usize,
    /// The templates with sequences, by their start in the source.
    pub(super) templates: Vec<Template>,
}

/// A template with at least one sequence.
#[derive(Debug)]
pub(super) struct Template {
    /// Where it opens, quote or heredoc introducer included.
    pub(super) start: usize,
    /// What it consists of, in order.
    pub(super) pieces: Vec<Piece>,
}

/// A piece of a template.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece {
    /// A literal token: a byte range of the source, escapes and all.
    Literal(usize, usize),
    /// `${…}` or `%{…}`.
    Sequence {
        /// What it does.
        kind: Sequence,
        /// Whether it opens with `~`.
        strip_before: bool,
        /// Whether it closes with `~`.
        strip_after: bool,
    },
}

/// The kinds of sequence. Interpolations, `if` and `for` have one expression each in the tuple.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sequence {
    /// `${expression}`
    Interpolation,
    /// `%{if condition}`
    If,
    /// `%{else}`
    Else,
    /// `%{endif}`
    EndIf,
    /// `%{for key, value in collection}`; byte ranges of the names.
    For {
        /// The first of two names.
        key: Option<(usize, usize)>,
        /// The only, or the second name.
        value: (usize, usize),
    },
    /// `%{endfor}`
    EndFor,
}

/// What a text as a whole is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form<'a> {
    /// Attributes and blocks.
    Body,
    /// One expression; the copy stands in parentheses.
    Expression,
    /// One template, with the name that messages give its file; the copy is a tuple.
    Template(&'a str),
}

/// Writes the copy of a text.
///
/// # Errors
/// What is wrong with the text, in Terraform's words, or that it nests too deeply.
pub(super) fn reduce(file: FileId, text: &str, form: Form<'_>) -> Checked<Reduced> {
    let start = Token {
        kind: Kind::Eof,
        start: 0,
        end: 0,
    };
    let (kind, lexer) = match form {
        Form::Body => (FrameKind::Body(body::BodyFrame::root()), Lexer::code(text)),
        Form::Expression => (FrameKind::Whole, Lexer::code(text)),
        Form::Template(_) => (
            FrameKind::Template(template::TemplateFrame::bare()),
            Lexer::template(text),
        ),
    };
    let brackets: Option<[u8; 2]> = match form {
        Form::Body => None,
        Form::Expression => Some(*b"()"),
        Form::Template(_) => Some(*b"[]"),
    };
    let shift = usize::from(brackets.is_some());
    let mut copy = vec![b' '; text.len() + 2 * shift];
    if let (Some([open, close]), [first, .., last]) = (brackets, copy.as_mut_slice()) {
        (*first, *last) = (open, close);
    }
    let mut reducer = Reducer {
        file,
        name: match form {
            Form::Template(name) => name,
            Form::Body | Form::Expression => "",
        },
        text,
        lexer,
        peeked: None,
        copy,
        shift,
        top: Frame::new(kind, start, Place::Operand),
        outer: Vec::new(),
        depth: 0,
        current_end: 0,
        previous_end: 0,
        pieces: Vec::new(),
        directives: Vec::new(),
        templates: Vec::new(),
        names: Vec::new(),
    };
    reducer.run()?;
    let text = String::from_utf8(reducer.copy).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        super::misread(Span::new(file, at, at + 1), "its copy is not UTF-8")
    })?;
    Ok(Reduced {
        text,
        shift,
        templates: reducer.templates,
    })
}

struct Reducer<'a> {
    file: FileId,
    /// The file's name, where it is known.
    name: &'a str,
    text: &'a str,
    lexer: Lexer<'a>,
    peeked: Option<Token>,
    copy: Vec<u8>,
    shift: usize,
    /// The innermost frame.
    top: Frame,
    outer: Vec<Frame>,
    depth: u32,
    /// End of the token that is being read, unless it is a line ending.
    current_end: usize,
    /// End of the token before it.
    previous_end: usize,
    /// Pieces of the open templates, the innermost's last.
    pieces: Vec<Piece>,
    /// Open `if` and `for` directives of the open templates.
    directives: Vec<template::OpenDirective>,
    templates: Vec<Template>,
    /// Names of the attributes of the open bodies.
    names: Vec<(usize, usize)>,
}

impl<'a> Reducer<'a> {
    fn run(&mut self) -> Checked<()> {
        loop {
            let token = self.next()?;
            let done = match &self.top.kind {
                FrameKind::Body(_) => self.body_token(token)?,
                FrameKind::Template(_) => self.template_token(token)?,
                FrameKind::Directive(_) => self.directive_token(token)?,
                FrameKind::For(_) => self.for_token(token)?,
                _ => self.expression_token(token)?,
            };
            if done {
                return Ok(());
            }
        }
    }

    /// The next token that matters in the innermost frame.
    fn next(&mut self) -> Checked<Token> {
        let token = self.fetch()?;
        self.previous_end = self.current_end;
        if token.kind != Kind::Newline {
            self.current_end = token.end;
        }
        Ok(token)
    }

    /// The token that [`Self::next`] will give, unless a frame opens or closes in between.
    fn peek(&mut self) -> Checked<Token> {
        let token = self.fetch()?;
        self.peeked = Some(token);
        Ok(token)
    }

    fn fetch(&mut self) -> Checked<Token> {
        loop {
            let token = match self.peeked.take() {
                Some(token) => token,
                None => self.lexer.next(),
            };
            match token.kind {
                Kind::Comment => {}
                Kind::Newline if !self.top.newlines_matter() => {}
                Kind::Invalid | Kind::QuotedNewline => return Err(self.invalid(token)),
                _ => return Ok(token),
            }
        }
    }

    fn source(&self, token: Token) -> &'a str {
        self.text.get(token.start..token.end).unwrap_or_default()
    }

    fn put(&mut self, at: usize, byte: u8) {
        if let Some(place) = self.copy.get_mut(at + self.shift) {
            *place = byte;
        }
    }

    fn fill(&mut self, token: Token, byte: u8) {
        if let Some(place) = self
            .copy
            .get_mut(token.start + self.shift..token.end + self.shift)
        {
            place.fill(byte);
        }
    }

    fn keep(&mut self, token: Token) {
        let source = self.text.as_bytes().get(token.start..token.end);
        let place = self
            .copy
            .get_mut(token.start + self.shift..token.end + self.shift);
        if let (Some(place), Some(source)) = (place, source) {
            place.copy_from_slice(source);
        }
    }

    fn error(&self, summary: &str, detail: impl Into<String>, token: Token) -> Box<Diagnostic> {
        self.error_over(summary, detail, token.start, token.end)
    }

    fn error_over(
        &self,
        summary: &str,
        detail: impl Into<String>,
        start: usize,
        end: usize,
    ) -> Box<Diagnostic> {
        Box::new(Diagnostic::error(
            summary,
            detail,
            Span::new(self.file, start, end),
        ))
    }

    /// A range as HCL shows it in a message; without the file's name, where that is not known.
    fn place(&self, start: usize, end: usize) -> String {
        let range = SourceFile::new("", self.text).range(Span::new(self.file, start, end));
        match self.name {
            "" => range,
            name => format!("{name}:{range}"),
        }
    }

    fn deeper(&mut self, token: Token) -> Checked<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(
                "Expression nested too deeply",
                format!(
                    "Blocks, brackets, templates, conditionals and operators may be nested {MAX_DEPTH} deep."
                ),
                token,
            ));
        }
        Ok(())
    }

    fn open(&mut self, token: Token, kind: FrameKind, place: Place) -> Checked<()> {
        if kind.nests() {
            self.deeper(token)?;
        }
        let frame = Frame::new(kind, token, place);
        self.outer.push(std::mem::replace(&mut self.top, frame));
        Ok(())
    }

    /// Leaves the innermost frame and gives it.
    fn close(&mut self) -> Frame {
        self.depth = self.depth.saturating_sub(u32::from(self.top.kind.nests()));
        let outer = self.outer.pop().unwrap_or_else(|| {
            // A root frame is never closed: its text ends instead.
            Frame::new(FrameKind::Whole, self.top.open, Place::After)
        });
        std::mem::replace(&mut self.top, outer)
    }

    /// The diagnostic for a token that Terraform's language has no use for.
    fn invalid(&self, token: Token) -> Box<Diagnostic> {
        const CHARACTER: &str = "Invalid character";
        const OPERATOR: &str = "Unsupported operator";
        if token.kind == Kind::QuotedNewline {
            let detail = "Quoted strings may not be split over multiple lines. To produce a multi-line string, \
                          either use the \\n escape to represent a newline character or use the \"heredoc\" \
                          multi-line template syntax.";
            return self.error(SPLIT_STRING, detail, token);
        }
        let (summary, detail) = match self.source(token) {
            "&" => (
                OPERATOR,
                "Bitwise operators are not supported. Did you mean boolean AND (\"&&\")?",
            ),
            "|" => (
                OPERATOR,
                "Bitwise operators are not supported. Did you mean boolean OR (\"||\")?",
            ),
            "~" => (
                OPERATOR,
                "Bitwise operators are not supported. Did you mean boolean NOT (\"!\")?",
            ),
            "^" => (OPERATOR, "Bitwise operators are not supported."),
            "`" => (
                CHARACTER,
                "The \"`\" character is not valid. To create a multi-line string, use the \"heredoc\" syntax, \
                 like \"<<EOT\".",
            ),
            "'" => (
                CHARACTER,
                "Single quotes are not valid. Use double quotes (\") to enclose strings.",
            ),
            ";" => (
                CHARACTER,
                "The \";\" character is not valid. Use newlines to separate arguments and blocks, and commas to \
                 separate items in collection values.",
            ),
            "“" | "”" => (
                CHARACTER,
                "\"Curly quotes\" are not valid here. These can sometimes be inadvertently introduced when \
                 sharing code via documents or discussion forums. It might help to replace the character with a \
                 \"straight quote\".",
            ),
            comment if comment.starts_with("/*") => (
                "Unterminated comment",
                "There is no closing \"*/\" for this comment before the end of the file.",
            ),
            _ => (CHARACTER, "This character is not used within the language."),
        };
        self.error(summary, detail, token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checked against `terraform fmt`, which words them so; what is wrong stands between `«` and `»`.
    #[rustfmt::skip]
    const ERRORS: &[(&str, &str, &str)] = &[
        ("a = 1 «b» = 2\n", "Missing newline after argument", "An argument definition must end with a newline."),
        ("a = 1«,»\nb = 2\n", "Unexpected comma after argument", "Argument definitions must be separated"),
        ("a = «\n»", "Invalid expression", "Expected the start of an expression, but found an invalid"),
        ("a = «»", "Missing expression", "Expected the start of an expression, but found the end of the file."),
        ("a = 1 + «* »2\n", "Invalid expression", "Expected the start"),
        ("«a» «»", "Argument or block definition required", "To set an argument, use the equals sign"),
        ("«1» = 2\n", "Argument or block definition required", "An argument or block definition is required here."),
        ("«\"»a\" = 2\n", "Invalid argument name", "Argument names must not be quoted."),
        ("a = 1\n«a» = 2\n", "Attribute redefined", "The argument \"a\" was already set at 1,1-2."),
        ("b {\n a = 1\n c = 2\n «a» = 3\n}\n", "Attribute redefined", "already set at 2,2-3."),
        ("a «{»\n b = 1\n", "Unclosed configuration block", "There is no closing brace for this block"),
        ("a «{» b = 1", "Unclosed configuration block", "There is no closing brace for this block"),
        ("a \"b\" «=» 1\n", "Invalid block definition", "The equals sign \"=\" indicates an argument"),
        ("a \"b\"«\n»{\n}\n", "Invalid block definition", "starting on the same line"),
        ("a \"b\" «[»\n", "Invalid block definition", "Either a quoted string block label or an opening brace"),
        ("a \"b«${»c}\" {\n}\n", "Invalid string literal", "To include a literal \"$\", double it (as \"$$\")"),
        ("a { b = 1«,» c = 2 }\n", "Invalid single-argument block definition", "only one argument definition."),
        ("a { b = 1«\n»}\n", "Invalid single-argument block definition", "must also be closed on the same line."),
        ("a { b = 1 «c» }\n", "Invalid single-argument block definition", "must end with a closing brace"),
        ("a { «b {» c = 1 } }\n", "Argument definition required", "If you meant to define argument \"b\","),
        ("a {\n} «b» = 1\n", "Missing newline after block definition", "A block definition must end with a newline."),
        ("a = (1 «]»\n", "Unbalanced parentheses", "Expected a closing parenthesis"),
        ("a = [1 «2»]\n", "Missing item separator", "Expected a comma to mark the beginning of the next item."),
        ("a = «[»1\n", "Unterminated tuple constructor expression", "There is no corresponding closing bracket"),
        ("a = { b «c» = 1 }\n", "Missing key/value separator", "write the name in quotes"),
        ("a = { b «}»\n", "Missing key/value separator", "Expected an equals sign"),
        ("a = {\n b«\n» c = 1 }\n", "Missing attribute value", "introduced by an equals sign"),
        ("a = { b = 1 «c» = 2 }\n", "Missing attribute separator", "Expected a newline or comma"),
        ("a = «{» b = 1", "Unterminated object constructor expression", "no corresponding closing brace"),
        ("a = f(1 «2»)\n", "Missing argument separator", "A comma is required"),
        ("a = f«(»1\n", "Unterminated function call", "no closing parenthesis for this function call"),
        ("a = f(1«...», 2)\n", "Missing closing parenthesis", "(with ...) must be immediately followed"),
        ("a = f::«(»1)\n", "Missing function name", "must be followed by a function name in this scope."),
        ("a = f::g«\n»", "Missing open parenthesis", "Function selector must be followed"),
        ("a = b[1«,»2]\n", "Missing close bracket on index", "The index operator must end"),
        ("a = b[*«.»c]\n", "Missing close bracket on splat index", "The star for a full splat operator"),
        ("a = b.«\n»", "Invalid attribute name", "An attribute name is required after a dot."),
        ("a = b.«0.1»\n", "Invalid legacy index syntax", "Use the proper index syntax instead, like [0][1]."),
        ("a = b.*.c.«*»\n", "Nested splat expression not allowed", "A splat expression (*) cannot be used inside"),
        ("a = b ? 1«\n»", "Missing false expression in conditional", "requires a false expression"),
        ("a = «1.2.3»\n", "Invalid number literal", "Failed to recognize the value"),
        ("a = [for «1» in b : c]\n", "Invalid 'for' expression", "requires variable name after 'for'."),
        ("a = [for b, «1» in c : d]\n", "Invalid 'for' expression", "requires value variable name after comma."),
        ("a = [for b «of» c : d]\n", "Invalid 'for' expression", "requires the 'in' keyword"),
        ("a = [for b in c «d»]\n", "Invalid 'for' expression", "requires a colon after the collection"),
        ("a = [for b in c : d «e»]\n", "Invalid 'for' expression", "Extra characters after the end"),
        ("a = [for b in c : «d» => e]\n", "Invalid 'for' expression", "not valid when building a tuple."),
        ("a = [for b in c : d «...»]\n", "Invalid 'for' expression", "cannot be used when building a tuple."),
        ("a = {for b in c : «d.e»}\n", "Invalid 'for' expression", "Key expression is required when building"),
        ("a = \"b«\n»\"\n", "Invalid multi-line string", "Quoted strings may not be split over multiple lines."),
        ("a = \"«\\d»\"\n", "Invalid escape sequence", "The symbol \"d\" is not a valid escape sequence selector."),
        ("a = «<<E\n»b\n", "Unterminated template string", "No closing marker was found"),
        ("a = «\"»b", "Unterminated template string", "No closing marker was found"),
        ("a = \"${b «c»}\"\n", "Extra characters after interpolation expression", "Expected a closing brace"),
        ("a = \"${b«:»-c}\"\n", "Extra characters after interpolation expression", "doesn't expect a colon"),
        ("a = \"«${»b\"\n", "Unclosed template interpolation sequence", "before the end of the quoted template."),
        ("a = \"«b»${c\"\n", "Unclosed template interpolation sequence", "before the end of the quoted template."),
        ("a = \"«%{ endif }»\"\n", "Unexpected endif directive", "within this template are unbalanced."),
        ("a = \"%{ if b }«%{ endfor }»\"\n", "Unexpected endfor directive", "the if started at 1,6-15."),
        ("a = \"%{ for b in c }«%{ else }»\"\n", "Unexpected else directive", "not expected for a for directive."),
        ("a = \"%{ if b }«\"»\n", "Unexpected end of template", "is missing its corresponding endif directive."),
        ("a = \"%{ «iff» b }\"\n", "Invalid template control keyword", "Did you mean \"if\"?"),
        ("a = \"%{ else «b» }\"\n", "Extra characters in else marker", "Expected a closing brace to end the sequence"),
        ("a = \"%{ for «1» in b }\"\n", "Invalid 'for' directive", "requires variable name after 'for'."),
        ("a = «'»b'\n", "Invalid character", "Single quotes are not valid."),
        ("a = «“»b”\n", "Invalid character", "\"Curly quotes\" are not valid here."),
        ("a = b«;»\n", "Invalid character", "Use newlines to separate arguments and blocks"),
        ("a = b «&» c\n", "Unsupported operator", "Did you mean boolean AND (\"&&\")?"),
        ("a = «\u{a0}»b\n", "Invalid character", "This character is not used within the language."),
        ("a = 1 «/* b\n»", "Unterminated comment", "There is no closing \"*/\" for this comment"),
    ];

    #[test]
    fn errors_are_worded_and_placed_as_in_terraform() {
        for (marked, summary, detail) in ERRORS {
            let text = marked.replace(['«', '»'], "");
            let error = *reduce(FileId(0), &text, Form::Body).expect_err(marked);
            assert_eq!(error.summary, *summary, "{marked}");
            assert!(error.detail.contains(detail), "{marked}: {}", error.detail);
            let start = marked.find('«').expect("a mark");
            let length = marked[start..].find('»').expect("a mark") - '«'.len_utf8();
            // `«a» «»` has a second pair; a token may have a blank behind it in the mark.
            let span = error.span.expect("a place");
            let length = text[start..start + length].trim_end_matches(' ').len();
            assert_eq!(
                (span.start as usize, span.end as usize),
                (start, start + length),
                "{marked}"
            );
        }
    }

    #[test]
    fn copies_have_the_length_of_their_sources() {
        for (text, copy) in [
            ("a = b # c\n", "a = x    \n"),
            ("a \"b c\" d { e = 1 }", "a \"   \" d { e = 1 }"),
            ("a = 12 + -3.5 == \"x\"", "a = 11 + -[ ] +  [ ]"),
            (
                "a = \"b${c}d%{ if e ~}f%{ endif }\"",
                "a = [   x,       x  ,           ]",
            ),
            ("a = {\n b = 1\n \"c\" : d, }", "a = [  x , 1, [ ] , x, ]"),
            ("a = [for b, c in d : e if f]", "a = [for x, x in x : x if x]"),
            ("a = {for b in c : d => e...}", "a = {for x in x : x => x...}"),
            (
                "a = (b\r\n/* c\n */ ? d :\n e)\r\n",
                "a = (x           ? x :  x) \n",
            ),
            ("a = b.0.c[*].d[e]\n", "a = x.1.x[*].x[x]\n"),
            ("a = x::y(z...)\n", "a = x::x(x...)\n"),
            ("a = <<E\nb\nE\n", "a = [     ]\n"),
        ] {
            let reduced = reduce(FileId(0), text, Form::Body).expect(text);
            assert_eq!((reduced.text.as_str(), reduced.shift), (copy, 0), "{text}");
            assert_eq!(copy.len(), text.len());
        }
        let whole = |text, form| reduce(FileId(0), text, form).expect(text).text;
        assert_eq!(whole("\u{feff}a\n + b", Form::Expression), "(   x  + x)");
        assert_eq!(whole("a ${b}\n", Form::Template("")), "[    x, ]");
    }
}
