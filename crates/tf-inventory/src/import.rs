//! `import` blocks: <https://developer.hashicorp.com/terraform/language/import>.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use crate::resource::Resource;

/// An `import` block. As text it is HCL that ends with a line feed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Import {
    /// The address: `aws_sqs_queue.orders`.
    pub to: String,
    /// The import ID.
    pub id: String,
    /// The provider, for what is not in the root's own region: `aws.eu_central_1`.
    pub provider: Option<String>,
}

impl fmt::Display for Import {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("import {\n")?;
        if let Some(provider) = &self.provider {
            writeln!(f, "  provider = {provider}")?;
        }
        let width = if self.provider.is_some() { 8 } else { 2 };
        writeln!(f, "  {:width$} = {}", "to", self.to)?;
        writeln!(f, "  {:width$} = {}\n}}", "id", quoted(&self.id))
    }
}

/// Blocks for resources, in their order, with names made of theirs. `home` is the region of the root's own provider; `taken` are the
/// addresses that the root has already, such as `aws_sqs_queue.orders`.
pub fn imports<'r>(
    resources: impl IntoIterator<Item = &'r Resource>,
    home: &str,
    taken: &BTreeSet<String>,
) -> Vec<Import> {
    let mut used: BTreeSet<String> = taken.clone();
    let mut next: BTreeMap<String, usize> = BTreeMap::new();
    resources
        .into_iter()
        .map(|resource| {
            let base = format!("{}.{}", resource.type_name, label(resource));
            let mut to = base.clone();
            while !used.insert(to.clone()) {
                let number = next.entry(base.clone()).or_insert(1);
                *number += 1;
                to = format!("{base}_{number}");
            }
            let region = resource.region.as_deref().filter(|region| *region != home);
            Import {
                to,
                id: resource.import_id.clone(),
                provider: region.map(|region| format!("aws.{}", region.replace('-', "_"))),
            }
        })
        .collect()
}

/// A file of blocks, which says first what providers it needs.
pub fn import_file(imports: &[Import]) -> String {
    let mut text = String::from(
        "# What exists and is in no state. To have Terraform write the configuration of it:\n\
         #   terraform plan -generate-config-out=generated.tf\n",
    );
    let providers: BTreeSet<&str> = imports
        .iter()
        .filter_map(|import| import.provider.as_deref())
        .collect();
    for provider in providers {
        let alias = provider.trim_start_matches("aws.");
        let region = alias.replace('_', "-");
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "# It needs:\n#   provider \"aws\" {{\n#     alias  = \"{alias}\"\n#     region = \"{region}\"\n#   }}\n"
        );
    }
    for import in imports {
        let _ = write!(text, "\n{import}");
    }
    text
}

/// A name that Terraform takes: <https://developer.hashicorp.com/terraform/language/syntax/configuration#identifiers>.
fn label(resource: &Resource) -> String {
    let name = resource.name.as_deref().unwrap_or(&resource.import_id);
    let name = name.strip_prefix("alias/").unwrap_or(name);
    let mut label = String::with_capacity(name.len());
    for character in name.chars() {
        match character.to_ascii_lowercase() {
            letter @ ('a'..='z' | '0'..='9') => label.push(letter),
            _ if label.is_empty() || label.ends_with('_') => {}
            _ => label.push('_'),
        }
    }
    label.truncate(label.trim_end_matches('_').len());
    match label.chars().next() {
        None => "imported".to_owned(),
        Some('0'..='9') => format!("_{label}"),
        Some(_) => label,
    }
}

/// A text as HCL has it, in which nothing is a template.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if characters.peek() == Some(&'{') => {
                out.push(character);
                out.push(character);
            }
            other if other.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", other as u32);
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(type_name: &'static str, id: &str, name: Option<&str>, region: &str) -> Resource {
        Resource {
            name: name.map(str::to_owned),
            region: (!region.is_empty()).then(|| region.to_owned()),
            ..Resource::new(type_name, id)
        }
    }

    #[test]
    fn names_are_valid_and_unique() {
        let taken = BTreeSet::from(["aws_sqs_queue.orders".to_owned()]);
        for (resource, to) in [
            (
                named("aws_sqs_queue", "u", Some("Orders"), ""),
                "aws_sqs_queue.orders_2",
            ),
            (named("aws_vpc", "vpc-0a1", None, ""), "aws_vpc.vpc_0a1"),
            (
                named("aws_s3_bucket", "1.logs", Some("1.logs"), ""),
                "aws_s3_bucket._1_logs",
            ),
            (
                named("aws_kms_key", "k", Some("alias/app/db"), ""),
                "aws_kms_key.app_db",
            ),
            (named("aws_vpc", "vpc-1", Some("日本"), ""), "aws_vpc.imported"),
            (
                named("aws_cloudwatch_log_group", "/aws/x-", Some("/aws/x-"), ""),
                "aws_cloudwatch_log_group.aws_x",
            ),
        ] {
            assert_eq!(imports([&resource], "eu-west-1", &taken)[0].to, to);
        }
        let same: Vec<Resource> = ["a", "A", "a.", "a_2"]
            .map(|name| named("aws_vpc", name, Some(name), ""))
            .into();
        let to: Vec<String> = imports(&same, "eu-west-1", &BTreeSet::new())
            .into_iter()
            .map(|import| import.to)
            .collect();
        assert_eq!(to, ["aws_vpc.a", "aws_vpc.a_2", "aws_vpc.a_3", "aws_vpc.a_2_2"]);
    }

    #[test]
    fn blocks_as_text() {
        let resources = [
            named("aws_iam_user", "a\"${b}\\%{c}$d", Some("a"), ""),
            named("aws_vpc", "vpc-1", Some("main"), "eu-west-1"),
            named("aws_vpc", "vpc-2", Some("main"), "eu-central-1"),
        ];
        let blocks = imports(&resources, "eu-west-1", &BTreeSet::new());
        insta::assert_snapshot!(import_file(&blocks), @r#"
        # What exists and is in no state. To have Terraform write the configuration of it:
        #   terraform plan -generate-config-out=generated.tf
        # It needs:
        #   provider "aws" {
        #     alias  = "eu_central_1"
        #     region = "eu-central-1"
        #   }

        import {
          to = aws_iam_user.a
          id = "a\"$${b}\\%%{c}$d"
        }

        import {
          to = aws_vpc.main
          id = "vpc-1"
        }

        import {
          provider = aws.eu_central_1
          to       = aws_vpc.main_2
          id       = "vpc-2"
        }
        "#);
    }
}
