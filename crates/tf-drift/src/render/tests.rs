//! A small scan in every format.

use serde_json::json;
use tf_report::Severity;

use super::*;
use crate::finding::{
    Attribute, Class, Cost, CostSum, Finding, Ignored, Reason, Remedy, Resolved, RootReport, State, Status,
};

fn finding(address: &str, severity: Severity, state: State) -> Finding {
    Finding {
        address: address.to_owned(),
        ty: "aws_security_group".to_owned(),
        class: Class::Reverted,
        severity,
        why: "aws-x fails: <b>port</b> 22 is open @all".to_owned(),
        attributes: vec![Attribute {
            path: "ingress[0].cidr_blocks[0]".to_owned(),
            before: json!(null),
            after: json!("0.0.0.0/0 ``` \u{1b}[31m"),
        }],
        policies: vec!["aws-x".to_owned()],
        cost: None,
        fingerprint: "0123456789abcdef".to_owned(),
        subject: "s".to_owned(),
        first_seen: "2026-01-02T06:00:00Z".to_owned(),
        last_seen: "2026-01-05T06:00:00Z".to_owned(),
        state,
        file: Some("environments/dev/main.tf".to_owned()),
        lines: Some((3, 9)),
        remedy: Remedy {
            accept: "-   a = 1\n+   a = 2".to_owned(),
            revert: "terraform apply".to_owned(),
        },
        acknowledged: None,
        resource: None,
        who: None,
    }
}

fn document() -> Document {
    let mut dev = RootReport::failed("environments/dev", String::new());
    dev.status = Status::Drifted;
    dev.error = None;
    dev.ignored = 1;
    dev.ignored_changes = vec![Ignored {
        address: "aws_vpc.v".to_owned(),
        path: "tags".to_owned(),
        reason: Reason::NullEmpty,
        detail: String::new(),
    }];
    dev.findings = vec![
        finding("aws_security_group.a[\"x\"]", Severity::High, State::Ongoing),
        finding("aws_security_group.b", Severity::Info, State::New),
    ];
    dev.resolved = vec![Resolved {
        address: "aws_vpc.gone".to_owned(),
        ty: "aws_vpc".to_owned(),
        class: Class::Absorbed,
        severity: Severity::Low,
        subject: "r".to_owned(),
        first_seen: "2026-01-01T06:00:00Z".to_owned(),
        last_seen: "2026-01-04T06:00:00Z".to_owned(),
    }];
    let broken = RootReport::failed(
        "environments/prod",
        "terraform plan fails:\n\nError: no <credentials>\n```\n\u{1b}[31m".to_owned(),
    );
    Document::new(
        "7".to_owned(),
        "2026-01-05T06:00:00Z".to_owned(),
        vec![broken, dev],
        vec!["plumbline.hcl:3: old".to_owned()],
    )
}

fn rendered(format: Format) -> String {
    let document = document();
    let trend = Trend::of(&document);
    render(&document, &trend, format, &Shown::default()).unwrap()
}

#[test]
fn text_tells_first_what_nobody_knows() {
    let text = rendered(Format::Text);
    let want = r#"FAILED environments/prod: nobody knows whether it has drifted
  terraform plan fails:
  
  Error: no <credentials>
  ```
  \u001b[31m

environments/dev
  high reverted aws_security_group.a["x"] (since 2026-01-02)
    aws-x fails: <b>port</b> 22 is open @all
    ingress[0].cidr_blocks[0]: (not set) → "0.0.0.0/0 ``` \u001b[31m"
    environments/dev/main.tf:3: the next apply takes it back
  info reverted aws_security_group.b (new)
    aws-x fails: <b>port</b> 22 is open @all
    ingress[0].cidr_blocks[0]: (not set) → "0.0.0.0/0 ``` \u001b[31m"
    environments/dev/main.tf:3: the next apply takes it back
  resolved aws_vpc.gone (absorbed, since 2026-01-01)
  ignored aws_vpc.v tags: null against empty

warning: plumbline.hcl:3: old
2 roots: 1 with drift, 1 could not be read
2 findings (1 high, 1 info): 1 new, 1 ongoing; 1 resolved
1 difference is no drift; --show-ignored lists what it is and why
"#;
    assert_eq!(text, want);
}

#[test]
fn json_is_read_back_as_it_was() {
    let text = rendered(Format::Json);
    let back: Document = serde_json::from_str(&text).unwrap();
    assert_eq!(back, document());
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["schema"], "plumbline.drift/1");
    let finding = &json["roots"][0]["findings"][0];
    for key in [
        "address",
        "type",
        "class",
        "severity",
        "attributes",
        "policies",
        "fingerprint",
        "first_seen",
        "state",
        "file",
        "lines",
    ] {
        assert!(finding.get(key).is_some(), "{key}");
    }
    assert_eq!(finding["lines"], json!([3, 9]));
}

