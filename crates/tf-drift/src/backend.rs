//! Where the state of a root is, as far as it is in S3: as its configuration says, or as Terraform keeps it once the root is initialised.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use tf_aws::Options as AwsOptions;
use tf_lang::ast::{Attribute, Block, ExprKind, ObjectKey};
use tf_lang::{SourceFile, SourceMap};
use tf_model::{Options, Project};

/// A root's own settings of its backend, for `terraform init -backend-config=backend.hcl`.
pub(crate) const FILE: &str = "backend.hcl";

/// The prefix of workspaces, unless a backend names another one.
pub(crate) const WORKSPACES: &str = "env:";

/// The settings of a backend in S3 that matter here: <https://developer.hashicorp.com/terraform/language/backend/s3>. Credentials are not
/// read.
#[derive(Clone, Default, PartialEq, Eq, Debug, Deserialize)]
pub(crate) struct S3 {
    pub(crate) bucket: Option<String>,
    pub(crate) key: Option<String>,
    region: Option<String>,
    profile: Option<String>,
    workspace_key_prefix: Option<String>,
    endpoint: Option<String>,
    endpoints: Option<Endpoints>,
    role_arn: Option<String>,
    assume_role: Option<Role>,
}

#[derive(Clone, Default, PartialEq, Eq, Debug, Deserialize)]
struct Endpoints {
    s3: Option<String>,
}

#[derive(Clone, Default, PartialEq, Eq, Debug, Deserialize)]
struct Role {
    role_arn: Option<String>,
}

/// Where a state is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Backend {
    /// In a bucket.
    S3(Box<S3>),
    /// In a file.
    Local(PathBuf),
    /// Somewhere else.
    Other,
}

#[derive(Deserialize)]
struct Kept {
    backend: Option<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    ty: String,
    config: Json,
}

impl Backend {
    /// That of a root's folder once it is initialised. Without a backend, Terraform keeps the state beside the configuration.
    pub(crate) fn initialised(dir: &Path) -> Backend {
        let data = std::env::var_os("TF_DATA_DIR").map_or(PathBuf::from(".terraform"), PathBuf::from);
        let text = std::fs::read(dir.join(data).join("terraform.tfstate")).unwrap_or_default();
        let kept = serde_json::from_slice::<Kept>(&text)
            .ok()
            .and_then(|kept| kept.backend);
        let Some(kind) = kept else {
            return Backend::Local(dir.join("terraform.tfstate"));
        };
        let path = kind.config.get("path").and_then(Json::as_str).map(str::to_owned);
        match kind.ty.as_str() {
            "s3" => serde_json::from_value(kind.config).map_or(Backend::Other, Backend::S3),
            "local" => Backend::Local(dir.join(path.as_deref().unwrap_or("terraform.tfstate"))),
            _ => Backend::Other,
        }
    }
}

impl S3 {
    /// What a root's configuration says, with the settings of files and flags, of which the later ones win. `None` where the backend is
    /// none in S3, or does not say which object.
    pub(crate) fn declared(dir: &Path, settings: &[String]) -> Option<S3> {
        let block = block(dir)?;
        if block.label(0) != Some("s3") {
            return None;
        }
        let mut all = Map::new();
        add(&mut all, &block.body.attributes);
        for inner in &block.body.blocks {
            let mut members = Map::new();
            add(&mut members, &inner.body.attributes);
            all.insert(inner.kind.name.to_string(), Json::Object(members));
        }
        for setting in settings {
            match setting.split_once('=') {
                Some((name, value)) => {
                    all.insert(name.trim().to_owned(), Json::from(value));
                }
                None => add(&mut all, &of_file(&dir.join(setting))),
            }
        }
        let s3: S3 = serde_json::from_value(Json::Object(all)).ok()?;
        (s3.bucket.is_some() && s3.key.is_some()).then_some(s3)
    }

    /// The workspace whose state a key is; `None` where it is that of another root.
    pub(crate) fn workspace_of<'k>(&self, key: &'k str) -> Option<&'k str> {
        let own = self.key.as_deref()?;
        if key == own {
            return Some("default");
        }
        let prefix = self.workspace_key_prefix.as_deref().unwrap_or(WORKSPACES);
        let (workspace, rest) = key.strip_prefix(prefix)?.strip_prefix('/')?.split_once('/')?;
        (rest == own && !workspace.is_empty()).then_some(workspace)
    }

    /// The key of a workspace's state.
    pub(crate) fn state(&self, workspace: &str) -> Option<String> {
        let key = self.key.as_ref()?;
        Some(match workspace {
            "default" => key.clone(),
            _ => {
                let prefix = self.workspace_key_prefix.as_deref().unwrap_or(WORKSPACES);
                format!("{prefix}/{workspace}/{key}")
            }
        })
    }

    /// How Terraform finds the bucket.
    pub(crate) fn options(&self) -> AwsOptions {
        let some = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let role = self.assume_role.as_ref().and_then(|role| some(&role.role_arn));
        let endpoint = self.endpoints.as_ref().and_then(|endpoints| some(&endpoints.s3));
        AwsOptions {
            region: some(&self.region),
            endpoint_url: endpoint.or(some(&self.endpoint)),
            profile: some(&self.profile),
            assume_role: role.or(some(&self.role_arn)),
        }
    }
}

/// The `backend` or `cloud` block of a root.
fn block(dir: &Path) -> Option<Block> {
    let project = Project::load_root(dir, &Options::default()).ok()?;
    let module = project.module(project.roots().first()?)?;
    let mut inner = module.settings.iter().flat_map(|block| &block.body.blocks);
    inner
        .find(|block| matches!(&*block.kind.name, "backend" | "cloud"))
        .cloned()
}

