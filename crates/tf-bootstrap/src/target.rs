//! Which account, region, bucket and table: flags over the environment over `plumbline.hcl`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use tf_aws::{Connection, call};
use tf_cli::settings::Settings;
use tf_cli::settings::bootstrap::{Account, Backend, Github, ObjectLock, Replication};

use crate::error::Error;
use crate::output::Output;

/// First part of names where nobody says another.
pub(crate) const PROJECT: &str = "plumbline";

/// Which backend.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct TargetArgs {
    /// The account: twelve digits, or a name from plumbline.hcl; may be given several times or as a list with commas
    #[arg(
        long = "account",
        global = true,
        value_name = "ID|NAME",
        value_delimiter = ',',
        env = "TF_BOOTSTRAP_ACCOUNT"
    )]
    pub(crate) accounts: Vec<String>,
    /// All accounts of plumbline.hcl, one after the other
    #[arg(long, global = true, conflicts_with_all = ["accounts", "bucket"])]
    pub(crate) all_accounts: bool,
    /// The state bucket
    #[arg(long, global = true, value_name = "NAME", env = "TF_BOOTSTRAP_BUCKET")]
    pub(crate) bucket: Option<String>,
    /// The lock table
    #[arg(long, global = true, value_name = "NAME", env = "TF_BOOTSTRAP_TABLE")]
    pub(crate) table: Option<String>,
    /// The region; otherwise as AWS tools find it
    #[arg(long, global = true, value_name = "REGION", env = "TF_BOOTSTRAP_REGION")]
    pub(crate) region: Option<String>,
    /// A profile of the shared AWS configuration
    #[arg(long, global = true, value_name = "NAME", env = "TF_BOOTSTRAP_PROFILE")]
    pub(crate) profile: Option<String>,
    /// A role to assume with the credentials found
    #[arg(long, global = true, value_name = "ARN", env = "TF_BOOTSTRAP_ASSUME_ROLE")]
    pub(crate) assume_role: Option<String>,
    /// Endpoint of all services, for emulators
    #[arg(long, global = true, value_name = "URL", env = "TF_BOOTSTRAP_ENDPOINT_URL")]
    pub(crate) endpoint_url: Option<String>,
}

/// What a subcommand works on.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// The account's name in `plumbline.hcl`, where it has one.
    pub(crate) name: Option<String>,
    /// The account's twelve digits, as STS tells them: the account that was meant, or the run has ended before.
    pub(crate) account: String,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub(crate) partition: String,
    /// Who we are: the caller's ARN.
    pub(crate) caller: String,
    /// Region of bucket, key and table.
    pub(crate) region: String,
    /// The state bucket.
    pub(crate) bucket: String,
    /// The lock table. It need not exist: a backend may lock by files alone.
    pub(crate) table: String,
    /// Part of names, and a tag.
    pub(crate) project: String,
    /// Everything else that the settings say of this account.
    pub(crate) settings: Backend,
    /// Folder of `plumbline.hcl`, or the working directory: where `environments/` is looked for.
    pub(crate) dir: PathBuf,
    /// Clients.
    pub(crate) connection: Connection,
    /// Where results go.
    pub(crate) output: Output,
}

impl Context {
    /// `111122223333 (dev), eu-west-1`: for headings and messages.
    pub(crate) fn title(&self) -> String {
        match &self.name {
            Some(name) => format!("account {} ({name}), {}", self.account, self.region),
            None => format!("account {}, {}", self.account, self.region),
        }
    }
}

/// An account as it was asked for, before anybody asked AWS.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Target {
    pub(crate) name: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) backend: Resolved,
}

/// Settings of a target with the flags laid over them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Resolved {
    pub(crate) project: String,
    pub(crate) region: Option<String>,
    pub(crate) bucket: Option<String>,
    pub(crate) table: Option<String>,
    pub(crate) profile: Option<String>,
    pub(crate) assume_role: Option<String>,
    pub(crate) endpoint_url: Option<String>,
}

