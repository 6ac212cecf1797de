//! Quoted templates, heredocs and bare templates.

use super::{Checked, FrameKind, Piece, Place, Reducer, Sequence, Template};
use crate::parse::lex::{Kind, Token};
use crate::parse::literal::{self, EscapeError};
use crate::text::suggestion;

/// State of a template.
#[derive(Clone, Copy, Debug)]
pub(super) struct TemplateFrame {
    closer: Kind,
    /// How many pieces belong to the templates around it.
    first_piece: usize,
    /// How many open directives belong to the templates around it.
    first_directive: usize,
    /// Its place in the list of templates, once it has a sequence.
    index: Option<usize>,
    /// Its first token: HCL's place for a sequence in it that is not closed.
    first_token: Option<Token>,
}

/// State of a `%{` sequence.
#[derive(Clone, Copy, Debug)]
pub(super) struct DirectiveFrame {
    strip_before: bool,
    keyword: Token,
    stage: DirectiveStage,
    first_name: Option<(usize, usize)>,
    sequence: Sequence,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum DirectiveStage {
    Keyword,
    FirstName,
    AfterFirstName,
    SecondName,
    AfterSecondName,
    /// In the condition or the collection.
    Expression,
    /// Nothing but the closing brace may follow.
    Complete,
}

/// A directive that waits for its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenDirective {
    is_for: bool,
    in_else: bool,
    start: usize,
    end: usize,
}

const INVALID_FOR: &str = "Invalid 'for' directive";
const UNBALANCED: &str = "The control directives within this template are unbalanced.";
const EXTRA: &str = "Extra characters after interpolation expression";
const UNCLOSED: &str = "Unclosed template interpolation sequence";

impl TemplateFrame {
    /// A text that is a template as a whole.
    pub(super) fn bare() -> TemplateFrame {
        TemplateFrame {
            closer: Kind::Eof,
            first_piece: 0,
            first_directive: 0,
            index: None,
            first_token: None,
        }
    }
}