/// Whether a root has a backend whose settings may stand in a file beside it.
pub(crate) fn has_file(dir: &Path) -> bool {
    dir.join(FILE).is_file() && block(dir).is_some_and(|block| &*block.kind.name == "backend")
}

fn of_file(path: &Path) -> Vec<Attribute> {
    let Ok(text) = std::fs::read_to_string(path) else {
        return Vec::new();
    };
    let mut sources = SourceMap::new();
    let file = sources.add(SourceFile::new(path.to_string_lossy(), text.as_str()));
    tf_lang::parse::parse_body(file, &text).map_or(Vec::new(), |body| body.attributes)
}

/// Adds what is written out; a backend takes nothing else.
fn add(all: &mut Map<String, Json>, attributes: &[Attribute]) {
    for attribute in attributes {
        if let Some(value) = literal(&attribute.value.kind) {
            all.insert(attribute.name.name.to_string(), value);
        }
    }
}

fn literal(kind: &ExprKind) -> Option<Json> {
    match kind {
        ExprKind::String(text) => Some(Json::from(&**text)),
        ExprKind::Object(items) => {
            let mut members = Map::new();
            for (key, value) in items {
                let name = match key {
                    ObjectKey::Name(name) => name.name.to_string(),
                    ObjectKey::Expr(key) => literal(&key.kind)?.as_str()?.to_owned(),
                };
                if let Some(value) = literal(&value.kind) {
                    members.insert(name, value);
                }
            }
            Some(Json::Object(members))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn root(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(dir.path().join(name), text).unwrap();
        }
        dir
    }

    #[test]
    fn the_object_is_found_wherever_it_is_written() {
        let whole = "terraform {\n  backend \"s3\" {\n    bucket = \"b\"\n    key = \"k\"\n    encrypt = true\n    assume_role = {\n      role_arn = \"r\"\n    }\n  }\n}\n";
        let open = "terraform {\n  backend \"s3\" {}\n}\n";
        let json = r#"{"terraform": {"backend": {"s3": {"bucket": "b", "key": "k"}}}}"#;
        let file = "bucket = \"b\"\nkey = \"k\"\n";
        for (files, settings, want) in [
            (vec![("a.tf", whole)], vec![], Some(("b", "k"))),
            (vec![("a.tf.json", json)], vec![], Some(("b", "k"))),
            (
                vec![("a.tf", open), ("backend.hcl", file)],
                vec!["backend.hcl"],
                Some(("b", "k")),
            ),
            (
                vec![("a.tf", open), ("backend.hcl", file)],
                vec!["backend.hcl", "key=l"],
                Some(("b", "l")),
            ),
            (vec![("a.tf", open), ("backend.hcl", file)], vec![], None),
            (
                vec![
                    ("a.tf", whole),
                    ("x_override.tf", "terraform {\n  backend \"local\" {}\n}\n"),
                ],
                vec![],
                None,
            ),
            (vec![("a.tf", "")], vec!["bucket=b", "key=k"], None),
        ] {
            let dir = root(&files);
            let settings: Vec<String> = settings.into_iter().map(str::to_owned).collect();
            let s3 = S3::declared(dir.path(), &settings);
            let found = s3
                .as_ref()
                .and_then(|s3| Some((s3.bucket.as_deref()?, s3.key.as_deref()?)));
            assert_eq!(found, want, "{files:?} {settings:?}");
        }
        let s3 = S3::declared(root(&[("a.tf", whole)]).path(), &[]).unwrap();
        assert_eq!(s3.options().assume_role.as_deref(), Some("r"));
    }

    #[test]
    fn workspaces_have_keys_of_their_own() {
        let mut s3 = S3 {
            bucket: Some("b".to_owned()),
            key: Some("a/k".to_owned()),
            ..S3::default()
        };
        for (key, workspace) in [
            ("a/k", Some("default")),
            ("env:/blue/a/k", Some("blue")),
            ("env:/blue/b/k", None),
            ("env://a/k", None),
            ("envs/blue/a/k", None),
        ] {
            assert_eq!(s3.workspace_of(key), workspace, "{key}");
            if let Some(workspace) = workspace {
                assert_eq!(s3.state(workspace).as_deref(), Some(key));
            }
        }
        s3.workspace_key_prefix = Some("envs".to_owned());
        assert_eq!(s3.workspace_of("envs/blue/a/k"), Some("blue"));
        assert_eq!(s3.workspace_of("env:/blue/a/k"), None);
    }

    #[test]
    fn terraform_keeps_where_a_state_is() {
        let dir = root(&[]);
        assert_eq!(
            Backend::initialised(dir.path()),
            Backend::Local(dir.path().join("terraform.tfstate"))
        );
        fs::create_dir(dir.path().join(".terraform")).unwrap();
        let kept = |text: &str| {
            fs::write(dir.path().join(".terraform/terraform.tfstate"), text).unwrap();
            Backend::initialised(dir.path())
        };
        let s3 = kept(
            r#"{"backend": {"type": "s3", "config": {"bucket": "b", "key": "k", "region": null, "access_key": "AKIA",
                "endpoints": {"s3": "http://127.0.0.1:1", "iam": null}, "assume_role": null}}}"#,
        );
        let Backend::S3(s3) = s3 else { panic!("{s3:?}") };
        assert!(!format!("{s3:?}").contains("AKIA"));
        assert_eq!(s3.options().endpoint_url.as_deref(), Some("http://127.0.0.1:1"));
        assert_eq!(
            kept(r#"{"backend": {"type": "local", "config": {"path": "x.tfstate"}}}"#),
            Backend::Local(dir.path().join("x.tfstate"))
        );
        assert_eq!(
            kept(r#"{"backend": {"type": "gcs", "config": {}}}"#),
            Backend::Other
        );
    }
}