/// The accounts of this run, each with its settings.
///
/// # Errors
/// Where it is not clear which are meant.
pub(crate) fn targets(args: &TargetArgs, settings: &Settings) -> Result<Vec<(Target, Backend)>, Error> {
    let bootstrap = &settings.bootstrap;
    let known = || {
        let names: Vec<&str> = bootstrap
            .accounts
            .iter()
            .map(|account| account.name.as_str())
            .collect();
        names.join(", ")
    };
    let named: Vec<&Account> = bootstrap.accounts.iter().collect();
    if args.all_accounts {
        if named.is_empty() {
            return Err(Error::Usage(
                "--all-accounts: plumbline.hcl names none; write bootstrap { account \"dev\" { id = … } }"
                    .to_owned(),
            ));
        }
        return Ok(named
            .into_iter()
            .map(|account| resolve(args, &bootstrap.defaults, Some(account), None))
            .collect());
    }
    if args.accounts.is_empty() {
        return match named.as_slice() {
            [] => Ok(vec![resolve(args, &bootstrap.defaults, None, None)]),
            [account] => Ok(vec![resolve(args, &bootstrap.defaults, Some(account), None)]),
            // A bucket says which one is meant, if one of them has it.
            _ => match named
                .iter()
                .filter(|account| args.bucket.is_some() && account.backend.bucket == args.bucket)
                .collect::<Vec<_>>()
                .as_slice()
            {
                [account] => Ok(vec![resolve(args, &bootstrap.defaults, Some(account), None)]),
                _ => Err(Error::Usage(format!(
                    "plumbline.hcl names several accounts: say which by --account ({}), or --all-accounts",
                    known()
                ))),
            },
        };
    }
    if args.accounts.len() > 1 && (args.bucket.is_some() || args.table.is_some()) {
        return Err(Error::Usage(
            "--bucket and --table are for one account: give each account's own in plumbline.hcl".to_owned(),
        ));
    }
    let mut targets = Vec::new();
    for wanted in &args.accounts {
        let is_id = wanted.len() == 12 && wanted.bytes().all(|byte| byte.is_ascii_digit());
        let found: Vec<&&Account> = named
            .iter()
            .filter(|account| account.name == *wanted || account.id == *wanted)
            // One account may have backends in several regions.
            .filter(|account| {
                let region = account
                    .backend
                    .region
                    .as_ref()
                    .or(bootstrap.defaults.region.as_ref());
                account.name == *wanted || args.region.is_none() || args.region.as_ref() == region
            })
            .collect();
        match (found.as_slice(), is_id) {
            ([], true) => targets.push(resolve(args, &bootstrap.defaults, None, Some(wanted))),
            ([], false) => {
                return Err(Error::Usage(format!(
                    "\"{wanted}\" is neither an account's twelve digits nor a name in plumbline.hcl ({})",
                    match named.is_empty() {
                        true => "which names none".to_owned(),
                        false => known(),
                    }
                )));
            }
            (found, _) => targets.extend(
                found
                    .iter()
                    .map(|account| resolve(args, &bootstrap.defaults, Some(account), None)),
            ),
        }
    }
    Ok(targets)
}

fn resolve(
    args: &TargetArgs,
    defaults: &Backend,
    account: Option<&Account>,
    id: Option<&str>,
) -> (Target, Backend) {
    let settings = merge(defaults, account.map(|account| &account.backend));
    let or = |flag: &Option<String>, setting: &Option<String>| flag.clone().or_else(|| setting.clone());
    let backend = Resolved {
        project: settings.project.clone().unwrap_or_else(|| PROJECT.to_owned()),
        region: or(&args.region, &settings.region),
        bucket: or(&args.bucket, &settings.bucket),
        table: or(&args.table, &settings.table),
        profile: or(&args.profile, &settings.profile),
        assume_role: or(&args.assume_role, &settings.assume_role),
        endpoint_url: or(&args.endpoint_url, &settings.endpoint_url),
    };
    let target = Target {
        name: account.map(|account| account.name.clone()),
        account: account
            .map(|account| account.id.clone())
            .or(id.map(str::to_owned)),
        backend,
    };
    (target, settings)
}

