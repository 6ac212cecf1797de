use tf_model::plan::Action;

use super::*;
use crate::changes::{Changes, Counts, OutputChange, ResourceChange};
use crate::diff::{Change, Difference, Line, Shown};
use crate::markdown::COMMENT_LIMIT;
use crate::risk::Risk;

fn change(addresses: &[&str], action: Action, risk: Risk, differences: Vec<Difference>) -> ResourceChange {
    ResourceChange {
        addresses: addresses.iter().map(|address| (*address).to_owned()).collect(),
        ty: "aws_x".to_owned(),
        action,
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

fn value(text: &str) -> Shown {
    Shown::Value(text.to_owned())
}

fn difference(path: &str, change: Change) -> Difference {
    Difference {
        path: path.to_owned(),
        change,
    }
}

fn finding(since: Since, verdict: Verdict, severity: Severity, address: &str, message: &str) -> Finding {
    Finding {
        since,
        verdict,
        severity,
        alike: Vec::new(),
        policy: "aws-rds-storage-encrypted".to_owned(),
        address: address.to_owned(),
        place: Some(("modules/db/main.tf".to_owned(), 12)),
        message: message.to_owned(),
        fix: "Set storage_encrypted to true.".to_owned(),
    }
}

/// A review with everything that one can hold.
fn sample() -> (Changes, Vec<Finding>) {
    let mut replaced = change(
        &["module.db.aws_db_instance.main[0]"],
        Action::DeleteThenCreate,
        Risk::DataLoss,
        vec![
            difference(
                "engine_version",
                Change::Changed(value("\"14.7\""), value("\"16.1\"")),
            ),
            difference("password", Change::Changed(Shown::Sensitive, Shown::Sensitive)),
            difference(
                "kms_key_id",
                Change::Added(Shown::Unknown("aws_kms_key.main.arn".to_owned())),
            ),
        ],
    );
    replaced.forced_by = vec!["snapshot_identifier".to_owned()];
    let mut deleted = change(
        &["aws_s3_bucket.logs"],
        Action::Delete,
        Risk::DataLoss,
        Vec::new(),
    );
    deleted.reason = Some("delete_because_no_resource_config".to_owned());
    let mut moved = change(&["aws_sns_topic.new"], Action::NoOp, Risk::Rest, Vec::new());
    moved.previous = vec!["aws_sns_topic.old".to_owned()];
    let mut imported = change(&["aws_sqs_queue.q"], Action::Update, Risk::Rest, vec![]);
    imported.imports = true;
    let mut deposed = change(&["aws_instance.web"], Action::Delete, Risk::Rest, Vec::new());
    deposed.deposed = Some("4c1fe4a1".to_owned());
    let script = vec![
        Line::Left(12),
        Line::Kept("set -eu".to_owned()),
        Line::Removed("\tapt-get install nginx".to_owned()),
        Line::Added("\tapt-get install -y nginx=1.25".to_owned()),
        Line::Left(1),
    ];
    let changes = Changes {
        counts: Counts {
            add: 1,
            change: 6,
            replace: 1,
            delete: 2,
            import: 1,
            moved: 1,
            forget: 0,
        },
        resources: vec![
            replaced,
            deleted,
            change(
                &["aws_security_group.web"],
                Action::Update,
                Risk::Exposure,
                vec![difference(
                    "ingress[0].cidr_blocks[0]",
                    Change::Changed(value("\"10.0.0.0/8\""), value("\"0.0.0.0/0\"")),
                )],
            ),
            change(
                &["aws_iam_policy.deploy"],
                Action::Update,
                Risk::Privilege,
                vec![
                    difference(
                        "policy.Statement[0].Action[1]",
                        Change::Added(value("\"iam:PassRole\"")),
                    ),
                    difference(
                        "policy.Statement[0].Condition",
                        Change::Removed(value("{\"Bool\":{\"aws:MultiFactorAuthPresent\":\"true\"}}")),
                    ),
                ],
            ),
            change(
                &["aws_instance.web"],
                Action::Update,
                Risk::Cost,
                vec![
                    difference(
                        "instance_type",
                        Change::Changed(value("\"t3.small\""), value("\"m7i.4xlarge\"")),
                    ),
                    difference("user_data", Change::Lines(script)),
                ],
            ),
            change(&["aws_sns_topic.alarms"], Action::Create, Risk::Rest, Vec::new()),
            change(
                &[
                    "aws_subnet.a[\"eu-1a\"]",
                    "aws_subnet.a[\"eu-1b\"]",
                    "aws_subnet.a[\"eu-1c\"]",
                ],
                Action::Update,
                Risk::Rest,
                vec![difference(
                    "tags.team",
                    Change::Changed(value("\"core\""), value("\"platform\"")),
                )],
            ),
            moved,
            imported,
            deposed,
        ],
        outputs: vec![OutputChange {
            name: "endpoint".to_owned(),
            action: Action::Update,
            differences: vec![difference(
                "",
                Change::Changed(value("\"https://a\""), Shown::Unknown(String::new())),
            )],
        }],
    };
    let findings = vec![
        finding(
            Since::Existing,
            Verdict::Failed,
            Severity::Critical,
            "aws_s3_bucket.logs",
            "The bucket keeps no versions.",
        ),
        finding(
            Since::Introduced,
            Verdict::Failed,
            Severity::High,
            "module.db.aws_db_instance.main[0]",
            "The storage is not encrypted: storage_encrypted is false.",
        ),
        finding(
            Since::Introduced,
            Verdict::Failed,
            Severity::Critical,
            "aws_security_group.web",
            "Port 22 is open to the world.",
        ),
        finding(
            Since::Fixed,
            Verdict::Failed,
            Severity::Medium,
            "aws_iam_policy.deploy",
            "It allowed every action.",
        ),
        finding(
            Since::Introduced,
            Verdict::Unknown,
            Severity::Medium,
            "aws_sns_topic.alarms",
            "kms_master_key_id comes from aws_kms_key.main.arn, known after apply",
        ),
        finding(
            Since::Existing,
            Verdict::Skipped,
            Severity::Low,
            "aws_sqs_queue.q",
            "Accepted until 2027: no longer used.",
        ),
    ];
    (changes, findings)
}

fn document<'r>(changes: &'r Changes, findings: &'r [Finding]) -> Document<'r> {
    Document {
        root: "environments/prod/app",
        changes,
        findings,
        whole: "the artifact `review`",
        cost: None,
        planned: true,
    }
}

/// What a person reads of a page: its text, with tags gone and references resolved.
fn text_of(page: &str) -> String {
    let body = page
        .split_once("<main")
        .unwrap()
        .1
        .split_once("<script>")
        .unwrap()
        .0;
    let mut out = String::new();
    let mut inside = true;
    for c in body.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    ["&lt;<", "&gt;>", "&quot;\"", "&#39;'", "&amp;&"]
        .iter()
        .fold(out, |text, pair| {
            text.replace(&pair[..pair.len() - 1], &pair[pair.len() - 1..])
        })
}

#[test]
fn the_page_says_what_the_markdown_says_and_more() {
    let (changes, findings) = sample();
    let document = document(&changes, &findings);
    let page = text_of(&document.html());
    let markdown = document.markdown(COMMENT_LIMIT);
    let in_both = [
        "module.db.aws_db_instance.main[0]",
        "is deleted, then made anew",
        "snapshot_identifier",
        "\"14.7\"",
        "(sensitive value)",
        "(known after apply)",
        "aws_s3_bucket.logs",
        "\"0.0.0.0/0\"",
        "policy.Statement[0].Action[1]",
        "apt-get install -y nginx=1.25",
        "12 lines",
        "and 2 like it",
        "aws_subnet.a[\"eu-1c\"]",
        "moved from",
        "aws_sns_topic.old",
        "imported",
        "4c1fe4a1",
        "endpoint",
        "aws-rds-storage-encrypted",
        "Port 22 is open to the world.",
        "modules/db/main.tf:12",
        "known after apply",
        "It allowed every action.",
    ];
    for fact in in_both {
        assert!(page.contains(fact), "the page does not say {fact:?}:\n{page}");
        assert!(
            markdown.contains(fact),
            "the Markdown does not say {fact:?}:\n{markdown}"
        );
    }
    for fact in [
        "aws_kms_key.main.arn",
        "It is in the configuration no more.",
        "Accepted until 2027",
    ] {
        assert!(page.contains(fact), "the page does not say {fact:?}:\n{page}");
    }
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text:?}"));
    let order = [
        "Introduced by this change",
        "Port 22",
        "The storage is not",
        "There before",
        "Fixed by this change",
        "Not known before apply",
        "Waits for",
        "Accepted",
        "Data loss",
        "Exposure",
        "Privilege",
        "Cost",
        "Other changes",
        "Outputs",
    ];
    let places: Vec<usize> = order.iter().map(|text| at(text)).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn an_address_leads_to_its_change() {
    let (changes, findings) = sample();
    let page = document(&changes, &findings).html();
    assert!(
        page.contains("<a href=\"#change-0\"><code>module.<wbr>db."),
        "{page}"
    );
    assert!(
        page.contains("<details id=\"change-0\" class=\"change item replace\" data-action=\"replace\" open>")
    );
    // What fails in it is said at the change, too.
    assert_eq!(page.matches("class=\"failures\">1 failure</span>").count(), 2);
}

/// Whatever stands in a plan is text.
#[test]
fn nothing_in_a_plan_is_markup() {
    const HOSTILE: [&str; 8] = [
        "<script>alert(1)</script>",
        "</script><script>alert(1)</script>",
        "</style><img src=x onerror=alert(1)>",
        "\"><img src=x onerror=alert(1)>",
        "' autofocus onfocus='alert(1)",
        "<!-- -->]]><svg/onload=alert(1)>",
        "&lt;img src=x&gt; &#60;img src=x&#62;",
        "\u{202e}\u{2066}\u{0}\u{1b}[31m\u{200b}\r\n\u{2028}javascript:alert(1)",
    ];
    let (clean, _) = sample();
    let tags = |page: &str| -> Vec<String> {
        let main = page.split_once("<main").unwrap().1;
        let tags = main
            .split('<')
            .skip(1)
            .map(|rest| rest.split('>').next().unwrap().to_owned());
        tags.collect()
    };
    for text in HOSTILE {
        let build = |text: &str| {
            let mut hostile = change(
                &[text, text],
                Action::Update,
                Risk::DataLoss,
                vec![
                    difference(
                        text,
                        Change::Changed(value(text), Shown::Unknown(text.to_owned())),
                    ),
                    difference(text, Change::Added(value(text))),
                    difference(
                        text,
                        Change::Lines(vec![
                            Line::Added(text.to_owned()),
                            Line::Removed(text.to_owned()),
                            Line::Kept(text.to_owned()),
                        ]),
                    ),
                ],
            );
            text.clone_into(&mut hostile.ty);
            hostile.forced_by = vec![text.to_owned()];
            hostile.previous = vec![text.to_owned(), text.to_owned()];
            hostile.deposed = Some(text.to_owned());
            hostile.reason = Some(text.to_owned());
            let changes = Changes {
                counts: clean.counts,
                resources: vec![hostile],
                outputs: vec![OutputChange {
                    name: text.to_owned(),
                    action: Action::Create,
                    differences: vec![difference("", Change::Added(value(text)))],
                }],
            };
            let mut bad = finding(Since::Introduced, Verdict::Failed, Severity::High, text, text);
            text.clone_into(&mut bad.policy);
            text.clone_into(&mut bad.fix);
            bad.place = Some((text.to_owned(), 1));
            let mut unknown = bad.clone();
            unknown.verdict = Verdict::Unknown;
            let findings = [bad, unknown];
            Document {
                root: text,
                changes: &changes,
                findings: &findings,
                whole: text,
                cost: None,
                planned: true,
            }
            .html()
        };
        let page = build(text);
        // The very same tags as with a harmless text: nothing in it made one, or changed one.
        let harmless = tags(&build("harmless"));
        let found: Vec<String> = tags(&page).into_iter().filter(|tag| tag != "wbr").collect();
        assert_eq!(found, harmless, "{text:?}");
        let title = page
            .split_once("<title>")
            .unwrap()
            .1
            .split_once("</title>")
            .unwrap()
            .0;
        assert!(!title.contains('<'), "{title}");
        for c in [
            '\u{202e}', '\u{2066}', '\u{0}', '\u{1b}', '\u{200b}', '\r', '\u{2028}',
        ] {
            assert!(!page.contains(c), "{c:?} of {text:?}");
        }
    }
}

#[test]
fn the_page_allows_only_its_own_style_and_script() {
    let (changes, findings) = sample();
    let page = document(&changes, &findings).html();
    for (element, directive) in [("style", "style-src"), ("script", "script-src")] {
        let inside = page.split_once(&format!("<{element}>")).unwrap().1;
        let inside = inside.split_once(&format!("</{element}>")).unwrap().0;
        let digest = STANDARD.encode(Sha256::digest(inside.as_bytes()));
        assert!(
            page.contains(&format!("{directive} 'sha256-{digest}'")),
            "{element}"
        );
    }
    assert!(page.contains("default-src 'none'"));
    for outside in [
        "http://", "https://", "url(", "@import", "src=", " style=", " onclick",
    ] {
        let body = page.replace("&quot;https://a&quot;", "");
        assert!(!body.contains(outside), "{outside}");
    }
}

#[test]
fn thousands_of_changes_are_all_there_and_the_page_stays_small() {
    let resources: Vec<ResourceChange> = (0..5_000)
        .map(|at| {
            let address = format!("module.service[\"s{at}\"].aws_lambda_function.handler");
            let long = format!("\"{}\"", "x".repeat(20_000));
            let policy = if at == 7 {
                long
            } else {
                "\"python3.13\"".to_owned()
            };
            change(
                &[&address],
                Action::Update,
                Risk::Rest,
                vec![difference(
                    "runtime",
                    Change::Changed(value("\"python3.11\""), value(&policy)),
                )],
            )
        })
        .collect();
    let changes = Changes {
        resources,
        ..Changes::default()
    };
    let page = document(&changes, &[]).html();
    assert_eq!(page.matches("<details id=\"change-").count(), 5_000);
    assert!(page.len() < 4 << 20, "{}", page.len());
    assert!(page.contains("characters more"));
    assert_eq!(page, document(&changes, &[]).html());
}

#[test]
fn an_empty_review_says_so() {
    let changes = Changes::default();
    let page = document(&changes, &[]).html();
    let text = text_of(&page);
    assert!(text.contains("No resource changes."), "{text}");
    assert!(page.contains("introduces no failure") && page.contains("No changes"));
    assert!(!page.contains("id=\"filters\""));
}
