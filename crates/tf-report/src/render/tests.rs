//! What holds for all formats, and how each of them looks.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::sample::{self, HOSTILE};
use super::*;
use crate::Verdict;

/// Compares with `src/snapshots/NAME.snap`.
fn assert_snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name.to_owned(), text));
}

fn rendered(report: &Report, format: Format) -> String {
    render(
        report,
        format,
        &Options {
            all: true,
            ..Options::default()
        },
    )
}

fn shown(report: &Report, format: Format) -> String {
    let text = rendered(report, format);
    if format == Format::Html {
        html::without_assets(&text)
    } else {
        text
    }
}

#[test]
fn every_format_of_a_rich_report() {
    for format in Format::ALL {
        assert_snapshot(&format!("rich-{format}"), &shown(&sample::rich(), format));
    }
}

#[test]
fn every_format_of_a_report_without_findings() {
    for format in Format::ALL {
        assert_snapshot(&format!("empty-{format}"), &shown(&sample::empty(), format));
    }
}

#[test]
fn every_option_of_the_text() {
    let default = Options::default();
    for (name, options) in [
        ("default", default),
        (
            "quiet",
            Options {
                quiet: true,
                ..default
            },
        ),
        (
            "verbose",
            Options {
                verbose: true,
                ..default
            },
        ),
        (
            "color",
            Options {
                color: true,
                ..default
            },
        ),
        ("narrow", Options { width: 50, ..default }),
        ("unlimited", Options { width: 0, ..default }),
    ] {
        assert_snapshot(
            &format!("text-{name}"),
            &render(&sample::rich(), Format::Text, &options),
        );
    }
}

#[test]
fn every_format_of_a_hostile_report() {
    for format in Format::ALL {
        assert_snapshot(&format!("hostile-{format}"), &shown(&sample::hostile(), format));
    }
}

#[test]
fn names_are_those_of_the_command_line() {
    for format in Format::ALL {
        assert_eq!(format.to_string().parse(), Ok(format));
    }
    let error = "xml".parse::<Format>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`xml` is not a format; use one of text, json, markdown, html, sarif, junit, github, gitlab"
    );
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    for format in Format::ALL {
        assert_eq!(
            rendered(&sample::rich(), format),
            rendered(&sample::rich(), format),
            "{format}"
        );
    }
}

#[test]
fn a_document_ends_with_one_line_feed() {
    for report in [sample::rich(), sample::empty(), Report::default()] {
        for format in Format::ALL {
            let text = rendered(&report, format);
            assert!(
                text.ends_with('\n') && !text.ends_with("\n\n"),
                "{format}: {text}"
            );
        }
    }
}

#[test]
fn no_text_to_be_read_by_people_hides_anything() {
    let is_hidden = |character: &char| {
        // HTML shows a tab as white space.
        (character.is_control() && !matches!(character, '\n' | '\t'))
            || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    for format in [Format::Text, Format::Markdown, Format::Html, Format::Github] {
        let text = shown(&sample::hostile(), format);
        assert_eq!(text.chars().find(is_hidden), None, "{format}");
        assert!(text.contains("u202e"), "{format}");
    }
}

#[test]
fn json_formats_give_back_what_was_put_in() {
    let report = sample::hostile();
    let json: Value = serde_json::from_str(&rendered(&report, Format::Json)).unwrap();
    assert_eq!(json["findings"][0]["address"], HOSTILE);
    assert_eq!(json["errors"][0]["file"], HOSTILE);
    let sarif: Value = serde_json::from_str(&rendered(&report, Format::Sarif)).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], HOSTILE);
    let gitlab: Value = serde_json::from_str(&rendered(&report, Format::Gitlab)).unwrap();
    let issues = gitlab.as_array().unwrap();
    let mut fingerprints: Vec<&str> = issues
        .iter()
        .map(|issue| issue["fingerprint"].as_str().unwrap())
        .collect();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), issues.len());
}

#[test]
fn junit_is_well_formed_and_counts_add_up() {
    for report in [sample::rich(), sample::hostile(), sample::empty()] {
        let xml = rendered(&report, Format::Junit);
        let tags = xml.matches('<').count();
        assert_eq!(tags, xml.matches('>').count());
        assert!(
            xml.chars()
                .all(|c| c == '\n' || (' '..'\u{fffe}').contains(&c) || c > '\u{ffff}')
        );
        let cases = xml.matches("<testcase ").count();
        let errors = report.problems.iter().filter(|problem| problem.error).count();
        assert_eq!(cases, report.findings.len() + errors);
        assert!(xml.contains(&format!("tests=\"{cases}\"")));
        let failed = report
            .findings
            .iter()
            .filter(|finding| finding.result == Verdict::Failed)
            .count();
        assert_eq!(xml.matches("<failure ").count(), failed);
    }
}

#[test]
fn a_workflow_command_stays_on_its_line() {
    let report = sample::hostile();
    let text = rendered(&report, Format::Github);
    let open = report
        .findings
        .iter()
        .filter(|finding| finding::is_open(finding))
        .count();
    let (commands, coverage): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with("::"));
    assert_eq!(commands.len(), open + report.problems.len());
    assert_eq!(coverage.len(), 1);
}

#[test]
fn quiet_is_a_line_each() {
    for report in [sample::rich(), sample::hostile(), sample::empty()] {
        let text = render(
            &report,
            Format::Text,
            &Options {
                quiet: true,
                ..Options::default()
            },
        );
        let open = report
            .findings
            .iter()
            .filter(|finding| finding::is_open(finding) || finding::is_fixed(finding));
        assert_eq!(
            text.lines().count(),
            open.count() + report.problems.len() + 1,
            "{text}"
        );
    }
}

#[test]
fn color_changes_nothing_but_color() {
    let plain = rendered(&sample::rich(), Format::Text);
    let options = Options {
        all: true,
        color: true,
        ..Options::default()
    };
    let mut painted = render(&sample::rich(), Format::Text, &options)
        .split('\u{1b}')
        .fold(String::new(), |mut text, part| {
            text.push_str(
                part.strip_prefix('[')
                    .and_then(|part| part.split_once('m'))
                    .map_or(part, |(_, rest)| rest),
            );
            text
        });
    painted = painted
        .lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect();
    assert_eq!(painted, plain);
}

#[test]
fn text_keeps_to_the_width() {
    for width in [60, 80, 120] {
        let options = Options {
            width,
            ..Options::default()
        };
        for line in render(&sample::rich(), Format::Text, &options).lines() {
            // Addresses stay whole.
            let has_address = line.contains("module.platform") || line.starts_with("fixed[");
            assert!(prose::width(line) <= width || has_address, "{width}: {line}");
        }
    }
}

#[test]
fn a_huge_message_is_rendered() {
    let mut report = sample::rich();
    report.findings[1].message = "word ".repeat(20_000);
    report.findings[2].message = "x".repeat(100_000);
    for format in Format::ALL {
        assert!(!rendered(&report, format).is_empty());
    }
    let comment = rendered(&report, Format::Markdown);
    assert!(comment.chars().count() <= 60_000);
    assert!(
        comment.contains("module.db.aws_db_instance.main"),
        "one long message hides no other finding"
    );
}

#[test]
fn thousands_of_findings_take_reasonable_time() {
    let report = sample::many(5_000);
    for format in Format::ALL {
        let start = Instant::now();
        assert!(!rendered(&report, format).is_empty());
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "{format}: {:?}",
            start.elapsed()
        );
    }
}