/// What an account says, over what holds for all.
fn merge(defaults: &Backend, account: Option<&Backend>) -> Backend {
    let Some(account) = account else {
        return defaults.clone();
    };
    let mut tags: BTreeMap<String, String> = defaults.tags.clone();
    tags.extend(account.tags.clone());
    fn or<T: Clone>(account: &Option<T>, default: &Option<T>) -> Option<T> {
        account.clone().or_else(|| default.clone())
    }
    Backend {
        project: or(&account.project, &defaults.project),
        region: or(&account.region, &defaults.region),
        bucket: or(&account.bucket, &defaults.bucket),
        table: or(&account.table, &defaults.table),
        log_bucket: or(&account.log_bucket, &defaults.log_bucket),
        profile: or(&account.profile, &defaults.profile),
        assume_role: or(&account.assume_role, &defaults.assume_role),
        endpoint_url: or(&account.endpoint_url, &defaults.endpoint_url),
        environments: or(&account.environments, &defaults.environments),
        sse: or(&account.sse, &defaults.sse),
        noncurrent_versions: or(&account.noncurrent_versions, &defaults.noncurrent_versions),
        noncurrent_days: or(&account.noncurrent_days, &defaults.noncurrent_days),
        tags,
        replication: or::<Replication>(&account.replication, &defaults.replication),
        object_lock: or::<ObjectLock>(&account.object_lock, &defaults.object_lock),
        github: or::<Github>(&account.github, &defaults.github),
    }
}

