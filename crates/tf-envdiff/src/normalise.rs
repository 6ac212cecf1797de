//! What names an environment: taken out of texts before they are compared, so that it does not drown the rest.
//!
//! Nothing is taken out of a value alone: texts that differ as written are compared once more without it, and where they are
//! the same then, the difference is left out *and counted* under what had been taken out.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

/// Why a difference is left out.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Category {
    /// The environment's name, or another word for it, inside a text.
    Names,
    /// ARNs, whose account, region and names differ.
    Arns,
    /// Account ids: twelve digits.
    Accounts,
    /// Regions, and zones of them.
    Regions,
    /// Private address ranges of one size; never `0.0.0.0/0`.
    Cidrs,
    /// Hosts, where the whole text is one, or behind `://`.
    Domains,
    /// Ids that AWS gives: of hosted zones, VPCs, keys.
    Ids,
    /// Values of tags; a tag that is missing is a difference.
    Tags,
    /// Attributes that the provider alone decides.
    Computed,
    /// Known in one environment, and in a plan of another only after it is applied.
    Unknown,
}

impl Category {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Category; 10] = [
        Category::Names,
        Category::Arns,
        Category::Accounts,
        Category::Regions,
        Category::Cidrs,
        Category::Domains,
        Category::Ids,
        Category::Tags,
        Category::Computed,
        Category::Unknown,
    ];

    /// The name that settings and reports have for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Category::Names => "names",
            Category::Arns => "arns",
            Category::Accounts => "accounts",
            Category::Regions => "regions",
            Category::Cidrs => "cidrs",
            Category::Domains => "domains",
            Category::Ids => "ids",
            Category::Tags => "tags",
            Category::Computed => "computed",
            Category::Unknown => "unknown",
        }
    }

    /// The category of a name.
    pub fn parse(name: &str) -> Option<Category> {
        Category::ALL
            .into_iter()
            .find(|category| category.as_str() == name)
    }
}

/// Words that mean the same environment.
const SYNONYMS: [&[&str]; 6] = [
    &["dev", "develop", "development"],
    &["test", "testing", "tst"],
    &["qa"],
    &["stage", "staging", "stg"],
    &["preprod", "pre-production", "preproduction"],
    &["prod", "production", "prd", "live"],
];

/// The words by which texts name an environment.
pub fn words(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut words = BTreeSet::new();
    for name in names {
        let name = name.to_lowercase();
        if let Some(same) = SYNONYMS.iter().find(|same| same.contains(&name.as_str())) {
            words.extend(same.iter().map(|word| (*word).to_owned()));
        }
        // One letter is no name, and `.` names any folder.
        if name.chars().filter(|letter| letter.is_alphanumeric()).count() > 1 {
            words.insert(name);
        }
    }
    // The longest first: `pre-production` before `production`.
    let mut words: Vec<String> = words.into_iter().collect();
    words.sort_by_key(|word| (std::cmp::Reverse(word.len()), word.clone()));
    words
}

/// Takes out of texts what names an environment.
#[derive(Debug)]
pub struct Normaliser {
    /// By environment.
    words: Vec<Option<Regex>>,
    /// By environment: its own hosts, the longest first.
    hosts: Vec<Option<Regex>>,
    off: BTreeSet<Category>,
}

fn regex(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

static ACCOUNT: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r"\b\d{12}\b"));
static REGION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\b(?:us|eu|ap|sa|ca|me|af|il|mx|cn)(?:-(?:gov|iso|isob))?-(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-\d(?P<zone>[a-f]?)\b",
    )
});
static CIDR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\b(?:10(?:\.\d{1,3}){3}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}|192\.168(?:\.\d{1,3}){2}|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])(?:\.\d{1,3}){2})(?P<size>/\d{1,2})?\b",
    )
});
static HOST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(r"(?P<before>^|://)(?:\*\.)?(?:[A-Za-z0-9_{}-]+\.)+(?P<top>[a-z]{2,})(?P<after>[:/?#]|\.?$)")
});
static ID: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\b(?:(?:vpc|subnet|sg|sgr|igw|nat|eni|i|vol|snap|ami|rtb|rtbassoc|acl|eipalloc|eipassoc|lt|vpce|vgw|tgw|dopt|pl|pcx|fs|fsap|fl|mrk|key|cluster|db)-[0-9a-f]{8,32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|Z[A-Z0-9]{9,31})\b",
    )
});

