use super::*;
use crate::diff::Shown;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

fn change(address: &str, risk: Risk, differences: Vec<Difference>) -> ResourceChange {
    ResourceChange {
        addresses: vec![address.to_owned()],
        ty: "aws_x".to_owned(),
        action: Action::Update,
        risk,
        forced_by: Vec::new(),
        previous: Vec::new(),
        imports: false,
        deposed: None,
        reason: None,
        differences,
        cost: None,
    }
}

fn added(path: &str, text: &str) -> Difference {
    Difference {
        path: path.to_owned(),
        change: Change::Added(Shown::Value(text.to_owned())),
    }
}

fn finding(since: Since, verdict: Verdict, severity: Severity, message: &str) -> Finding {
    Finding {
        since,
        verdict,
        severity,
        alike: Vec::new(),
        policy: "aws-x".to_owned(),
        address: "aws_x.y[\"`\"]".to_owned(),
        place: Some(("main.tf".to_owned(), 3)),
        message: message.to_owned(),
        fix: "Mend it.".to_owned(),
    }
}

/// Headings, fences and folds of a text as a Markdown reader sees them; panics where a fold is not closed.
fn read(text: &str) -> (Vec<String>, usize) {
    let mut headings = Vec::new();
    let mut fences = 0;
    let mut folds = 0_i32;
    let mut heading = None;
    for event in Parser::new_ext(text, Options::all()) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => headings.extend(heading.take()),
            Event::Start(Tag::CodeBlock(_)) => fences += 1,
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                folds += html.matches("<details>").count() as i32 - html.matches("</details>").count() as i32;
            }
            _ => {}
        }
    }
    assert_eq!(folds, 0, "a fold is not closed:\n{text}");
    (headings, fences)
}

#[test]
fn the_worst_comes_first_and_nothing_breaks_out() {
    let changes = Changes {
        counts: Counts {
            change: 2,
            ..Counts::default()
        },
        resources: vec![
            change(
                "aws_db_instance.a[\"</details>\"]",
                Risk::DataLoss,
                vec![added("x", "````\n</details>")],
            ),
            change("aws_x.b", Risk::Rest, Vec::new()),
        ],
        outputs: Vec::new(),
    };
    let findings = [
        finding(Since::Existing, Verdict::Failed, Severity::Critical, "old"),
        finding(
            Since::Introduced,
            Verdict::Failed,
            Severity::High,
            "new <script> @everyone",
        ),
        finding(Since::Introduced, Verdict::Unknown, Severity::High, "waits"),
    ];
    let document = Document {
        root: "environments/dev/x--y",
        changes: &changes,
        findings: &findings,
        whole: "the artifact",
        cost: None,
        planned: true,
    };
    let text = document.markdown(COMMENT_LIMIT);
    let (headings, fences) = read(&text);
    assert_eq!(
        headings,
        [
            "environments/dev/x--y",
            "Introduced by this change",
            "Data loss",
            "Other changes",
            "Not known before apply",
            "There before"
        ]
    );
    assert_eq!(fences, 1);
    assert!(
        text.contains("2 to change · 1 failure introduced · 1 failure existing · 1 not known before apply")
    );
    assert!(
        !text.contains("<script>") && !text.contains("@everyone"),
        "{text}"
    );
    assert!(text.starts_with(&document.marker()));
    assert_eq!(document.marker().matches("--").count(), 2);
}

/// The text of a line of Markdown, and what in it is more than text.
fn rendered(markdown: &str) -> (String, Vec<String>) {
    let mut text = String::new();
    let mut more = Vec::new();
    // Neither forge makes dashes of hyphens.
    let options = Options::all().difference(Options::ENABLE_SMART_PUNCTUATION);
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Text(part) => text.push_str(&part),
            Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => {}
            other => more.push(format!("{other:?}")),
        }
    }
    (text, more)
}

#[test]
fn a_text_stays_a_text() {
    // What it becomes where nobody is to be called and nothing is to be linked; the rest is as it was.
    for (text, expected) in [
        ("@org/team and @a", "@\u{200b}org/team and @\u{200b}a"),
        (
            "#12, o/r#12, GH-12, gh-7",
            "#\u{200b}12, o/r#\u{200b}12, GH-\u{200b}12, gh-\u{200b}7",
        ),
        ("high-12 gh-x GH", ""),
        (
            "https://github.com/o/r/issues/1",
            "https:\u{200b}//github.com/o/r/issues/1",
        ),
        ("arn:aws:s3:::b/*", ""),
        ("[a](https:b) ![a](b) [a][b] [^1]", ""),
        ("**b** __b__ *i* _i_ ~~s~~ `c` ``c``", ""),
        ("$x$ $$x$$ costs $5 or $6, 5%, a^b^, !12, &3, ~bug", ""),
        ("&lt;b&gt; &amp;", ""),
        (
            "<b>x</b> <!-- x <details> <a@b.c>",
            "<b>x</b> <!-- x <details> <a@\u{200b}b.c>",
        ),
        ("a | b |\\| c \\", ""),
        ("\u{202e}dna", "\\u202edna"),
    ] {
        let (found, more) = rendered(&format!("x {}", escape(&one_line(text))));
        let expected = if expected.is_empty() { text } else { expected };
        assert_eq!(found, format!("x {expected}"), "{text:?}");
        assert_eq!(more, Vec::<String>::new(), "{text:?}");
    }
}