/// Connects to a target, and makes sure that the credentials are those of the account that was meant.
///
/// # Errors
/// Where there are no credentials or no region, or the account is another one.
pub(crate) async fn connect(
    target: Target,
    settings: Backend,
    dir: PathBuf,
    output: Output,
) -> Result<Context, Error> {
    let options = tf_aws::Options {
        region: target.backend.region.clone(),
        endpoint_url: target.backend.endpoint_url.clone(),
        profile: target.backend.profile.clone(),
        assume_role: target.backend.assume_role.clone(),
    };
    let connection = Connection::open(options).await?;
    let identity = call(
        "sts:GetCallerIdentity",
        "the caller",
        connection.sts().get_caller_identity().send(),
    )
    .await?;
    let account = identity.account().unwrap_or_default().to_owned();
    let caller = identity.arn().unwrap_or_default().to_owned();
    if let Some(meant) = target.account.as_deref().filter(|meant| *meant != account) {
        let name = target
            .name
            .as_ref()
            .map(|name| format!(" ({name})"))
            .unwrap_or_default();
        return Err(Error::Refused(format!(
            "the credentials are those of account {account} ({caller}), and {meant}{name} was meant: choose another profile or role"
        )));
    }
    let project = target.backend.project;
    Ok(Context {
        bucket: target
            .backend
            .bucket
            .unwrap_or_else(|| format!("{project}-{account}-tfstate")),
        table: target
            .backend
            .table
            .unwrap_or_else(|| format!("{project}-tflock")),
        region: connection.region().to_owned(),
        partition: caller
            .split(':')
            .nth(1)
            .filter(|part| !part.is_empty())
            .unwrap_or("aws")
            .to_owned(),
        name: target.name,
        account,
        caller,
        project,
        settings,
        dir,
        connection,
        output,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(accounts: &[(&str, &str, Option<&str>)]) -> Settings {
        let mut settings = Settings::default();
        settings.bootstrap.defaults.region = Some("eu-west-1".to_owned());
        settings
            .bootstrap
            .defaults
            .tags
            .insert("owner".to_owned(), "all".to_owned());
        for (name, id, region) in accounts {
            let backend = Backend {
                region: region.map(str::to_owned),
                bucket: Some(format!("{name}-state")),
                ..Backend::default()
            };
            settings.bootstrap.accounts.push(Account {
                name: (*name).to_owned(),
                id: (*id).to_owned(),
                backend,
            });
        }
        settings
    }

    fn found(args: &TargetArgs, settings: &Settings) -> Result<Vec<(Option<String>, String)>, String> {
        let targets = targets(args, settings).map_err(|error| error.to_string())?;
        Ok(targets
            .into_iter()
            .map(|(target, _)| (target.account, target.backend.bucket.unwrap_or_default()))
            .collect())
    }

    fn asked(accounts: &[&str]) -> TargetArgs {
        TargetArgs {
            accounts: accounts.iter().map(|name| (*name).to_owned()).collect(),
            ..TargetArgs::default()
        }
    }

    const ONE: &str = "111122223333";
    const TWO: &str = "444455556666";

    #[test]
    fn accounts_are_found_by_name_and_by_number() {
        let settings = settings(&[
            ("dev", ONE, None),
            ("prod", TWO, None),
            ("dr", TWO, Some("eu-central-1")),
        ]);
        let pair = |id: &str, bucket: &str| (Some(id.to_owned()), bucket.to_owned());
        for (args, expected) in [
            (asked(&["dev"]), vec![pair(ONE, "dev-state")]),
            (
                asked(&["prod", "dev"]),
                vec![pair(TWO, "prod-state"), pair(ONE, "dev-state")],
            ),
            (
                asked(&[TWO]),
                vec![pair(TWO, "prod-state"), pair(TWO, "dr-state")],
            ),
            (
                TargetArgs {
                    region: Some("eu-central-1".to_owned()),
                    ..asked(&[TWO])
                },
                vec![pair(TWO, "dr-state")],
            ),
            (asked(&["777788889999"]), vec![pair("777788889999", "")]),
            (
                TargetArgs {
                    all_accounts: true,
                    ..TargetArgs::default()
                },
                vec![
                    pair(ONE, "dev-state"),
                    pair(TWO, "prod-state"),
                    pair(TWO, "dr-state"),
                ],
            ),
            (
                TargetArgs {
                    bucket: Some("dr-state".to_owned()),
                    ..TargetArgs::default()
                },
                vec![pair(TWO, "dr-state")],
            ),
        ] {
            assert_eq!(found(&args, &settings).unwrap(), expected, "{args:?}");
        }
        assert!(
            found(&asked(&[]), &settings)
                .unwrap_err()
                .contains("several accounts")
        );
        assert!(
            found(&asked(&["qa"]), &settings)
                .unwrap_err()
                .contains("dev, prod, dr")
        );
        let one_bucket = TargetArgs {
            bucket: Some("x".to_owned()),
            ..asked(&["dev", "prod"])
        };
        assert!(
            found(&one_bucket, &settings)
                .unwrap_err()
                .contains("for one account")
        );
    }

    #[test]
    fn flags_win_over_an_account_which_wins_over_all() {
        let mut settings = settings(&[("dev", ONE, Some("eu-north-1"))]);
        settings.bootstrap.accounts[0]
            .backend
            .tags
            .insert("owner".to_owned(), "dev".to_owned());
        let (target, backend) = targets(&asked(&["dev"]), &settings).unwrap().remove(0);
        assert_eq!(target.backend.region.as_deref(), Some("eu-north-1"));
        assert_eq!(backend.tags["owner"], "dev");
        let args = TargetArgs {
            region: Some("us-east-1".to_owned()),
            bucket: Some("flag".to_owned()),
            ..asked(&["dev"])
        };
        let (target, _) = targets(&args, &settings).unwrap().remove(0);
        assert_eq!(target.backend.region.as_deref(), Some("us-east-1"));
        assert_eq!(target.backend.bucket.as_deref(), Some("flag"));
        let nothing = Settings::default();
        assert_eq!(found(&asked(&[]), &nothing).unwrap(), [(None, String::new())]);
    }
}