/// The letters that Secrets Manager adds to the name of a secret in its ARN:
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html>.
static SECRET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(r"^(?P<secret>arn:[a-z-]+:secretsmanager:[^:]*:[^:]*:secret:.+)-[A-Za-z0-9]{6}(?P<part>:.*)?$")
});

/// Hosts of services, which are no names of an environment.
const SERVICES: [&str; 7] = [
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazon.com",
    "aws.dev",
    "cloudfront.net",
    "terraform.io",
    "docker.io",
];

/// Endings of hosts; besides these those of countries, which have two letters.
const TOPS: [&str; 26] = [
    "com",
    "org",
    "net",
    "edu",
    "gov",
    "info",
    "biz",
    "dev",
    "app",
    "cloud",
    "tech",
    "online",
    "site",
    "shop",
    "store",
    "systems",
    "internal",
    "local",
    "localdomain",
    "intern",
    "corp",
    "lan",
    "test",
    "example",
    "invalid",
    "host",
];

/// Endings of two letters that are those of files rather than of countries.
const FILES: [&str; 12] = [
    "py", "js", "ts", "sh", "rb", "rs", "go", "tf", "md", "ps", "cc", "gz",
];

impl Normaliser {
    /// A normaliser for environments by their words; the categories are left as they are written.
    pub fn new(words: &[Vec<String>], hosts: &[BTreeSet<String>], off: BTreeSet<Category>) -> Normaliser {
        let hosts = hosts
            .iter()
            .map(|hosts| {
                let mut hosts: Vec<&String> = hosts.iter().collect();
                hosts.sort_by_key(|host| (std::cmp::Reverse(host.len()), (*host).clone()));
                let alternatives: Vec<String> = hosts.iter().map(|host| regex::escape(host)).collect();
                match alternatives.is_empty() {
                    true => None,
                    false => regex(&format!(r"\b(?:{})\b", alternatives.join("|"))),
                }
            })
            .collect();
        let words = words
            .iter()
            .map(|words| {
                let alternatives: Vec<String> = words.iter().map(|word| regex::escape(word)).collect();
                // Neighbours are no letters or digits; `\b` would take `_` for one.
                match alternatives.is_empty() {
                    true => None,
                    false => regex(&format!(
                        r"(?i)(?P<before>^|[^A-Za-z0-9])(?:{})(?P<after>$|[^A-Za-z0-9])",
                        alternatives.join("|")
                    )),
                }
            })
            .collect();
        Normaliser { words, hosts, off }
    }

    /// Whether a category is taken out.
    pub fn takes(&self, category: Category) -> bool {
        !self.off.contains(&category)
    }

    /// A text of an environment without what names it.
    pub fn text<'t>(
        &self,
        environment: usize,
        text: &'t str,
        taken: &mut BTreeSet<Category>,
    ) -> Cow<'t, str> {
        let mut out = Cow::Borrowed(text);
        let is_arn = text.starts_with("arn:") && self.takes(Category::Arns);
        let mut replace = |category: Category, pattern: &Option<Regex>, with: &str| {
            let Some(pattern) = pattern.as_ref().filter(|_| self.takes(category) || is_arn) else {
                return;
            };
            if pattern.is_match(&out) {
                out = Cow::Owned(pattern.replace_all(&out, with).into_owned());
                taken.insert(if is_arn { Category::Arns } else { category });
            }
        };
        // An address of e-mail has a host that is the people's, not the environment's.
        if let Some(hosts) = self.hosts.get(environment).filter(|_| !text.contains('@')) {
            replace(Category::Domains, hosts, "{domain}");
        }
        if is_arn && text.contains(":secretsmanager:") {
            replace(Category::Ids, &SECRET, "$secret-{id}$part");
        }
        let letters = Letters::of(text);
        if letters.dash || letters.capital_z {
            replace(Category::Ids, &ID, "{id}");
        }
        if letters.digit {
            replace(Category::Accounts, &ACCOUNT, "{account}");
            replace(Category::Regions, &REGION, "{region}$zone");
        }
        if letters.digit && letters.dot {
            replace(Category::Cidrs, &CIDR, "{cidr}$size");
        }
        if let Some(words) = self.words.get(environment) {
            // Twice: a neighbour belongs to one match only, as in `dev-dev`.
            replace(Category::Names, words, "$before{environment}$after");
            replace(Category::Names, words, "$before{environment}$after");
        }
        if self.takes(Category::Domains)
            && letters.dot
            && let Some(host) = HOST.as_ref()
            && let Some(found) = host.captures(&out)
            && is_domain(&found)
        {
            out = Cow::Owned(host.replace(&out, "$before{domain}$after").into_owned());
            taken.insert(Category::Domains);
        }
        out
    }
}

