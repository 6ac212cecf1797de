//! Reports to render in tests.

use std::collections::BTreeMap;

use crate::{
    Compliance, Control, Finding, Location, PolicyInfo, Problem, Report, Severity, Snippet, Summary,
    Suppression, Verdict,
};

/// What is hostile to one format or another.
pub(super) const HOSTILE: &str = "</script><script>alert(1)</script> ]]> \u{0}\u{1b}[31m %0A::error::x\r\n\t\
     ```` `x` | a_b *c* [d](javascript:e) <!-- --> @octocat #12 \u{202e}gnp.exe\u{2066} &lt; \"q\" 'r' \
     ${s} {0} \u{ffff}";

pub(super) fn location(file: &str, lines: (u32, u32)) -> Location {
    Location {
        file: file.to_owned(),
        in_repository: format!("infra/{file}"),
        lines,
    }
}

fn snippet(first_line: u32, lines: &[&str], underline: Option<(u32, u32, u32)>) -> Option<Snippet> {
    Some(Snippet {
        first_line,
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        underline,
    })
}

fn finding(policy: &str, severity: Severity, result: Verdict, address: &str, place: Location) -> Finding {
    Finding {
        policy: policy.to_owned(),
        severity,
        result,
        address: address.to_owned(),
        ty: address.rsplit('.').nth(1).unwrap_or("module").to_owned(),
        root: "environments/prod".to_owned(),
        location: place,
        attribute: None,
        attribute_location: None,
        message: String::new(),
        reason: None,
        called_from: Vec::new(),
        fingerprint: format!("{:016x}", policy.len() * 31 + address.len()),
        suppression: None,
        change: None,
        snippet: None,
    }
}

fn policy(title: &str, why: &str, fix: &str, checkov: &[&str], frameworks: &[(&str, &[&str])]) -> PolicyInfo {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    PolicyInfo {
        title: title.to_owned(),
        why: why.to_owned(),
        fix: fix.to_owned(),
        checkov: owned(checkov),
        frameworks: frameworks
            .iter()
            .map(|(name, controls)| ((*name).to_owned(), owned(controls)))
            .collect(),
    }
}

fn policies() -> BTreeMap<String, PolicyInfo> {
    let entries = [
        (
            "aws-rds-storage-encrypted",
            policy(
                "RDS instances encrypt their storage",
                "Anyone who gets at the disk or a snapshot reads the data.",
                "Set storage_encrypted = true. An existing instance is replaced: \
                 restore from an encrypted snapshot.",
                &["CKV_AWS_16"],
                &[("pci_dss", &["3.5.1"]), ("soc2", &["CC6.1", "CC6.7"])],
            ),
        ),
        (
            "aws-ec2-security-group-no-public-ssh",
            policy(
                "Security groups do not open SSH to the internet",
                "Port 22 is tried by everybody, all the time.",
                "Name the networks that need it, or use Session Manager and close the port.",
                &["CKV_AWS_24"],
                &[("cis_aws", &["5.2"]), ("soc2", &["CC6.6"])],
            ),
        ),
        (
            "aws-s3-bucket-versioning",
            policy(
                "S3 buckets keep versions",
                "What is overwritten or deleted is gone.",
                "Add an aws_s3_bucket_versioning with status = \"Enabled\".",
                &["CKV_AWS_21"],
                &[("soc2", &["A1.2"])],
            ),
        ),
        (
            "aws-kms-key-rotation",
            policy(
                "KMS keys rotate",
                "A key that leaked stays useful for ever.",
                "Set enable_key_rotation = true.",
                &[],
                &[],
            ),
        ),
        (
            "team-tags",
            policy(
                "Everything is tagged",
                "",
                "Add the tags `owner` and `cost-centre`.",
                &[],
                &[],
            ),
        ),
    ];
    entries
        .into_iter()
        .map(|(id, info)| (id.to_owned(), info))
        .collect()
}

/// One of everything: modules, plans, waivers, unknowns, problems, compliance, several roots.
pub(super) fn rich() -> Report {
    let findings = findings();
    Report {
        tool: "tf-gate".to_owned(),
        version: "0.1.0".to_owned(),
        summary: summary(&findings),
        roots: vec!["environments/dev".to_owned(), "environments/prod".to_owned()],
        unread: 1,
        findings,
        policies: policies(),
        problems: problems(),
        compliance: compliance(),
    }
}

fn summary(findings: &[Finding]) -> Summary {
    let count = |verdict| {
        findings
            .iter()
            .filter(|finding| finding.result == verdict)
            .count()
    };
    Summary {
        passed: 300 + count(Verdict::Passed),
        failed: count(Verdict::Failed),
        unknown: count(Verdict::Unknown),
        skipped: count(Verdict::Skipped),
        resources: 48,
        files: 12,
        policies: 118,
        errors: 1,
    }
}

