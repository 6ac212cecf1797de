//! From text to syntax trees.
//!
//! Terraform's language is parsed by hcl-edit, which no other module names. Terraform is the judge of what is
//! right, so hcl-edit is not given the text itself: `reduce` checks it as Terraform's scanner and parser do,
//! bounds its nesting, and writes a copy that holds only what both read alike; `lower` makes our tree of
//! hcl-edit's tree of the copy, and of the source.
//!
//! Trees are at most 500 nestings deep and 10,000 operators high; parse and drop them on a thread with a
//! stack of 256 MB, as all that recurses over them.

mod comment;
mod json;
mod lex;
mod literal;
mod lower;
mod reduce;
#[cfg(test)]
mod show;

use crate::ast::{Body, Expr, ExprKind};
use crate::diagnostic::Diagnostic;
use crate::parse::lower::{Lowering, TemplateForm};
use crate::parse::reduce::{Form, Reduced};
use crate::source::{FileId, Span};
use crate::value::normalise;

pub use comment::{Comment, comments};
pub use json::{Json, JsonNode, parse_json_body};

/// Parses a `.tf` or `.tfvars` file, or any other body of attributes and blocks.
///
/// The text may begin with a byte-order mark; spans count it.
///
/// # Errors
/// The first thing that Terraform would not accept, or that nests too deeply.
pub fn parse_body(file: FileId, text: &str) -> Result<Body, Box<Diagnostic>> {
    let reduced = reduce::reduce(file, text, Form::Body)?;
    let body =
        hcl_edit::parser::parse_body(&reduced.text).map_err(|error| refused(file, &reduced, &error))?;
    lowering(file, text, &reduced).body(&body, Span::new(file, 0, text.len()))
}

/// Parses a text that is one expression. Line endings do not matter in it.
///
/// # Errors
/// The first thing that Terraform would not accept, or that nests too deeply.
pub fn parse_expr(file: FileId, text: &str) -> Result<Expr, Box<Diagnostic>> {
    let reduced = reduce::reduce(file, text, Form::Expression)?;
    let expr =
        hcl_edit::parser::parse_expr(&reduced.text).map_err(|error| refused(file, &reduced, &error))?;
    match expr {
        hcl_edit::expr::Expression::Parenthesis(inner) => lowering(file, text, &reduced).expr(inner.inner()),
        _ => Err(misread(
            Span::new(file, 0, text.len()),
            "an expression without its parentheses",
        )),
    }
}

/// Parses a text that is a template as a whole: a file for `templatefile`, or a string in a `.tf.json` file.
/// Without sequences it gives [`ExprKind::String`], otherwise [`ExprKind::Template`]. The name is the one that messages
/// give the file when they speak of a second place in it.
///
/// # Errors
/// The first thing that Terraform would not accept, or that nests too deeply.
pub fn parse_template(file: FileId, name: &str, text: &str) -> Result<Expr, Box<Diagnostic>> {
    let reduced = reduce::reduce(file, text, Form::Template(name))?;
    let span = Span::new(file, 0, text.len());
    let Some(template) = reduced.templates.first() else {
        let content = text.strip_prefix('\u{feff}').unwrap_or(text);
        return Ok(Expr {
            kind: ExprKind::String(normalise(&literal::unescape(content, false))),
            span,
        });
    };
    let expr =
        hcl_edit::parser::parse_expr(&reduced.text).map_err(|error| refused(file, &reduced, &error))?;
    let hcl_edit::expr::Expression::Array(items) = expr else {
        return Err(misread(span, "a template without its brackets"));
    };
    let lowering = lowering(file, text, &reduced);
    let parts = lowering.template(&template.pieces, &items, TemplateForm::Lines, span)?;
    Ok(Expr {
        kind: ExprKind::Template(parts),
        span,
    })
}

/// How many further places of one mistake are worth showing.
const MAX_FURTHER: usize = 20;