impl Reducer<'_> {
    pub(super) fn open_template(&mut self, token: Token) -> Checked<()> {
        let closer = match token.kind {
            Kind::OpenHeredoc => Kind::CloseHeredoc,
            _ => Kind::CloseQuote,
        };
        let frame = TemplateFrame {
            closer,
            first_piece: self.pieces.len(),
            first_directive: self.directives.len(),
            index: None,
            first_token: None,
        };
        self.open(token, FrameKind::Template(frame), Place::After)
    }

    /// Reads a token of a template; true at the end of a bare one.
    pub(super) fn template_token(&mut self, token: Token) -> Checked<bool> {
        let FrameKind::Template(mut template) = self.top.kind else {
            return Ok(false);
        };
        if template.first_token.is_none() {
            template.first_token = Some(token);
            self.top.kind = FrameKind::Template(template);
        }
        match token.kind {
            Kind::Literal => {
                if template.closer == Kind::CloseQuote {
                    self.check_escapes(token)?;
                }
                self.pieces.push(Piece::Literal(token.start, token.end));
                Ok(false)
            }
            Kind::OpenInterpolation | Kind::OpenDirective => {
                if template.index.is_none() {
                    template.index = Some(self.templates.len());
                    self.top.kind = FrameKind::Template(template);
                    let start = self.top.open.start;
                    self.templates.push(Template {
                        start,
                        pieces: Vec::new(),
                    });
                }
                let strip_before = self.source(token).ends_with('~');
                let kind = match token.kind {
                    Kind::OpenInterpolation => FrameKind::Interpolation { strip_before },
                    _ => FrameKind::Directive(DirectiveFrame {
                        strip_before,
                        keyword: token,
                        stage: DirectiveStage::Keyword,
                        first_name: None,
                        sequence: Sequence::EndFor,
                    }),
                };
                self.open(token, kind, Place::Operand)?;
                Ok(false)
            }
            kind if kind == template.closer => {
                self.close_template(template, token)?;
                Ok(kind == Kind::Eof)
            }
            _ => {
                let detail = "No closing marker was found for the string.";
                Err(self.error("Unterminated template string", detail, self.top.open))
            }
        }
    }

    fn close_template(&mut self, template: TemplateFrame, token: Token) -> Checked<()> {
        if self.directives.len() > template.first_directive
            && let Some(open) = self.directives.last().copied()
        {
            let name = if open.is_for { "for" } else { "if" };
            let detail = format!(
                "The {name} directive at {} is missing its corresponding end{name} directive.",
                self.place(open.start, open.end),
            );
            return Err(self.error("Unexpected end of template", detail, token));
        }
        let first = template.first_piece.min(self.pieces.len());
        match template.index.and_then(|index| self.templates.get_mut(index)) {
            Some(record) => record.pieces = self.pieces.drain(first..).collect(),
            None => self.pieces.truncate(first),
        }
        if token.kind != Kind::Eof {
            self.put(self.top.open.start, b'[');
            self.put(token.end.saturating_sub(1), b']');
            let height = self.close().height + 1;
            self.operand_read(height);
        }
        Ok(())
    }

    /// Refuses a literal of a quoted template that has an escape which does not exist.
    pub(super) fn check_escapes(&mut self, token: Token) -> Checked<()> {
        let Err(EscapeError { detail, start, end }) = literal::check_escapes(self.source(token)) else {
            return Ok(());
        };
        Err(self.error_over(
            "Invalid escape sequence",
            detail,
            token.start + start,
            token.start + end,
        ))
    }

    /// The sequence that is the innermost frame has closed.
    fn close_sequence(&mut self, kind: Sequence, strip_before: bool, token: Token) {
        let strip_after = self.source(token).starts_with('~');
        self.pieces.push(Piece::Sequence {
            kind,
            strip_before,
            strip_after,
        });
        if matches!(
            kind,
            Sequence::Interpolation | Sequence::If | Sequence::For { .. }
        ) {
            self.put(token.end.saturating_sub(1), b',');
        }
        let height = self.close().height;
        self.top.height = self.top.height.max(height);
    }

    pub(super) fn end_of_interpolation(&mut self, strip_before: bool, token: Token) -> Checked<()> {
        let around = match self.outer.last().map(|frame| &frame.kind) {
            Some(FrameKind::Template(template)) => Some(*template),
            _ => None,
        };
        let quoted = around.is_some_and(|template| template.closer == Kind::CloseQuote);
        let (summary, detail) = match token.kind {
            Kind::CloseSequence => {
                self.finish_expression(token)?;
                self.close_sequence(Sequence::Interpolation, strip_before, token);
                return Ok(());
            }
            Kind::Eof => (
                UNCLOSED,
                "There is no closing brace for this interpolation sequence before the end of the file. This might \
                 be caused by incorrect nesting inside the given expression.",
            ),
            Kind::Colon => (
                EXTRA,
                "Template interpolation doesn't expect a colon at this location. Did you intend this to be a literal \
                 sequence to be processed as part of another language? If so, you can escape it by starting with \
                 \"$${\" instead of just \"${\".",
            ),
            Kind::OpenQuote if quoted => (
                UNCLOSED,
                "There is no closing brace for this interpolation sequence before the end of the quoted template. \
                 This might be caused by incorrect nesting inside the given expression.",
            ),
            _ => (
                EXTRA,
                "Expected a closing brace to end the interpolation expression, but found extra characters.\n\nThis \
                 can happen when you include interpolation syntax for another language, such as shell scripting, but \
                 forget to escape the interpolation start token. If this is an embedded sequence for another \
                 language, escape it by starting with \"$${\" instead of just \"${\".",
            ),
        };
        let at = match summary == UNCLOSED {
            true => around
                .and_then(|template| template.first_token)
                .unwrap_or(self.top.open),
            false => token,
        };
        Err(self.error(summary, detail, at))
    }

    /// Reads a token of a `%{` sequence; true never: the text cannot end in it.
    pub(super) fn directive_token(&mut self, token: Token) -> Checked<bool> {
        let FrameKind::Directive(mut directive) = self.top.kind else {
            return Ok(false);
        };
        let is_in = token.kind == Kind::Ident && self.source(token) == "in";
        let required = match (directive.stage, token.kind) {
            (DirectiveStage::Keyword, Kind::Ident) => {
                directive.keyword = token;
                (directive.stage, directive.sequence) = self.keyword(token)?;
                self.begin_expression(Place::Operand);
                None
            }
            (DirectiveStage::Keyword, _) => {
                let detail = "A template directive keyword (\"if\", \"for\", etc) is expected at the beginning of a %{ sequence.";
                return Err(self.error("Invalid template directive", detail, token));
            }
            (DirectiveStage::FirstName, Kind::Ident) => {
                let name = (token.start, token.end);
                directive.first_name = Some(name);
                directive.sequence = Sequence::For {
                    key: None,
                    value: name,
                };
                directive.stage = DirectiveStage::AfterFirstName;
                None
            }
            (DirectiveStage::FirstName, _) => Some("For directive requires variable name after 'for'."),
            (DirectiveStage::AfterFirstName, Kind::Comma) => {
                directive.stage = DirectiveStage::SecondName;
                None
            }
            (DirectiveStage::SecondName, Kind::Ident) => {
                directive.sequence = Sequence::For {
                    key: directive.first_name,
                    value: (token.start, token.end),
                };
                directive.stage = DirectiveStage::AfterSecondName;
                None
            }
            (DirectiveStage::SecondName, _) => {
                Some("For directive requires value variable name after comma.")
            }
            (DirectiveStage::AfterFirstName | DirectiveStage::AfterSecondName, _) if is_in => {
                self.begin_expression(Place::Operand);
                directive.stage = DirectiveStage::Expression;
                None
            }
            (DirectiveStage::AfterFirstName | DirectiveStage::AfterSecondName, _) => {
                Some("For directive requires 'in' keyword after names.")
            }
            (DirectiveStage::Complete, _) => return self.end_of_directive(directive, token),
            (DirectiveStage::Expression, _) => {
                if self.top.place == Place::After && self.ends_for_part(token) {
                    return self.end_of_directive(directive, token);
                }
                return self.expression_token(token);
            }
        };
        if let Some(detail) = required {
            return Err(self.error(INVALID_FOR, detail, token));
        }
        self.top.kind = FrameKind::Directive(directive);
        Ok(false)
    }

    fn keyword(&self, token: Token) -> Checked<(DirectiveStage, Sequence)> {
        Ok(match self.source(token) {
            "if" => (DirectiveStage::Expression, Sequence::If),
            "for" => (DirectiveStage::FirstName, Sequence::EndFor),
            "else" => (DirectiveStage::Complete, Sequence::Else),
            "endif" => (DirectiveStage::Complete, Sequence::EndIf),
            "endfor" => (DirectiveStage::Complete, Sequence::EndFor),
            other => {
                let meant = suggestion(other, ["if", "for", "else", "endif", "endfor"]);
                let hint = meant
                    .map(|meant| format!(" Did you mean \"{meant}\"?"))
                    .unwrap_or_default();
                let detail = format!("\"{other}\" is not a valid template control keyword.{hint}");
                return Err(self.error("Invalid template control keyword", detail, token));
            }
        })
    }

    fn end_of_directive(&mut self, directive: DirectiveFrame, token: Token) -> Checked<bool> {
        if token.kind != Kind::CloseSequence {
            let summary = format!("Extra characters in {} marker", self.source(directive.keyword));
            let detail = "Expected a closing brace to end the sequence, but found extra characters.";
            return Err(self.error(&summary, detail, token));
        }
        self.finish_expression(token)?;
        let (start, end) = (self.top.open.start, token.end);
        self.close_sequence(directive.sequence, directive.strip_before, token);
        match directive.sequence {
            Sequence::If | Sequence::For { .. } => {
                self.deeper(token)?;
                let is_for = matches!(directive.sequence, Sequence::For { .. });
                self.directives.push(OpenDirective {
                    is_for,
                    in_else: false,
                    start,
                    end,
                });
            }
            _ => self.balance(directive.sequence, start, end)?,
        }
        Ok(false)
    }

    /// Matches `else`, `endif` and `endfor` with what is open.
    fn balance(&mut self, sequence: Sequence, start: usize, end: usize) -> Checked<()> {
        let FrameKind::Template(template) = self.top.kind else {
            return Ok(());
        };
        let open = match self.directives.len() > template.first_directive {
            true => self.directives.last().copied(),
            false => None,
        };
        let name = match sequence {
            Sequence::Else => "else",
            Sequence::EndIf => "endif",
            _ => "endfor",
        };
        let detail = match (sequence, open) {
            (
                Sequence::Else,
                Some(OpenDirective {
                    is_for: false,
                    in_else: false,
                    ..
                }),
            ) => {
                if let Some(open) = self.directives.last_mut() {
                    open.in_else = true;
                }
                return Ok(());
            }
            (Sequence::EndIf, Some(OpenDirective { is_for: false, .. }))
            | (Sequence::EndFor, Some(OpenDirective { is_for: true, .. })) => {
                self.depth = self.depth.saturating_sub(1);
                self.directives.pop();
                return Ok(());
            }
            (_, None) => UNBALANCED.to_owned(),
            (Sequence::Else, Some(open)) if open.is_for => {
                "An else clause is not expected for a for directive.".to_owned()
            }
            (Sequence::Else, Some(open)) => {
                format!(
                    "Already in the else clause for the if started at {}.",
                    self.place(open.start, open.end)
                )
            }
            (_, Some(open)) if open.is_for => format!(
                "Expecting an endfor directive corresponding to the for directive at {}.",
                self.place(open.start, open.end),
            ),
            (_, Some(open)) => format!(
                "Expecting an endif directive for the if started at {}.",
                self.place(open.start, open.end),
            ),
        };
        Err(self.error_over(&format!("Unexpected {name} directive"), detail, start, end))
    }
}