/// Robots, and GitLab itself, take orders from lines that begin with a word: `/merge`, `atlantis apply`.
#[test]
fn no_line_begins_with_what_others_wrote() {
    let order = "/merge\r\n/merge\n\u{2028}/merge\u{b}/merge\r/merge\u{85}/merge";
    let mut bad = change(order, Risk::DataLoss, vec![added(order, order)]);
    bad.differences.push(Difference {
        path: order.to_owned(),
        change: Change::Lines(vec![Line::Kept(order.to_owned()), Line::Added(order.to_owned())]),
    });
    bad.forced_by = vec![order.to_owned()];
    bad.previous = vec![order.to_owned()];
    bad.deposed = Some(order.to_owned());
    let mut grouped = bad.clone();
    grouped.addresses = vec![order.to_owned(), order.to_owned()];
    let mut bare = bad.clone();
    bare.differences.clear();
    let changes = Changes {
        counts: Counts::default(),
        resources: vec![bad, grouped, bare],
        outputs: vec![OutputChange {
            name: order.to_owned(),
            action: Action::Update,
            differences: vec![added("", order)],
        }],
    };
    let mut findings = [Since::Introduced, Since::Existing]
        .map(|since| finding(since, Verdict::Failed, Severity::High, order));
    for finding in &mut findings {
        order.clone_into(&mut finding.address);
        order.clone_into(&mut finding.policy);
        order.clone_into(&mut finding.fix);
        finding.place = Some((order.to_owned(), 1));
    }
    let document = Document {
        root: order,
        changes: &changes,
        findings: &findings,
        whole: order,
        cost: None,
        planned: true,
    };
    for limit in [COMMENT_LIMIT, 900] {
        let text = document.markdown(limit);
        for line in text.split(is_line_end) {
            assert!(!line.starts_with("/merge"), "{line:?} of\n{text}");
        }
    }
}

/// In a line that does not fold, Markdown is read; in a summary, HTML.
#[test]
fn addresses_are_code_wherever_they_stand() {
    let address = "aws_x.y[\"*a* [b](c) `d` @e #1\"]";
    let mut bare = change(address, Risk::Rest, Vec::new());
    bare.action = Action::Create;
    let folds = change(address, Risk::Rest, vec![added("x", "1")]);
    let changes = Changes {
        resources: vec![bare, folds],
        ..Changes::default()
    };
    let document = Document {
        root: "r",
        changes: &changes,
        findings: &[],
        whole: "x",
        cost: None,
        planned: true,
    };
    let text = document.markdown(COMMENT_LIMIT);
    let spans: Vec<String> = Parser::new_ext(&text, Options::all())
        .filter_map(|event| match event {
            Event::Code(code) => Some(code.to_string()),
            Event::Start(Tag::Link { .. } | Tag::Emphasis) => panic!("{text}"),
            _ => None,
        })
        .collect();
    assert_eq!(spans, ["r", address]);
    assert!(
        text.contains(&format!("<summary><code>{address}</code> is changed</summary>")),
        "{text}"
    );
}

#[test]
fn what_does_not_fit_is_the_least_risky_and_is_counted() {
    for many in [1, 100, 5_000] {
        let resources: Vec<ResourceChange> = (0..many)
            .map(|at| {
                let risk = if at == 0 { Risk::DataLoss } else { Risk::Rest };
                change(
                    &format!("aws_x.y[{at}]"),
                    risk,
                    vec![added("policy", &format!("\"{}\"", "é`".repeat(200)))],
                )
            })
            .collect();
        let changes = Changes {
            resources,
            ..Changes::default()
        };
        let document = Document {
            root: "r",
            changes: &changes,
            findings: &[],
            whole: "review.md",
            cost: None,
            planned: true,
        };
        let text = document.markdown(COMMENT_LIMIT);
        assert!(count(&text) <= COMMENT_LIMIT, "{}", count(&text));
        let (_, fences) = read(&text);
        assert!(text.contains("aws_x.y[0]"));
        match fences == many {
            true => assert!(!text.contains("do not fit")),
            false => assert!(text.contains(&format!("**{} more, of the least risk", many - fences))),
        }
        assert_eq!(fences == many, many < 150, "{many}: {fences}");
        assert_eq!(read(&document.markdown(usize::MAX)).1, many);
    }
}