/// What else is wrong with a body in which a quoted string goes over the end of its line, as `first` says: the string
/// is not closed, and each further end of a line in a string. All of these may come of one missing quote.
pub fn split_strings(file: FileId, text: &str, first: &Diagnostic) -> Vec<Diagnostic> {
    if first.summary != reduce::SPLIT_STRING {
        return Vec::new();
    }
    let unclosed = Diagnostic {
        summary: "Unterminated template string".to_owned(),
        detail: "No closing marker was found for the string.".to_owned(),
        ..first.clone()
    };
    let mut lexer = lex::Lexer::code(text);
    let tokens = std::iter::from_fn(|| Some(lexer.next()).filter(|token| token.kind != lex::Kind::Eof));
    let ends = tokens.filter(|token| token.kind == lex::Kind::QuotedNewline);
    let further = ends.map(|token| Diagnostic {
        span: Some(Span::new(file, token.start, token.end)),
        ..first.clone()
    });
    std::iter::once(unclosed)
        .chain(further.skip(1))
        .take(MAX_FURTHER)
        .collect()
}

fn lowering<'a>(file: FileId, source: &'a str, reduced: &'a Reduced) -> Lowering<'a> {
    Lowering {
        file,
        source,
        shift: reduced.shift,
        templates: &reduced.templates,
    }
}

/// hcl-edit has refused what the check before it accepts.
fn refused(file: FileId, reduced: &Reduced, error: &hcl_edit::parser::Error) -> Box<Diagnostic> {
    let at = error.location().offset().saturating_sub(reduced.shift);
    misread(Span::new(file, at, at + 1), error.message())
}

/// The diagnostic for a fault of ours.
fn misread(span: Span, what: &str) -> Box<Diagnostic> {
    let detail = format!(
        "This text seems to be right, but Plumbline could not read it (the parser says: {what}). This is a bug in \
         Plumbline; please report it with the text.",
    );
    Box::new(Diagnostic::error("Unreadable text", detail, span))
}

#[cfg(test)]
mod tests {
    use super::show::{self, Place};
    use super::*;

    const FILE: FileId = FileId(7);

    fn expr(text: &str) -> String {
        match parse_expr(FILE, text) {
            Ok(expr) => show::expr(&expr),
            Err(error) => format!("{error}"),
        }
    }