/// What letters a text has: most have none of those that a pattern needs, and are not searched for it.
#[derive(Default)]
struct Letters {
    digit: bool,
    dash: bool,
    dot: bool,
    capital_z: bool,
}

impl Letters {
    fn of(text: &str) -> Letters {
        let mut out = Letters::default();
        for byte in text.bytes() {
            out.digit |= byte.is_ascii_digit();
            out.dash |= byte == b'-';
            out.dot |= byte == b'.';
            out.capital_z |= byte == b'Z';
        }
        out
    }
}

/// Whether a text is the name of a host that may be an environment's own.
pub fn is_host(text: &str) -> bool {
    HOST.as_ref()
        .and_then(|host| host.captures(text))
        .is_some_and(|found| {
            found.get(0).is_some_and(|whole| whole.as_str() == text)
                && !text.contains("://")
                && is_domain(&found)
        })
}

fn is_domain(found: &regex::Captures<'_>) -> bool {
    let part = |name: &str| found.name(name).map_or("", |part| part.as_str());
    let whole = found.get(0).map_or("", |whole| whole.as_str());
    // Behind a host without a scheme stands a path: that is the name of an image.
    if part("before").is_empty() && part("after") == "/" {
        return false;
    }
    let host = whole
        .trim_start_matches("://")
        .trim_end_matches([':', '/', '?', '#', '.']);
    let top = part("top");
    let known = TOPS.contains(&top) || top.len() == 2 && !FILES.contains(&top);
    known && !SERVICES.iter().any(|service| host.ends_with(service))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(texts: [&str; 2]) -> Option<Vec<&'static str>> {
        let words = [words(["dev".to_owned()]), words(["prod".to_owned()])];
        let normaliser = Normaliser::new(&words, &[], BTreeSet::new());
        let mut taken = BTreeSet::new();
        let [one, other] = [0, 1].map(|at| normaliser.text(at, texts[at], &mut taken).into_owned());
        (one == other).then(|| taken.into_iter().map(Category::as_str).collect())
    }

    #[test]
    fn what_names_an_environment_is_taken_out() {
        for (texts, want) in [
            (["app-dev-data", "app-prod-data"], vec!["names"]),
            (["/app/dev/dev/x", "/app/prod/prod/x"], vec!["names"]),
            (["app_Development", "app_Production"], vec!["names"]),
            (["111122223333", "444455556666"], vec!["accounts"]),
            (["eu-west-1a", "us-east-2a"], vec!["regions"]),
            (["10.0.0.0/16", "10.1.0.0/16"], vec!["cidrs"]),
            (
                ["dev.services.example.com", "services.example.com"],
                vec!["names", "domains"],
            ),
            (
                ["https://dev.example.com/x", "https://example.com/x"],
                vec!["names", "domains"],
            ),
            (["vpc-0123456789abcdef0", "vpc-abcdef01"], vec!["ids"]),
            (
                [
                    "arn:aws:secretsmanager:eu-west-1:111122223333:secret:dev/db-eqoypU:password::",
                    "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-jsXw0q:password::",
                ],
                vec!["arns"],
            ),
            (
                [
                    "arn:aws:sns:eu-west-1:111122223333:dev-x",
                    "arn:aws:sns:us-east-1:444455556666:prod-x",
                ],
                vec!["arns"],
            ),
        ] {
            assert_eq!(same(texts).as_deref(), Some(&*want), "{texts:?}");
        }
    }

    #[test]
    fn what_means_something_stays() {
        for texts in [
            ["10.0.0.0/16", "10.0.0.0/8"],
            ["10.0.0.0/8", "0.0.0.0/0"],
            ["203.0.113.0/24", "0.0.0.0/0"],
            ["eu-west-1a", "eu-west-1b"],
            ["1.2.3", "1.2.4"],
            ["process.handle", "other.handle"],
            ["ecr.api", "ecr.dkr"],
            ["docker.io/x/y:1", "ghcr.io/x/y:1"],
            ["s3.amazonaws.com", "ec2.amazonaws.com"],
            ["device-1", "product-1"],
            ["dev-a", "prod-b"],
        ] {
            assert_eq!(same(texts), None, "{texts:?}");
        }
        assert_eq!(same(["app-dev", "app-dev"]), None, "prod names dev");
    }
}
