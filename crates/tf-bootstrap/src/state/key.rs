//! Names: of lock files, of items in the lock table, of workspaces.
//!
//! Source: Terraform's S3 backend, <https://developer.hashicorp.com/terraform/language/backend/s3>.

/// What the name of a lock file ends with.
pub(crate) const LOCK_SUFFIX: &str = ".tflock";

/// What stands behind a state's key in the keys of the records that `tf-gate apply` writes beside it.
const RECORDS_SUFFIX: &str = ".audit";

/// What the id of a digest's item ends with.
const DIGEST_SUFFIX: &str = "-md5";

/// The prefix of workspaces, unless a backend names another.
const WORKSPACE_PREFIX: &str = "env:/";

/// The key of a state's lock file.
pub(crate) fn lock_file(key: &str) -> String {
    format!("{key}{LOCK_SUFFIX}")
}

/// The `LockID` of a state's lock.
pub(crate) fn lock_id(bucket: &str, key: &str) -> String {
    format!("{bucket}/{key}")
}

/// The `LockID` of a state's digest.
pub(crate) fn digest_id(bucket: &str, key: &str) -> String {
    format!("{bucket}/{key}{DIGEST_SUFFIX}")
}

/// The workspace that a key of the default prefix belongs to, and the key that the backend's settings have.
pub(crate) fn workspace(key: &str) -> (&str, &str) {
    let named = key
        .strip_prefix(WORKSPACE_PREFIX)
        .and_then(|rest| rest.split_once('/'));
    match named {
        Some((workspace, rest)) if !workspace.is_empty() && !rest.is_empty() => (workspace, rest),
        _ => ("default", key),
    }
}

/// Whether a key is that of the record of an apply: `KEY.audit/2026-01-31T060000Z-0123456789ab.json`.
pub(crate) fn is_record(key: &str) -> bool {
    let Some((folder, name)) = key.rsplit_once('/') else {
        return false;
    };
    let time = name.split_once("Z-").map_or("", |(time, _)| time);
    let timed = time.len() == "2026-01-31T060000".len()
        && time
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'T'));
    folder.ends_with(RECORDS_SUFFIX) && name.ends_with(".json") && timed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_told_from_states() {
        for (key, expected) in [
            (
                "a/terraform.tfstate.audit/2026-01-31T060000Z-0123456789ab.json",
                true,
            ),
            (
                "env:/blue/a/terraform.tfstate.audit/2026-01-31T060000Z-0123456789ab.json",
                true,
            ),
            ("a/terraform.tfstate", false),
            ("a.audit/terraform.tfstate", false),
            ("a.audit/state.json", false),
            ("a/2026-01-31T060000Z-0123456789ab.json", false),
        ] {
            assert_eq!(is_record(key), expected, "{key}");
        }
    }

    #[test]
    fn keys_of_workspaces_are_known() {
        let cases = [
            ("a/terraform.tfstate", ("default", "a/terraform.tfstate")),
            ("env:/blue/a/terraform.tfstate", ("blue", "a/terraform.tfstate")),
            // No workspace has an empty name; these are keys of somebody's own.
            ("env://a", ("default", "env://a")),
            ("env:/blue", ("default", "env:/blue")),
            ("env:/blue/", ("default", "env:/blue/")),
        ];
        for (key, expected) in cases {
            assert_eq!(workspace(key), expected, "{key}");
        }
    }

    #[test]
    fn ids_are_those_of_terraform() {
        assert_eq!(lock_id("b", "k/s"), "b/k/s");
        assert_eq!(digest_id("b", "k/s"), "b/k/s-md5");
        assert_eq!(lock_file("k/s"), "k/s.tflock");
    }
}