#[test]
fn markdown_keeps_its_form_whatever_it_quotes_and_never_grows_too_long() {
    let text = rendered(Format::Markdown);
    assert!(
        text.starts_with("## Drift: 2 findings (1 high, 1 info): 1 new, 1 ongoing; 1 resolved\n"),
        "{text}"
    );
    assert!(text.contains("````\nterraform plan fails:"), "{text}");
    assert!(
        !text.contains("<b>port") && !text.contains("@all") && !text.contains('\u{1b}'),
        "{text}"
    );
    let short = markdown(&document(), 700);
    assert!(
        short.chars().count() <= 800 && short.contains("entries do not fit here"),
        "{short}"
    );
    assert_eq!(
        short.matches("<details>").count(),
        short.matches("</details>").count()
    );
}

#[test]
fn a_page_quotes_and_draws() {
    let page = rendered(Format::Html);
    assert!(
        page.contains("<svg") && page.contains("Open by severity: critical 0, high 1"),
        "{page}"
    );
    assert!(
        !page.contains("<b>port") && !page.contains("<credentials>") && !page.contains('\u{1b}'),
        "{page}"
    );
    assert!(page.contains("id=\"0123456789abcdef\""));
}

#[test]
fn scanners_and_test_pages_get_the_same() {
    let sarif: serde_json::Value = serde_json::from_str(&rendered(Format::Sarif)).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    assert_eq!(results[0]["ruleId"], "drift-reverted");
    let junit = rendered(Format::Junit);
    assert!(junit.contains("failures=\"2\" errors=\"1\""), "{junit}");
    assert!(rendered(Format::Github).contains("environments/dev/main.tf"));
    let gitlab: serde_json::Value = serde_json::from_str(&rendered(Format::Gitlab)).unwrap();
    assert!(gitlab.as_array().unwrap().len() >= 2);
}