fn findings() -> Vec<Finding> {
    vec![
        Finding {
            root: "environments/dev".to_owned(),
            attribute: Some("status".to_owned()),
            message: "there is no aws_s3_bucket_versioning for it".to_owned(),
            snippet: snippet(
                1,
                &["resource \"aws_s3_bucket\" \"raw\" {", "  bucket = \"raw\"", "}"],
                None,
            ),
            ..finding(
                "aws-s3-bucket-versioning",
                Severity::Medium,
                Verdict::Failed,
                "aws_s3_bucket.raw",
                location("environments/dev/main.tf", (1, 3)),
            )
        },
        Finding {
            attribute: Some("ingress[0].cidr_blocks".to_owned()),
            attribute_location: Some(location("modules/network/main.tf", (31, 31))),
            message: "port 22 is open to 0.0.0.0/0".to_owned(),
            called_from: vec![
                location("environments/prod/main.tf", (3, 9)),
                location("modules/platform/network.tf", (12, 20)),
            ],
            snippet: snippet(
                28,
                &[
                    "  ingress {",
                    "\tfrom_port   = 22",
                    "\tto_port     = 22",
                    "\tcidr_blocks = [\"0.0.0.0/0\"] # TODO: \"offices only\"",
                    "  }",
                ],
                Some((31, 2, 27)),
            ),
            ..finding(
                "aws-ec2-security-group-no-public-ssh",
                Severity::Critical,
                Verdict::Failed,
                "module.platform.module.network.aws_security_group.bastion[\"eu-west-1\"]",
                location("modules/network/main.tf", (24, 33)),
            )
        },
        Finding {
            attribute: Some("storage_encrypted".to_owned()),
            attribute_location: Some(location("modules/rds/main.tf", (18, 18))),
            message: "storage_encrypted is false".to_owned(),
            called_from: vec![location("environments/prod/main.tf", (11, 19))],
            snippet: snippet(
                16,
                &[
                    "  engine            = \"postgres\"",
                    "",
                    "  storage_encrypted = false",
                    "}",
                ],
                Some((18, 3, 25)),
            ),
            ..finding(
                "aws-rds-storage-encrypted",
                Severity::High,
                Verdict::Failed,
                "module.db.aws_db_instance.main[0]",
                location("modules/rds/main.tf", (12, 40)),
            )
        },
        Finding {
            attribute: Some("storage_encrypted".to_owned()),
            attribute_location: Some(location("environments/prod/replica.tf", (9, 9))),
            message: "whether it is encrypted is not known".to_owned(),
            reason: Some("storage_encrypted comes from var.encrypt, which has no value".to_owned()),
            snippet: snippet(9, &["  storage_encrypted = var.encrypt"], Some((9, 23, 11))),
            ..finding(
                "aws-rds-storage-encrypted",
                Severity::High,
                Verdict::Unknown,
                "aws_db_instance.replica",
                location("environments/prod/replica.tf", (1, 12)),
            )
        },
        Finding {
            message: "enable_key_rotation is false".to_owned(),
            suppression: Some(Suppression {
                kind: "inline",
                reason: Some("imported key material cannot rotate".to_owned()),
                until: Some("2027-01-31".to_owned()),
                owner: None,
            }),
            ..finding(
                "aws-kms-key-rotation",
                Severity::Low,
                Verdict::Skipped,
                "aws_kms_key.imported",
                location("environments/prod/keys.tf", (4, 9)),
            )
        },
        Finding {
            suppression: Some(Suppression {
                kind: "waiver",
                reason: None,
                until: None,
                owner: Some("platform".to_owned()),
            }),
            reason: Some("rotation depends on a data source".to_owned()),
            ..finding(
                "aws-kms-key-rotation",
                Severity::Low,
                Verdict::Skipped,
                "aws_kms_key.other",
                location("environments/prod/keys.tf", (11, 15)),
            )
        },
        finding(
            "aws-kms-key-rotation",
            Severity::Low,
            Verdict::Passed,
            "aws_kms_key.main",
            location("environments/prod/keys.tf", (1, 3)),
        ),
        Finding {
            change: Some("introduced".to_owned()),
            message: "the tags `owner` and `cost-centre` are missing".to_owned(),
            ..finding(
                "team-tags",
                Severity::Info,
                Verdict::Failed,
                "aws_sqs_queue.jobs",
                location("", (0, 0)),
            )
        },
        Finding {
            change: Some("fixed".to_owned()),
            ..finding(
                "team-tags",
                Severity::Info,
                Verdict::Passed,
                "aws_sqs_queue.mail",
                location("", (0, 0)),
            )
        },
    ]
}