    fn deep<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
        let thread = std::thread::Builder::new()
            .stack_size(256 << 20)
            .spawn(work)
            .expect("a thread");
        thread.join().expect("no panic")
    }

    #[test]
    fn operators_bind_as_in_terraform() {
        for (text, expected) in [
            (
                "1 + 2 * 3 - 4 % 5 / 6",
                "(Sub (Add 1 (Mul 2 3)) (Div (Rem 4 5) 6))",
            ),
            ("a == b == c && d", "(And (Eq (Eq a b) c) d)"),
            ("a < b == c > d != e", "(Ne (Eq (Lt a b) (Gt c d)) e)"),
            ("a || b && c || d", "(Or (Or a (And b c)) d)"),
            ("a+1>=b&&c<=-d", "(And (Ge (Add a 1) b) (Le c (Neg d)))"),
            ("!a == b", "(Eq (Not a) b)"),
            ("!a.b[0]", "(Not a.b[0])"),
            ("!!a", "(Not (Not a))"),
            ("-1", "-1"),
            ("- /* c */ 12", "-12"),
            ("-1.50e2", "-150"),
            ("2 - -1", "(Sub 2 -1)"),
            ("a - -b", "(Sub a (Neg b))"),
            ("-(1)", "(Neg (1))"),
            ("a ? b : c ? d : e", "(? a b (? c d e))"),
            ("a ? b ? 1 : 2 : 3", "(? a (? b 1 2) 3)"),
            ("a || b ? c + 1 : d == e", "(? (Or a b) (Add c 1) (Eq d e))"),
            ("a\n+\nb\n?\nc\n:\nd\n", "(? (Add a b) c d)"),
        ] {
            assert_eq!(expr(text), expected, "{text}");
        }
    }

    #[test]
    fn names_and_what_is_read_from_them() {
        for (text, expected) in [
            ("a.b.0.c[1][\"x\"][y + 1].z", "a.b[0].c[1][\"x\"][(Add y 1)].z"),
            ("a . b [ 0 ]", "a.b[0]"),
            ("a-b.c-d", "a-b.c-d"),
            ("é.ß", "é.ß"),
            ("a.12345678901234567890123", "a[12345678901234567890123]"),
            ("(a).b", "|(a)|.b"),
            ("[1, 2][0].x", "|[1, 2]|[0].x"),
            ("{ a = 1 }.a", "|{a = 1}|.a"),
            ("\"${a}\".b", "|<$a>|.b"),
            ("f(x).y[0]", "|f(x)|.y[0]"),
            ("null.a", "|null|.a"),
            ("a.null.true", "a.null.true"),
            ("a.*", "{a .* }"),
            ("a.*.b.0.c[0].d", "|{a .* .b[0].c}|[0].d"),
            ("a[*].b[0].c", "{a [*] .b[0].c}"),
            ("a[*].b[*].c", "{a [*] .b[*].c}"),
            ("a[*].b.*.c", "{a [*] .b[*].c}"),
            ("a.*.b[*].c", "{{a .* .b} [*] .c}"),
            (
                "a[*].b.*.c[0]",
                "Unsupported splat expression: Within a [*] splat, an index behind .* is not supported. Write a for expression instead.",
            ),
            ("a[0].*.b", "{a[0] .* .b}"),
            ("(a[*].b)[*].c", "{({a [*] .b}) [*] .c}"),
            ("f(x)[*].y", "{f(x) [*] .y}"),
        ] {
            assert_eq!(expr(text), expected, "{text}");
        }
    }

    #[test]
    fn other_expressions() {
        for (text, expected) in [
            ("true", "true"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("0.1", "0.1"),
            ("1e3", "1000"),
            ("f()", "f()"),
            ("f(a, b...)", "f(a, b...)"),
            ("f (\n a,\n b,\n)", "f(a, b)"),
            ("core::upper(x)", "core::upper(x)"),
            (
                "provider :: aws /* c */ :: arn_parse (x)",
                "provider::aws::arn_parse(x)",
            ),
            ("true(x)", "true(x)"),
            ("[]", "[]"),
            ("[1, # c\n 2,\n]", "[1, 2]"),
            ("{}", "{}"),
            (
                "{ a = 1, \"b\" : 2\n (c) = 3\n\n null = 4, true = 5 # c\n 6 = 7\n \"${d}\" = 8\n e.f = 9 }",
                "{a = 1, <\"b\"> = 2, <(c)> = 3, null = 4, true = 5, <6> = 7, <<$d>> = 8, <e.f> = 9}",
            ),
            ("{ a = [1]\n -1 = 2 }", "{a = [1], <-1> = 2}"),
            ("{ a = 1, a = 2 }", "{a = 1, a = 2}"),
            ("[for x in y : x]", "(for x in y : x)"),
            (
                "[\n for\n k,\n v\n in\n y\n :\n k\n if\n v\n ]",
                "(for k, v in y : k if v)",
            ),
            (
                "{\n for k, v in y : k => v... if v != null }",
                "(for k, v in y : k => v... if (Ne v null))",
            ),
            ("[for x in y : 1if x]", "(for x in y : 1 if x)"),
            ("[for x in y : \"s\"if x]", "(for x in y : \"s\" if x)"),
            ("[for x in a ? b : c : x]", "(for x in (? a b c) : x)"),
            (
                "{for k, v in m : k => {\n a = v\n b = 1\n }}",
                "(for k, v in m : k => {a = v, b = 1})",
            ),
            ("[for_each, format(x), forty]", "[for_each, format(x), forty]"),
        ] {
            assert_eq!(expr(text), expected, "{text}");
        }
    }

    #[test]
    fn strings_and_templates() {
        for (text, expected) in [
            (r#""""#, r#""""#),
            (
                r#""a\n\t\"\\\u00e9 $${x} %%{y} $5 100%""#,
                r#""a\n\t\"\\é ${x} %{y} $5 100%""#,
            ),
            ("\"e\u{301}\"", "\"é\""),
            (r#""${x}""#, "<$x>"),
            (r#""a${x}b${y}""#, r#"<"a" $x "b" $y>"#),
            (r#""${"${"${x}"}"}""#, "<$<$<$x>>>"),
            (r#""${ { a = "}" }["a"] }""#, r#"<$|{a = "}"}|["a"]>"#),
            (r#""${for}""#, "<$for>"),
            (r#""$$${x}""#, r#""$${x}""#),
            (r#""  ${~ x ~}  ""#, r#"<$x "">"#),
            (r#""a ${~x~} b ${~ y ~}""#, r#"<"a" $x "b" $y>"#),
            (r#""a $ ${~x}""#, r#"<"a $" $x>"#),
            (r#""%{ if a }b%{ else }c%{ endif }""#, r#"<(if a <"b"> <"c">)>"#),
            (r#""%{if a~} b %{~endif}""#, r#"<(if a <"b"> <>)>"#),
            (
                r#""%{if a}%{if b}x%{endif}%{else}y%{endif}""#,
                r#"<(if a <(if b <"x"> <>)> <"y">)>"#,
            ),
            (
                r#""%{ for k, v in m }${k}=${v};%{ endfor }""#,
                r#"<(for k, v in m <$k "=" $v ";">)>"#,
            ),
            ("<<EOT\na\n  b ${c}\nEOT\n", r#"<"a\n  b " $c "\n">"#),
            ("<<EOT\nEOT\n", r#""""#),
            ("<<EOT\n\\n \" $${x} EOT\n  EOT  \n", r#""\\n \" ${x} EOT\n""#),
            ("<<-EOT\n    a\n      b\n\n   \n    EOT\n", r#""a\n  b\n\n   \n""#),
            ("<<-EOT\n    ${a}\n  b\n  EOT\n", r#"<"  " $a "\nb\n">"#),
            ("<<-EOT\n${a}\n  b\nEOT\n", r#"<$a "\n  b\n">"#),
            (
                "<<EOT\n%{ if a ~}\n  b\n%{ endif ~}\nc\nEOT\n",
                r#"<(if a <"  b\n"> <>) "c\n">"#,
            ),
            (
                "<<EOT\n  %{~ if a }\nb\n  %{~ endif }\nEOT\n",
                r#"<(if a <"\nb\n"> <>) "\n">"#,
            ),
            ("<<EOT\r\na\r\nEOT\r\n", r#""a\r\n""#),
            ("x ? <<A\na\nA\n: <<B\nb\nB\n", r#"(? x "a\n" "b\n")"#),
            ("f(<<A\n${<<B\nb\nB\n}\nA\n, 1)", r#"f(<$"b\n" "\n">, 1)"#),
            ("[<<A\na\nA\n,]", r#"["a\n"]"#),
        ] {
            assert_eq!(expr(text), expected, "{text}");
        }
    }

    #[test]
    fn bare_templates() {
        for (text, expected) in [
            ("", r#""""#),
            ("\u{feff}a \"b\" \\n $${x}\r\n", r#""a \"b\" \\n ${x}\r\n""#),
            ("${x}", "<$x>"),
            ("${x}\n", r#"<$x "\n">"#),
            (
                "%{ for a in b ~}\n${a}\n%{ endfor ~}\n",
                r#"<(for a in b <$a "\n">)>"#,
            ),
            ("\"${\"x\"}\"", r#"<"\"" $"x" "\"">"#),
            ("100% $", r#""100% $""#),
        ] {
            let parsed = parse_template(FILE, "", text).map(|expr| show::expr(&expr));
            assert_eq!(parsed.as_deref(), Ok(expected), "{text}");
        }
    }

    const SAMPLE: &str = concat!(
        "\u{feff}# é\r\n",
        "resource \"aws_x\" main /* c */ \"y\\u0061\" { # d\r\n",
        "  a-b = [for x in var.y[0].*.z : upper(\"${x}!\")... == 1 ? {é = -1} : (b.c[\"d\"]) ] // e\n",
        "  h = <<-EOT\n    a ${ core :: f ( b , c... ) } %{ for k, v in m ~} ${k} %{ endfor }\n    EOT\n",
        "  one { two = a[*].b[ c + 1 ] }\n",
        "\n  empty {}\n}\n",
        "o = { (k) = 1, \"l ${m}\" = [\n 2.5, # f\n true], n.o : null\n }\n",
    );

    /// The sample without the `...` that no call allows there.
    fn sample() -> String {
        SAMPLE.replace("!\")... ==", "!\") ==")
    }

    #[test]
    fn spans_are_those_of_the_source() {
        let text = sample();
        let body = parse_body(FILE, &text).expect("a body");
        let at = |span: Span| {
            assert_eq!(span.file, FILE);
            text.get(span.start as usize..span.end as usize)
                .expect("whole characters")
        };
        let mut count = 0;
        show::body_places(&body, &mut |place, span| {
            count += 1;
            match place {
                Place::Name(name) => assert_eq!(at(span).replace(' ', ""), name),
                Place::Step => {
                    let text = at(span);
                    assert!(
                        text.starts_with('.') || text.starts_with('[') && text.ends_with(']'),
                        "{text}"
                    );
                }
                // Read by itself, each expression is the same again. A heredoc needs the end of its line.
                Place::Expr(node) => assert_eq!(expr(&format!("{}\n", at(span))), show::expr(node)),
            }
        });
        assert_eq!(count, 72);
        let block = body.blocks.first().expect("a block");
        assert_eq!(at(block.header), "resource \"aws_x\" main /* c */ \"y\\u0061\"");
        assert!(at(block.span).starts_with("resource") && at(block.span).ends_with("empty {}\n}"));
        assert!(at(block.body.span).starts_with(" # d\r\n") && at(block.body.span).ends_with("empty {}\n"));
        let labels: Vec<_> = block
            .labels
            .iter()
            .map(|label| (&*label.name, at(label.span)))
            .collect();
        assert_eq!(
            labels,
            [("aws_x", "\"aws_x\""), ("main", "main"), ("ya", "\"y\\u0061\"")]
        );
        let one = block.body.blocks.first().expect("a block");
        assert_eq!(
            (at(one.header), at(one.body.span)),
            ("one", " two = a[*].b[ c + 1 ] ")
        );
        let attribute = body.attributes.first().expect("an attribute");
        assert!(at(attribute.span).starts_with("o = {") && at(attribute.span).ends_with("null\n }"));
        assert_eq!(body.span, Span::new(FILE, 0, text.len()));
    }

    #[test]
    fn nesting_up_to_the_limit_is_read_and_dropped() {
        let nested = |depth: usize| {
            let around =
                |open: &str, close: &str| format!("a = {}1{}\n", open.repeat(depth), close.repeat(depth));
            let heredocs: (Vec<String>, Vec<String>) = (0..depth)
                .map(|n| (format!("<<E{n}\n${{"), format!("}}\nE{}\n", depth - 1 - n)))
                .unzip();
            [
                around("[", "]"),
                around("{ b = ", "}"),
                around("{\n b = ", "\n}"),
                around("(", ")"),
                around("f(", ")"),
                around("b[", "]"),
                around("\"${", "}\""),
                around("\"x${y}z${", "}\""),
                around("b ? c : ", ""),
                around("b ? ", " : c"),
                around("!", ""),
                around("- ", ""),
                around("[for x in y : ", "]"),
                around("{for x in [", "] : x => x}")
                    .replace("[1]", "1")
                    .replace("in [", "in ")
                    .replace("] :", " :"),
                format!("a = b{}\n", "[*].c".repeat(depth)),
                format!("a = b{}\n", ".*[0]".repeat(depth - 1)),
                format!("a = {}b{}", heredocs.0.concat(), heredocs.1.concat()),
                format!("{}{}", "a \"b\" {\n".repeat(depth), "}\n".repeat(depth)),
            ]
        };
        deep(move || {
            for text in nested(500)
                .into_iter()
                .chain(nested(499).map(|text| text.replace("a = ", "a = -")))
            {
                let error = parse_body(FILE, &text).err();
                assert_eq!(error, None, "{}", &text[..20]);
            }
            for text in nested(501).into_iter().chain(nested(20_000)) {
                let error = parse_body(FILE, &text).expect_err("too deep");
                assert_eq!(error.summary, "Expression nested too deeply", "{}", &text[..20]);
            }
        });
    }

    #[test]
    fn long_chains_are_read_and_bounded() {
        deep(|| {
            let chain = |count: usize| format!("b{}", " + c == d".repeat(count / 2));
            assert!(parse_expr(FILE, &chain(9_998)).is_ok());
            let error = parse_expr(FILE, &chain(10_002)).expect_err("too high");
            assert_eq!(
                (error.summary.as_str(), error.span.map(|span| span.start)),
                ("Expression nested too deeply", Some(44_997))
            );
            // Heights add up through brackets.
            assert!(parse_expr(FILE, &format!("({}) + {0}", chain(4_000))).is_ok());
            assert!(parse_expr(FILE, &format!("({}) + {0}", chain(6_000))).is_err());
            // What does not nest has no limit.
            for text in [
                ".b".repeat(20_000),
                "[0]".repeat(20_000),
                format!(", [{}]", "1,".repeat(20_000)),
            ] {
                assert!(parse_expr(FILE, &format!("f(b{text})")).is_ok());
            }
            let signs = "-b - !b * ".repeat(2_000);
            assert!(parse_expr(FILE, &format!("{signs}b")).is_ok());
        });
    }

    #[test]
    fn one_missing_quote_is_told_at_every_line_that_it_breaks() {
        let text = "a = \"x\nb = \"y\"\nc = \"z\n";
        let first = parse_body(FILE, text).expect_err("a split string");
        let starts = |problems: &[Diagnostic]| -> Vec<(String, u32)> {
            let place = |problem: &Diagnostic| problem.span.map_or(0, |span| span.start);
            problems
                .iter()
                .map(|problem| (problem.summary.clone(), place(problem)))
                .collect()
        };
        let split = |at| ("Invalid multi-line string".to_owned(), at);
        assert_eq!(starts(std::slice::from_ref(&*first)), [split(6)]);
        let unclosed = ("Unterminated template string".to_owned(), 6);
        assert_eq!(starts(&split_strings(FILE, text, &first)), [unclosed, split(14)]);
        assert_eq!(
            split_strings(FILE, &"\"\n\"".repeat(1_000), &first).len(),
            MAX_FURTHER
        );
        let other = Diagnostic::error("Invalid character", "", Span::default());
        assert_eq!(split_strings(FILE, text, &other), []);
    }

    #[test]
    fn large_objects_take_linear_time() {
        let members: String = (0..20_000).map(|n| format!("k{n} = {n}\n")).collect();
        let parsed = parse_expr(FILE, &format!("{{\n{members}}}")).expect("an object");
        assert!(matches!(parsed.kind, ExprKind::Object(items) if items.len() == 20_000));
    }
}