#[test]
fn metrics_count_by_root_severity_class_and_state() {
    let text = rendered(Format::Openmetrics);
    for line in [
        "plumbline_drift_findings{root=\"environments/dev\",severity=\"high\",class=\"reverted\",state=\"ongoing\"} 1",
        "plumbline_drift_root_status{root=\"environments/prod\",status=\"failed\"} 1",
        "plumbline_drift_oldest_seconds 1767333600",
        "plumbline_drift_scan_seconds 1767592800",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(text.ends_with("# EOF\n"));
}

#[test]
fn what_drift_costs_is_said_and_what_is_not_known_too() {
    let mut document = document();
    let cost = |delta: Option<&str>, most: Option<&str>, unpriced: &[&str]| Cost {
        currency: "USD".to_owned(),
        delta: delta.map(|delta| delta.parse().unwrap()),
        delta_max: most.map(|most| most.parse().unwrap()),
        before: delta.map(|_| "10".parse().unwrap()),
        before_max: None,
        after: delta.map(|_| "1234.5".parse().unwrap()),
        after_max: None,
        unpriced: unpriced.iter().map(|&line| line.to_owned()).collect(),
    };
    let dev = document
        .roots
        .iter_mut()
        .find(|root| !root.findings.is_empty())
        .unwrap();
    dev.findings[0].cost = Some(cost(Some("1224.5"), Some("1300"), &["Storage: no <price>"]));
    dev.findings[1].cost = Some(cost(None, None, &["Hours: depends on usage (x)"]));
    dev.cost = Some(CostSum {
        currency: "USD".to_owned(),
        delta: "1224.5".parse().unwrap(),
        delta_max: Some("1300".parse().unwrap()),
        unpriced: 2,
    });
    let document = Document::new(
        document.run.clone(),
        document.at.clone(),
        document.roots.clone(),
        Vec::new(),
    );
    assert_eq!(
        document.summary.cost,
        document.roots.iter().find_map(|root| root.cost.clone())
    );
    let trend = Trend::of(&document);
    for (format, wanted) in [
        (
            Format::Text,
            &[
                "    cost: +1,224.50 – +1,300.00 USD a month (10.00 → 1,234.50); not in it: Storage: no <price>\n",
                "    cost: not known: Hours: depends on usage (x)\n",
                "\ncost of the drift: +1,224.50 – +1,300.00 USD a month; what 2 findings cost has no price, or not all of it\n",
            ][..],
        ),
        (
            Format::Markdown,
            &[
                "**Cost of the drift:** +1,224.50",
                "not in it: Storage: no &lt;price&gt;",
            ],
        ),
        (
            Format::Html,
            &[
                "<strong>+1,224.50 – +1,300.00 USD a month",
                "Storage: no &lt;price&gt;",
            ],
        ),
        (
            Format::Openmetrics,
            &[
                "plumbline_drift_cost_monthly{root=\"environments/dev\",currency=\"USD\",bound=\"least\"} 1224.5\n",
                "plumbline_drift_cost_monthly{root=\"environments/dev\",currency=\"USD\",bound=\"most\"} 1300\n",
                "plumbline_drift_cost_unpriced{root=\"environments/dev\"} 2\n",
            ],
        ),
    ] {
        let text = render(&document, &trend, format, &Shown::default()).unwrap();
        for want in wanted {
            assert!(text.contains(want), "{want}: {text}");
        }
    }
    let json = render(&document, &trend, Format::Json, &Shown::default()).unwrap();
    let back: Document = serde_json::from_str(&json).unwrap();
    assert_eq!(back, document);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        json.pointer("/roots/0/findings/0/cost/delta"),
        Some(&json!("1224.5"))
    );
    assert_eq!(json.pointer("/roots/0/findings/1/cost/delta"), Some(&json!(null)));
    assert_eq!(json.pointer("/summary/cost/delta_max"), Some(&json!("1300")));
}

#[test]
fn who_changed_it_stands_beside_what_changed() {
    let mut document = document();
    let who = crate::finding::Who {
        by: "anna@example.com as role <admin>".to_owned(),
        arn: None,
        at: Some("2026-01-04T10:00:00Z".to_owned()),
        event: "AuthorizeSecurityGroupIngress".to_owned(),
        source: "ec2.amazonaws.com".to_owned(),
        from: Some("198.51.100.7".to_owned()),
        program: Some("console.amazonaws.com".to_owned()),
        id: "e1".to_owned(),
        others: 2,
    };
    let dev = document.roots.iter_mut().find(|root| !root.findings.is_empty());
    let dev = dev.unwrap();
    dev.findings[0].who = Some(who);
    dev.notes.push("only <part> of it".to_owned());
    let trend = Trend::of(&document);
    let rendered = |format| render(&document, &trend, format, &Shown::default()).unwrap();
    let text = rendered(Format::Text);
    let line = "    changed by anna@example.com as role <admin> at 2026-01-04T10:00:00Z: AuthorizeSecurityGroupIngress (ec2) from \
                198.51.100.7; 2 changes before\n";
    assert!(text.contains(line), "{text}");
    assert!(
        text.contains("note: environments/dev: only <part> of it\n"),
        "{text}"
    );
    let page = rendered(Format::Html);
    for part in [
        "changed by anna@example.com as role &lt;admin&gt; at",
        "only &lt;part&gt; of it",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    // Nobody is called by name.
    let markdown = rendered(Format::Markdown);
    assert!(
        markdown.contains("changed by anna@\u{200b}example.com as role"),
        "{markdown}"
    );
    assert!(
        !markdown.contains("<admin>") && !markdown.contains("<part>"),
        "{markdown}"
    );
    let back: Document = serde_json::from_str(&rendered(Format::Json)).unwrap();
    assert_eq!(back, document);
}