fn problems() -> Vec<Problem> {
    vec![
        Problem {
            error: true,
            location: location("modules/queue/main.tf", (7, 7)),
            column: 12,
            message: "A string is not closed: a `\"` is missing at the end of the line.".to_owned(),
            snippet: snippet(
                6,
                &["resource \"aws_sqs_queue\" \"jobs\" {", "  name   = \"jobs"],
                Some((7, 12, 5)),
            ),
            called_from: vec![location("environments/prod/main.tf", (21, 24))],
        },
        Problem {
            error: false,
            location: location("plumbline.hcl", (3, 8)),
            column: 0,
            message: "This waiver matches nothing; remove it.".to_owned(),
            snippet: None,
            called_from: Vec::new(),
        },
        Problem {
            error: false,
            location: location("", (0, 0)),
            column: 0,
            message: "No terraform was found, so data sources stay unknown.".to_owned(),
            snippet: None,
            called_from: Vec::new(),
        },
    ]
}

fn compliance() -> Vec<Compliance> {
    let control =
        |control: &str, policies: &[&str], [passed, failed, unknown, skipped]: [usize; 4]| Control {
            control: control.to_owned(),
            policies: policies.iter().map(|policy| (*policy).to_owned()).collect(),
            passed,
            failed,
            unknown,
            skipped,
        };
    vec![
        Compliance {
            framework: "pci_dss".to_owned(),
            controls: vec![control("3.5.1", &["aws-rds-storage-encrypted"], [4, 1, 1, 0])],
        },
        Compliance {
            framework: "soc2".to_owned(),
            controls: vec![
                control("A1.2", &["aws-s3-bucket-versioning"], [3, 1, 0, 0]),
                control(
                    "CC6.1",
                    &["aws-kms-key-rotation", "aws-rds-storage-encrypted"],
                    [9, 0, 1, 2],
                ),
                control("CC6.3", &["aws-iam-no-wildcards"], [7, 0, 0, 1]),
                control("CC6.7", &["aws-elb-tls"], [5, 0, 0, 0]),
                control("CC7.2", &[], [0, 0, 0, 0]),
            ],
        },
    ]
}

/// Nothing to act on.
pub(super) fn empty() -> Report {
    Report {
        tool: "tf-gate".to_owned(),
        version: "0.1.0".to_owned(),
        summary: Summary {
            passed: 301,
            resources: 48,
            files: 12,
            policies: 118,
            ..Summary::default()
        },
        roots: vec![".".to_owned()],
        ..Report::default()
    }
}

/// So many findings, all of severity and verdict that come up in a large repository.
pub(super) fn many(number: usize) -> Report {
    let base = rich();
    let findings: Vec<Finding> = (0..number)
        .map(|index| {
            let of = &base.findings[index % 4];
            Finding {
                severity: Severity::ALL[index % 5],
                address: format!("{}[{index}]", of.address),
                fingerprint: format!("{index:016x}"),
                ..of.clone()
            }
        })
        .collect();
    Report {
        summary: summary(&findings),
        findings,
        ..base
    }
}

/// Everything that can be text is [`HOSTILE`].
pub(super) fn hostile() -> Report {
    let mut report = rich();
    let text = HOSTILE.to_owned();
    let place = location(HOSTILE, (3, 9));
    for finding in &mut report.findings {
        for field in [
            &mut finding.policy,
            &mut finding.address,
            &mut finding.ty,
            &mut finding.root,
            &mut finding.message,
        ] {
            field.clone_from(&text);
        }
        finding.fingerprint.clone_from(&text);
        finding.location.clone_from(&place);
        finding.attribute = Some(text.clone());
        finding.attribute_location = None;
        finding.reason = finding.reason.as_ref().map(|_| text.clone());
        finding.called_from = vec![place.clone(), place.clone()];
        finding.snippet = snippet(3, &[HOSTILE, HOSTILE], Some((3, 5, 20)));
        if let Some(suppression) = &mut finding.suppression {
            suppression.reason = Some(text.clone());
        }
    }
    for problem in &mut report.problems {
        problem.message.clone_from(&text);
        problem.location.clone_from(&place);
        problem.snippet = snippet(3, &[HOSTILE], Some((3, 1, 500)));
        problem.called_from = vec![place.clone()];
    }
    for compliance in &mut report.compliance {
        compliance.framework.clone_from(&text);
        for control in &mut compliance.controls {
            control.control.clone_from(&text);
            control.policies = vec![text.clone()];
        }
    }
    let frameworks = BTreeMap::from([(text.clone(), vec![text.clone()])]);
    let info = PolicyInfo {
        title: text.clone(),
        why: text.clone(),
        fix: text.clone(),
        checkov: vec![text.clone()],
        frameworks,
    };
    report.policies = BTreeMap::from([(text.clone(), info)]);
    report.roots = vec![text.clone(), text.clone()];
    report.tool = text;
    report
}
