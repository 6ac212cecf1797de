//! Which environment something belongs to: what its tag says, else the folder of its root.

/// Folders below which each environment has one.
const FOLDERS: [&str; 3] = ["environments", "envs", "env"];

/// The environment that a root's path names: `prod` of `infra/environments/prod/data`.
pub fn environment_of(path: &str) -> Option<String> {
    let mut parts = path.split(['/', '\\']);
    parts.find(|part| FOLDERS.contains(part))?;
    parts.next().filter(|name| !name.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_below_environments_names_it() {
        for (path, environment) in [
            ("infra/environments/prod/data", Some("prod")),
            ("environments/dev", Some("dev")),
            ("envs/staging/a", Some("staging")),
            ("environments/", None),
            ("prod/data", None),
            (".", None),
        ] {
            assert_eq!(environment_of(path).as_deref(), environment, "{path}");
        }
    }
}
