//! `cargo xtask schema`: asks the real Terraform what the AWS provider's resources look like and what it plans by
//! itself, and writes both down for the static reader of configurations, in `crates/tf-model/schema/`:
//!
//! - `aws.txt`, the schema, from `terraform providers schema -json`, without its descriptions and its repetitions;
//! - `aws-defaults.txt`, what no schema says: the values that a plan has where a configuration has none, and the
//!   written values that a plan changes. They are found by planning the resources in `probe/*.tf`. Nothing of that
//!   calls AWS: planning to create something asks the provider alone.
//!
//! Each file begins with its own grammar; the texts of both heads lie in `probe/`, beside what they speak about.
//! The provider's release is the one that `probe/provider.tf` pins. With `--check` nothing is written, and a
//! difference is an error.
//!
//! # How a departure from the schema is told
//!
//! The schema alone predicts a plan: what is written stays; what is not written is unknown if the provider may
//! compute it, else null; a nested block that is not written is an empty list. Only departures from that are
//! recorded. A probe is compared place by place with its sisters, the other resources of its type: the sister with
//! the least in it sets the rule of a place, and where another departs from that rule, what only the other has
//! written is the condition. Probes that vary one thing at a time therefore make conditions of one term.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

/// The provider, as Terraform's outputs and mirror folders call it.
const PROVIDER: &str = "registry.terraform.io/hashicorp/aws";

/// What stands for a value that is only known after apply. It is no JSON, so that no value can be mistaken for it.
const UNKNOWN: &str = "?";

/// Remakes the files; with `--check` in `args`, only compares them.
///
/// # Errors
///
/// If Terraform or the provider is missing or fails, if a probe cannot be planned, if two probes contradict each
/// other in a way that nothing they have written explains, or if a file cannot be read or written; with `--check`,
/// also if a file is not what it should be.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let check = match args {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => bail!("usage: cargo xtask schema [--check]"),
    };
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("xtask has no workspace")?;
    let folder = workspace.join("crates/tf-model/schema");
    let probes = folder.join("probe");

    let terraform = Terraform::new(&probes, &workspace.join("target/schema"))?;
    let schema = terraform.schema()?;
    let plan = terraform.plan()?;
    let made = [
        (
            "aws.txt",
            schema_text(&head(&folder, "aws.txt")?, &terraform.release()?, &schema)?,
        ),
        (
            "aws-defaults.txt",
            defaults_text(&head(&folder, "aws-defaults.txt")?, &schema, &plan)?,
        ),
    ];
    for (name, text) in made {
        let path = folder.join(name);
        if check {
            compare(&path, &text)?;
        } else {
            fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        }
    }
    Ok(())
}

/// The head of a file, as comment lines.
fn head(folder: &Path, name: &str) -> Result<String> {
    let path = folder.join("head").join(name);
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let lines = text
        .lines()
        .map(|line| format!("# {line}").trim_end().to_owned() + "\n");
    Ok(lines.collect())
}

/// Fails at the first line in which a file is not what it should be.
fn compare(path: &Path, text: &str) -> Result<()> {
    let old = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    if old == text {
        return Ok(());
    }
    let pairs = old
        .lines()
        .map(Some)
        .chain([None])
        .zip(text.lines().map(Some).chain([None]));
    let same = pairs.take_while(|(old, new)| old == new).count();
    bail!(
        "{}:{}: the file has `{}`, and terraform's answer makes it `{}`: run `cargo xtask schema` and read the difference",
        path.display(),
        same + 1,
        old.lines().nth(same).unwrap_or_default(),
        text.lines().nth(same).unwrap_or_default(),
    )
}

// ---------------------------------------------------------------------------------------------------------------
// Terraform
// ---------------------------------------------------------------------------------------------------------------

/// Terraform in a copy of the probes, with the provider installed.
struct Terraform {
    /// The copy.
    root: PathBuf,
    /// A CLI configuration that names the mirror folder; `None` leaves the choice of provider to Terraform.
    configuration: Option<PathBuf>,
}

impl Terraform {
    /// Copies the probes to `scratch`, which is emptied first, and installs the provider there.
    fn new(probes: &Path, scratch: &Path) -> Result<Terraform> {
        if scratch.exists() {
            fs::remove_dir_all(scratch).with_context(|| format!("emptying {}", scratch.display()))?;
        }
        let root = scratch.join("root");
        fs::create_dir_all(&root).with_context(|| format!("creating {}", root.display()))?;
        for entry in fs::read_dir(probes).with_context(|| format!("reading {}", probes.display()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "tf") {
                let copy = root.join(path.file_name().context("a probe without a name")?);
                fs::copy(&path, &copy).with_context(|| format!("copying {}", path.display()))?;
            }
        }
        let configuration = match mirror() {
            Some(mirror) => Some(write_configuration(scratch, &mirror)?),
            None => None,
        };
        let terraform = Terraform { root, configuration };
        terraform.run(&["init", "-input=false", "-no-color"])?;
        Ok(terraform)
    }

    /// Runs Terraform without anything that the user's environment would change about its answers.
    ///
    /// The endpoint is a port that nobody listens to: a probe whose plan would call AWS fails at once, here as well
    /// as on a machine that has a network.
    fn run(&self, args: &[&str]) -> Result<Output> {
        let mut command = Command::new("terraform");
        for (name, _) in std::env::vars_os() {
            let bytes = name.as_encoded_bytes();
            if bytes.starts_with(b"AWS_") || (bytes.starts_with(b"TF_") && bytes != b"TF_CLI_CONFIG_FILE") {
                command.env_remove(name);
            }
        }
        if let Some(configuration) = &self.configuration {
            command.env("TF_CLI_CONFIG_FILE", configuration);
        }
        let output = command
            .args(args)
            .current_dir(&self.root)
            .env("AWS_CONFIG_FILE", self.root.join("no-configuration"))
            .env("AWS_SHARED_CREDENTIALS_FILE", self.root.join("no-credentials"))
            .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
            .env("CHECKPOINT_DISABLE", "1")
            .env("TZ", "UTC")
            .output()
            .context("starting terraform: it must be installed and on PATH")?;
        ensure!(
            output.status.success(),
            "`terraform {}` failed ({}):\n{}",
            args.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(output)
    }

    /// Runs Terraform and reads its standard output as JSON.
    fn json(&self, args: &[&str]) -> Result<Value> {
        let output = self.run(args)?;
        serde_json::from_slice(&output.stdout)
            .with_context(|| format!("`terraform {}` did not answer in JSON", args.join(" ")))
    }

    /// The provider's schemas.
    fn schema(&self) -> Result<Value> {
        let mut answer = self.json(&["providers", "schema", "-json"])?;
        let schema = answer
            .pointer_mut("/provider_schemas")
            .and_then(|schemas| schemas.get_mut(PROVIDER))
            .with_context(|| format!("terraform has no schema of {PROVIDER}"))?;
        Ok(schema.take())
    }

    /// The plan that creates all probes.
    fn plan(&self) -> Result<Value> {
        self.run(&[
            "plan",
            "-input=false",
            "-no-color",
            "-lock=false",
            "-refresh=false",
            "-out=probe.tfplan",
        ])?;
        self.json(&["show", "-json", "probe.tfplan"])
    }

    /// The provider's release.
    fn release(&self) -> Result<String> {
        let answer = self.json(&["version", "-json"])?;
        let release = answer
            .get("provider_selections")
            .and_then(|selections| selections.get(PROVIDER)?.as_str())
            .with_context(|| format!("terraform does not say which release of {PROVIDER} it uses"))?;
        Ok(release.to_owned())
    }
}

/// A folder of providers that can be used without a registry.
///
/// Terraform itself looks only into folders of its own; an image for continuous integration keeps its providers
/// wherever it likes, so one level below the usual places is searched too.
fn mirror() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("TF_PLUGIN_MIRROR") {
        return Some(PathBuf::from(folder));
    }
    let mut folders: Vec<PathBuf> = std::env::home_dir()
        .map(|home| home.join(".terraform.d/plugins"))
        .into_iter()
        .collect();
    folders.push(PathBuf::from("/usr/local/share/terraform/plugins"));
    folders.push(PathBuf::from("/usr/share/terraform/plugins"));
    for parent in ["/opt", "/srv", "/usr/local"] {
        let mut children: Vec<PathBuf> = fs::read_dir(parent)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        children.sort();
        folders.append(&mut children);
    }
    folders.into_iter().find(|folder| folder.join(PROVIDER).is_dir())
}

/// Writes a CLI configuration that takes providers from a mirror folder alone.
fn write_configuration(scratch: &Path, mirror: &Path) -> Result<PathBuf> {
    let configuration = scratch.join("mirror.tfrc");
    // A JSON string is an HCL string, but for `${` and `%{`, which would start a template.
    let folder = Value::from(mirror.to_str().context("the mirror folder's name is not UTF-8")?).to_string();
    let folder = folder.replace("${", "$${").replace("%{", "%%{");
    let text = format!("provider_installation {{\n  filesystem_mirror {{\n    path = {folder}\n  }}\n}}\n");
    fs::write(&configuration, text).with_context(|| format!("writing {}", configuration.display()))?;
    Ok(configuration)
}

// ---------------------------------------------------------------------------------------------------------------
// aws.txt
// ---------------------------------------------------------------------------------------------------------------

/// Bodies with fewer lines than this are repeated wherever they occur: that reads better than a reference.
const WORTH_SHARING: usize = 4;

/// The schema as text.
fn schema_text(head: &str, release: &str, schema: &Value) -> Result<String> {
    let mut bodies = Bodies::default();
    let mut sections = Vec::new();
    let provider = schema
        .get("provider")
        .context("the schema has no provider block")?;
    sections.push(("provider aws".to_owned(), bodies.of_section(provider)?));
    for (kind, key) in [("resource", "resource_schemas"), ("data", "data_source_schemas")] {
        for (name, section) in sorted(
            schema
                .get(key)
                .with_context(|| format!("the schema has no {key}"))?,
        ) {
            let body = bodies
                .of_section(section)
                .with_context(|| format!("in {kind} {name}"))?;
            let deprecated = flag(section.get("block").unwrap_or(&Value::Null), "deprecated");
            let title = format!("{kind} {name}{}", if deprecated { " D" } else { "" });
            sections.push((title, body));
        }
    }

    let mut writer = Writer::new(&bodies);
    for (title, body) in &sections {
        writer.section(title, *body);
    }
    let sections = writer.text;
    let shared = Writer::shared(&bodies, writer.names);
    Ok(format!(
        "{head}\nsource hashicorp/aws {release}\n{shared}{sections}"
    ))
}

/// A body as text, without what is nested in it.
#[derive(PartialEq, Eq, Hash, Clone, Default)]
struct Body {
    /// One line each.
    attributes: Vec<String>,
    blocks: Vec<Nested>,
}

/// A nested block, or an attribute that is built like one.
#[derive(PartialEq, Eq, Hash, Clone)]
struct Nested {
    name: String,
    /// The line that announces it.
    line: String,
    /// Its body's place in [`Bodies`].
    body: usize,
}

/// All bodies, each different one once.
///
/// The statements of a web ACL and the visuals of a dashboard repeat the same blocks thousands of times; written
/// out they make up nine tenths of the schema.
#[derive(Default)]
struct Bodies {
    list: Vec<Body>,
    /// How many lines each body has, with all that is nested in it.
    lines: Vec<usize>,
    /// In how many places of *different* bodies each occurs.
    uses: Vec<usize>,
    numbers: HashMap<Body, usize>,
}

impl Bodies {
    /// The body of a resource type, a data source or the provider.
    fn of_section(&mut self, section: &Value) -> Result<usize> {
        self.of_block(section.get("block").context("a schema without a block")?)
    }

    /// The body of a block in Terraform's schema JSON.
    fn of_block(&mut self, block: &Value) -> Result<usize> {
        let mut body = Body::default();
        self.add_attributes(&mut body, block)?;
        for (name, nested) in members(block, "block_types") {
            let inner = nested
                .get("block")
                .with_context(|| format!("block {name} has no body"))?;
            let mut line = format!("{name}{{}} {}", text_of(nested, "nesting_mode")?);
            push_limits(&mut line, nested);
            if flag(inner, "deprecated") {
                line.push_str(" D");
            }
            let number = self.of_block(inner)?;
            body.blocks.push(Nested {
                name: name.to_owned(),
                line,
                body: number,
            });
        }
        Ok(self.number(body))
    }

    /// Adds the attributes of a block, or of an attribute's nested type, which has the same shape.
    fn add_attributes(&mut self, body: &mut Body, block: &Value) -> Result<()> {
        for (name, attribute) in members(block, "attributes") {
            let Some(nested) = attribute.get("nested_type") else {
                let ty = attribute
                    .get("type")
                    .with_context(|| format!("attribute {name} has no type"))?;
                let ty = type_text(ty).with_context(|| format!("in the type of {name}"))?;
                body.attributes.push(format!("{name} {ty} {}", flags(attribute)));
                continue;
            };
            let mut line = format!("{name}={{}} {}", text_of(nested, "nesting_mode")?);
            push_limits(&mut line, nested);
            let _ = write!(line, " {}", flags(attribute));
            let mut inner = Body::default();
            self.add_attributes(&mut inner, nested)?;
            let number = self.number(inner);
            body.blocks.push(Nested {
                name: name.to_owned(),
                line,
                body: number,
            });
        }
        Ok(())
    }

    /// The number of a body, which is a new one if there was no such body before.
    fn number(&mut self, body: Body) -> usize {
        if let Some(number) = self.numbers.get(&body) {
            return *number;
        }
        let number = self.list.len();
        let mut lines = body.attributes.len();
        for nested in &body.blocks {
            self.uses[nested.body] += 1;
            lines += 1 + self.lines[nested.body];
        }
        self.list.push(body.clone());
        self.lines.push(lines);
        self.uses.push(0);
        self.numbers.insert(body, number);
        number
    }

    /// Whether a body is written once, under a name.
    fn is_shared(&self, number: usize) -> bool {
        self.uses[number] > 1 && self.lines[number] >= WORTH_SHARING
    }
}

/// Writes bodies, and gives names to shared ones as it meets them.
struct Writer<'a> {
    bodies: &'a Bodies,
    text: String,
    names: Names,
}

/// The names of shared bodies.
#[derive(Default)]
struct Names {
    of: HashMap<usize, String>,
    /// How many bodies are called after the same block.
    counts: HashMap<String, usize>,
}

impl Names {
    /// The name of a shared body that is met in a block: the block's own, with a number if that is taken.
    fn name(&mut self, body: usize, block: &str) -> String {
        if let Some(name) = self.of.get(&body) {
            return name.clone();
        }
        let count = self.counts.entry(block.to_owned()).or_default();
        *count += 1;
        let name = if *count == 1 {
            block.to_owned()
        } else {
            format!("{block}-{count}")
        };
        self.of.insert(body, name.clone());
        name
    }
}

impl<'a> Writer<'a> {
    fn new(bodies: &'a Bodies) -> Writer<'a> {
        Writer {
            bodies,
            text: String::new(),
            names: Names::default(),
        }
    }

    /// All shared bodies, those that other shared bodies refer to among them, by name.
    fn shared(bodies: &'a Bodies, names: Names) -> String {
        let mut written = BTreeMap::new();
        let mut names = names;
        loop {
            let mut open: Vec<(usize, String)> = names
                .of
                .iter()
                .map(|(body, name)| (*body, name.clone()))
                .collect();
            open.retain(|(_, name)| !written.contains_key(name));
            if open.is_empty() {
                return written.into_values().collect();
            }
            // The order in which names are given must not be that of a hash map.
            open.sort_by(|(_, one), (_, other)| one.cmp(other));
            for (body, name) in open {
                let mut writer = Writer {
                    bodies,
                    text: String::new(),
                    names,
                };
                writer.section(&format!("@{name}"), body);
                written.insert(name, writer.text);
                names = writer.names;
            }
        }
    }

    /// A title and a body below it.
    fn section(&mut self, title: &str, body: usize) {
        self.text.push('\n');
        self.text.push_str(title);
        self.text.push('\n');
        self.body(body, 1);
    }

    fn body(&mut self, number: usize, depth: usize) {
        let body = &self.bodies.list[number];
        for attribute in &body.attributes {
            self.line(depth, attribute);
        }
        for nested in &body.blocks {
            if self.bodies.is_shared(nested.body) {
                let name = self.names.name(nested.body, &nested.name);
                self.line(depth, &format!("{} @{name}", nested.line));
            } else {
                self.line(depth, &nested.line);
                self.body(nested.body, depth + 1);
            }
        }
    }

    fn line(&mut self, depth: usize, line: &str) {
        for _ in 0..depth {
            self.text.push_str("  ");
        }
        self.text.push_str(line);
        self.text.push('\n');
    }
}

/// How an attribute may be used.
fn flags(attribute: &Value) -> String {
    let letters = [
        ("required", 'R'),
        ("optional", 'O'),
        ("computed", 'C'),
        ("sensitive", 'S'),
        ("deprecated", 'D'),
        ("write_only", 'W'),
    ];
    letters
        .iter()
        .filter(|(key, _)| flag(attribute, key))
        .map(|(_, letter)| letter)
        .collect()
}

/// Appends how many of a nested block there may be.
fn push_limits(line: &mut String, nested: &Value) {
    for (key, word) in [("min_items", "min"), ("max_items", "max")] {
        if let Some(count) = nested.get(key).and_then(Value::as_u64).filter(|count| *count > 0) {
            let _ = write!(line, " {word}={count}");
        }
    }
}

/// A type of Terraform's JSON in the notation of its language.
fn type_text(ty: &Value) -> Result<String> {
    let parts = match ty {
        Value::String(name) if name == "dynamic" => return Ok("any".to_owned()),
        Value::String(name) => return Ok(name.clone()),
        Value::Array(parts) => parts.as_slice(),
        _ => &[],
    };
    match parts {
        [Value::String(kind), Value::Object(attributes), optional @ ..] if kind == "object" => {
            let optional = optional
                .first()
                .and_then(Value::as_array)
                .map_or(&[][..], Vec::as_slice);
            let attributes = sorted_map(attributes).map(|(name, ty)| {
                let text = type_text(ty)?;
                let is_optional = optional.iter().any(|other| other.as_str() == Some(name));
                Ok(if is_optional {
                    format!("{name}=optional({text})")
                } else {
                    format!("{name}={text}")
                })
            });
            Ok(format!(
                "object({{{}}})",
                attributes.collect::<Result<Vec<_>>>()?.join(",")
            ))
        }
        [Value::String(kind), Value::Array(elements)] if kind == "tuple" => {
            let elements: Vec<String> = elements.iter().map(type_text).collect::<Result<_>>()?;
            Ok(format!("tuple([{}])", elements.join(",")))
        }
        [Value::String(kind), element] => Ok(format!("{kind}({})", type_text(element)?)),
        _ => bail!("{ty} is no type of Terraform's"),
    }
}

// ---------------------------------------------------------------------------------------------------------------
// aws-defaults.txt
// ---------------------------------------------------------------------------------------------------------------

/// What the probes show, as text.
fn defaults_text(head: &str, schema: &Value, plan: &Value) -> Result<String> {
    let kinds = observe_probes(schema, plan)?;
    let mut text = format!("{head}\n");
    let mut usual = Vec::new();
    let mut riddles = String::new();
    for (kind, probes) in &kinds {
        let mut rules = Vec::new();
        for place in probes
            .iter()
            .flat_map(|probe| probe.places.keys())
            .collect::<BTreeSet<_>>()
        {
            if let Err(riddle) = rules_of_place(place, probes, &mut rules) {
                write!(riddles, "\n{kind} {riddle}")?;
            }
        }
        if rules.is_empty() {
            usual.push(*kind);
        }
        for rule in rules {
            writeln!(text, "{kind} {rule}")?;
        }
    }
    ensure!(
        riddles.is_empty(),
        "some probes do not say why they differ:{riddles}"
    );
    let with_empty_tags = kinds
        .iter()
        .filter(|(_, probes)| probes.iter().any(|probe| probe.empty_tags_all));
    push_names(
        &mut text,
        "Probed, and found to be planned as the schema predicts:",
        &usual,
    )?;
    push_names(
        &mut text,
        "Types whose tags_all is planned as {} where there are no tags, and not as unknown:",
        &with_empty_tags.map(|(kind, _)| *kind).collect::<Vec<_>>(),
    )?;
    Ok(text)
}

/// Appends a comment that lists names.
fn push_names(text: &mut String, title: &str, names: &[&str]) -> Result<()> {
    write!(text, "\n# {title}")?;
    let mut width = usize::MAX;
    for name in names {
        // One line a hundred characters: a change of one name changes one line or two.
        if width > 100 {
            text.push_str("\n#");
            width = 0;
        }
        write!(text, " {name}")?;
        width += name.len() + 1;
    }
    text.push('\n');
    Ok(())
}

/// A resource of `probe/`, and what the plan makes of it.
#[derive(Default)]
struct Probe {
    name: String,
    /// What it has written, by path: a literal, or [`WRITTEN`] for a nested block.
    facts: BTreeMap<String, String>,
    places: BTreeMap<Place, Seen>,
    /// Whether it has no tags and is planned to have none, instead of whatever the provider will find.
    empty_tags_all: bool,
}

/// The literal of a nested block, which is a fact whatever is in it.
const WRITTEN: &str = "written";

/// Something that can be compared between probes.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Place {
    path: String,
    /// What the probe has written there: only the same can be expected to be planned alike.
    written: Option<String>,
}

/// What is planned in a place.
struct Seen {
    planned: String,
    /// What the schema predicts.
    predicted: String,
}

/// A departure from the schema: a line of the file, without the resource type.
struct Rule {
    place: Place,
    planned: String,
    /// Facts that must all hold.
    conditions: Vec<(String, String)>,
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.place.path)?;
        match &self.place.written {
            Some(written) => write!(f, " : {written} -> {}", self.planned)?,
            None => write!(f, " = {}", self.planned)?,
        }
        for (index, (path, literal)) in self.conditions.iter().enumerate() {
            f.write_str(if index == 0 { " if " } else { " and " })?;
            if literal == WRITTEN {
                write!(f, "{path} {WRITTEN}")?;
            } else {
                write!(f, "{path} = {literal}")?;
            }
        }
        Ok(())
    }
}

/// All probes by resource type, observed.
fn observe_probes<'a>(schema: &'a Value, plan: &Value) -> Result<BTreeMap<&'a str, Vec<Probe>>> {
    let kinds = schema
        .get("resource_schemas")
        .context("the schema has no resources")?;
    let kinds: BTreeMap<&str, &Value> = sorted(kinds).collect();
    let written: HashMap<&str, &Value> = list(plan.pointer("/configuration/root_module/resources"))
        .filter_map(|resource| Some((resource.get("address")?.as_str()?, resource.get("expressions")?)))
        .collect();
    let mut probes: BTreeMap<&str, Vec<Probe>> = BTreeMap::new();
    for resource in list(plan.get("resource_changes")) {
        let address = text_of(resource, "address")?;
        // The probes have resources of Terraform's own too, for values that are unknown.
        let Some((kind, section)) = kinds.get_key_value(text_of(resource, "type")?) else {
            continue;
        };
        let change = resource
            .get("change")
            .context("a planned resource without a change")?;
        let mut probe = Probe {
            name: text_of(resource, "name")?.to_owned(),
            ..Probe::default()
        };
        let part = Part {
            written: written.get(address).copied().unwrap_or(&Value::Null),
            planned: change.get("after").unwrap_or(&Value::Null),
            unknown: change.get("after_unknown").unwrap_or(&Value::Null),
        };
        let block = section
            .get("block")
            .context("a resource schema without a block")?;
        probe
            .observe(block, part, "")
            .with_context(|| format!("in the probe {address}"))?;
        probes.entry(kind).or_default().push(probe);
    }
    Ok(probes)
}

/// One part of a resource as the three JSON trees of a plan describe it.
#[derive(Clone, Copy)]
struct Part<'a> {
    /// The expressions of the configuration.
    written: &'a Value,
    /// The values, as far as they are known.
    planned: &'a Value,
    /// `true` where a value is unknown.
    unknown: &'a Value,
}

impl<'a> Part<'a> {
    /// The part that belongs to an attribute or a nested block.
    fn member(self, name: &str) -> Part<'a> {
        let of = |value: &'a Value| value.get(name).unwrap_or(&Value::Null);
        Part {
            written: of(self.written),
            planned: of(self.planned),
            unknown: of(self.unknown),
        }
    }

    /// The part that belongs to the first of a list of nested blocks.
    fn first(self) -> Part<'a> {
        let of = |value: &'a Value| value.get(0).unwrap_or(&Value::Null);
        Part {
            written: of(self.written),
            planned: of(self.planned),
            unknown: of(self.unknown),
        }
    }

    fn is_written(self) -> bool {
        !self.written.is_null()
    }

    /// What is planned, as a literal.
    fn literal(self, ty: &Value) -> String {
        literal(self.planned, self.unknown, ty)
    }
}

impl Probe {
    /// Records what a body shows.
    fn observe(&mut self, block: &Value, part: Part<'_>, path: &str) -> Result<()> {
        for (name, attribute) in members(block, "attributes") {
            let member = part.member(name);
            if path.is_empty() && name == "tags_all" {
                self.empty_tags_all =
                    !part.member("tags").is_written() && member.literal(&Value::Null) == "{}";
            } else {
                self.observe_attribute(attribute, member, join(path, name));
            }
        }
        for (name, nested) in members(block, "block_types") {
            self.observe_block(nested, part.member(name), join(path, name))?;
        }
        Ok(())
    }

    fn observe_attribute(&mut self, attribute: &Value, part: Part<'_>, path: String) {
        let ty = attribute.get("type").unwrap_or(&Value::Null);
        let planned = part.literal(ty);
        if !part.is_written() {
            let predicted = if flag(attribute, "computed") {
                UNKNOWN
            } else {
                "null"
            };
            return self.see(path, None, planned, predicted.to_owned());
        }
        let Some(constant) = part.written.get("constant_value") else {
            // It refers to something: the plan cannot be compared with it.
            self.facts.insert(path, UNKNOWN.to_owned());
            return;
        };
        let written = literal(constant, &Value::Null, ty);
        self.facts.insert(path.clone(), written.clone());
        if let Some(attributes) = block_like(ty) {
            let part = Part {
                written: constant,
                ..part
            };
            if count(part.written) == 1 && count(part.planned) == 1 {
                return self.observe_object(attributes, part.first(), &path);
            }
        }
        let predicted = if flag(attribute, "write_only") {
            "null".to_owned()
        } else {
            written.clone()
        };
        self.see(path, Some(written), planned, predicted);
    }

    /// Records what an attribute shows that may be written like a nested block, and often is.
    fn observe_object(&mut self, attributes: &Map<String, Value>, part: Part<'_>, path: &str) {
        for (name, ty) in sorted_map(attributes) {
            let member = part.member(name);
            let planned = member.literal(ty);
            let written = literal(member.written, &Value::Null, ty);
            let place = member.is_written().then(|| written.clone());
            self.see(join(path, name), place, planned, written);
        }
    }

    fn observe_block(&mut self, nested: &Value, part: Part<'_>, path: String) -> Result<()> {
        let block = nested
            .get("block")
            .with_context(|| format!("{path} has no body"))?;
        let is_single = matches!(text_of(nested, "nesting_mode")?, "single" | "group");
        let planned = part.literal(&Value::Null);
        if !part.is_written() {
            let predicted = if is_single { "null" } else { "[]" };
            // Which of the two there is in place of no block depends on what else is in the block around it.
            let planned = if planned == "null" {
                predicted.to_owned()
            } else {
                planned
            };
            self.see(path, None, planned, predicted.to_owned());
            return Ok(());
        }
        self.facts.insert(path.clone(), WRITTEN.to_owned());
        if is_single && part.planned.is_object() {
            return self.observe(block, part, &path);
        }
        let is_whole = part.unknown != &Value::Bool(true) && count(part.planned) == count(part.written);
        if !is_whole {
            let written = written_block(part.written);
            self.see(path, Some(written.clone()), planned, written);
            return Ok(());
        }
        // Several blocks are written only where one is not enough, and a set forgets their order: the first of a
        // list speaks for the others, and those of a set do not speak at all.
        let is_list = text_of(nested, "nesting_mode")? == "list";
        if is_list || count(part.written) == 1 {
            return self.observe(block, part.first(), &path);
        }
        Ok(())
    }

    fn see(&mut self, path: String, written: Option<String>, planned: String, predicted: String) {
        self.places
            .insert(Place { path, written }, Seen { planned, predicted });
    }

    /// What this probe has written and another has not, but for what lies in a place itself.
    fn apart(&self, other: &Probe, place: &Place) -> Vec<(&String, &String)> {
        let inside = format!("{}.", place.path);
        self.facts
            .iter()
            .filter(|(path, literal)| other.facts.get(*path) != Some(*literal))
            .filter(|(path, _)| **path != place.path && !path.starts_with(&inside))
            .collect()
    }

    fn has(&self, conditions: &[(String, String)]) -> bool {
        conditions
            .iter()
            .all(|(path, literal)| self.facts.get(path) == Some(literal))
    }
}

/// The departures that the probes of one resource type show in one place.
///
/// The probe with the fewest facts sets the rule, for it has the least that could make it an exception.
fn rules_of_place(place: &Place, probes: &[Probe], rules: &mut Vec<Rule>) -> Result<()> {
    let mut sisters: Vec<(&Probe, &Seen)> = probes
        .iter()
        .filter_map(|probe| Some((probe, probe.places.get(place)?)))
        .collect();
    sisters.sort_by_key(|(probe, _)| (probe.facts.len(), &probe.name));
    let Some(((first, usual), others)) = sisters.split_first() else {
        return Ok(());
    };
    if usual.planned != usual.predicted {
        rules.push(Rule {
            place: place.clone(),
            planned: usual.planned.clone(),
            conditions: Vec::new(),
        });
    }
    let mut open: Vec<_> = others
        .iter()
        .filter(|(_, seen)| seen.planned != usual.planned)
        .collect();
    open.sort_by_key(|(probe, _)| probe.apart(first, place).len());
    while let Some((probe, seen)) = open.first() {
        let conditions = conditions(place, first, probe, seen, &sisters)?;
        open.retain(|(probe, _)| !probe.has(&conditions));
        rules.push(Rule {
            place: place.clone(),
            planned: seen.planned.clone(),
            conditions,
        });
    }
    Ok(())
}

/// What makes a probe differ from the first of its sisters: one fact that it shares only with probes that are
/// planned alike, or, if there is no single one, all that it has and the first has not.
fn conditions(
    place: &Place,
    first: &Probe,
    probe: &Probe,
    seen: &Seen,
    sisters: &[(&Probe, &Seen)],
) -> Result<Vec<(String, String)>> {
    let apart: Vec<_> = probe
        .apart(first, place)
        .into_iter()
        .map(|(path, literal)| (path.clone(), literal.clone()))
        .collect();
    let holds = |conditions: &[(String, String)]| {
        let mut alike = sisters.iter().filter(|(sister, _)| sister.has(conditions));
        !conditions.is_empty() && alike.all(|(_, other)| other.planned == seen.planned)
    };
    let mut single = apart.iter().filter(|fact| holds(std::slice::from_ref(fact)));
    match (single.next(), single.next()) {
        (Some(fact), None) => Ok(vec![fact.clone()]),
        _ if apart.len() <= MOST_CONDITIONS && holds(&apart) => Ok(apart),
        _ => bail!(
            "{} is planned as {} in `{}`, unlike in `{}`, and too much else differs between them to say why: \
             add a probe that varies one thing",
            place.path,
            seen.planned,
            probe.name,
            first.name
        ),
    }
}

/// A rule with more conditions than this says rather that the probes do not tell.
const MOST_CONDITIONS: usize = 3;

/// A path and a name below it.
fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// The attributes of the objects in a list or set of objects.
fn block_like(ty: &Value) -> Option<&Map<String, Value>> {
    let [Value::String(kind), Value::Array(object)] = ty.as_array()?.as_slice() else {
        return None;
    };
    let is_collection = kind == "list" || kind == "set";
    object.get(1).filter(|_| is_collection)?.as_object()
}

/// A value of a type as a literal: JSON, but with [`UNKNOWN`] for what is unknown.
///
/// Values are converted to the type as Terraform does it (what a configuration writes as `"80"` is planned as `80`
/// where a number is wanted), and sets are put in order, so that literals can be compared.
fn literal(value: &Value, unknown: &Value, ty: &Value) -> String {
    if unknown == &Value::Bool(true) {
        return UNKNOWN.to_owned();
    }
    let ty = Shape::of(ty);
    match value {
        Value::Array(elements) => {
            let mut elements: Vec<String> = elements
                .iter()
                .enumerate()
                .map(|(index, element)| {
                    literal(element, unknown.get(index).unwrap_or(&Value::Null), ty.element)
                })
                .collect();
            if ty.kind == "set" {
                elements.sort();
                elements.dedup();
            }
            format!("[{}]", elements.join(", "))
        }
        Value::Object(_) => {
            let names: BTreeSet<&str> = sorted(value)
                .chain(sorted(unknown))
                .map(|(name, _)| name)
                .collect();
            let members = names.into_iter().map(|name| {
                let of = |tree: &Value| tree.get(name).cloned().unwrap_or(Value::Null);
                let name_text = Value::from(name);
                format!(
                    "{name_text}: {}",
                    literal(&of(value), &of(unknown), ty.member(name))
                )
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        Value::Number(_) | Value::Bool(_) if ty.kind == "string" => format!("\"{value}\""),
        Value::String(text) if ty.kind == "number" || ty.kind == "bool" => text.clone(),
        _ => value.to_string(),
    }
}

/// A type, taken apart. Unknown types convert nothing.
struct Shape<'a> {
    kind: &'a str,
    element: &'a Value,
    attributes: Option<&'a Map<String, Value>>,
}

impl<'a> Shape<'a> {
    fn of(ty: &'a Value) -> Shape<'a> {
        let kind = ty.as_str().or_else(|| ty.get(0)?.as_str()).unwrap_or_default();
        let element = ty.get(1).unwrap_or(&Value::Null);
        Shape {
            kind,
            element,
            attributes: element.as_object().filter(|_| kind == "object"),
        }
    }

    fn member(&self, name: &str) -> &'a Value {
        let attribute = self.attributes.and_then(|attributes| attributes.get(name));
        attribute.unwrap_or(if self.kind == "map" {
            self.element
        } else {
            &Value::Null
        })
    }
}

/// The expressions of nested blocks as a literal.
fn written_block(expressions: &Value) -> String {
    match expressions {
        Value::Array(blocks) => format!(
            "[{}]",
            blocks.iter().map(written_block).collect::<Vec<_>>().join(", ")
        ),
        Value::Object(_) => {
            if let Some(constant) = expressions.get("constant_value") {
                return literal(constant, &Value::Null, &Value::Null);
            }
            if expressions.get("references").is_some() {
                return UNKNOWN.to_owned();
            }
            let members = sorted(expressions)
                .map(|(name, value)| format!("{}: {}", Value::from(name), written_block(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        _ => UNKNOWN.to_owned(),
    }
}

// ---------------------------------------------------------------------------------------------------------------
// Reading JSON
// ---------------------------------------------------------------------------------------------------------------

/// The members of an object by name. Whether `serde_json` keeps their order is the workspace's choice.
fn sorted(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flat_map(sorted_map)
}

/// The members of an object by name.
fn sorted_map(map: &Map<String, Value>) -> impl Iterator<Item = (&str, &Value)> {
    map.iter()
        .map(|(name, value)| (name.as_str(), value))
        .collect::<BTreeMap<_, _>>()
        .into_iter()
}

/// The members of an object inside an object, by name; none if it is not there.
fn members<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    value.get(key).into_iter().flat_map(sorted)
}

/// Whether a member is there and true.
fn flag(value: &Value, key: &str) -> bool {
    value.get(key) == Some(&Value::Bool(true))
}

/// A member that must be text.
fn text_of<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    value
        .get(key)
        .and_then(Value::as_str)
        .with_context(|| format!("no {key} in {value}"))
}

/// The elements of a list that may be missing.
fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// How many elements a list has.
fn count(value: &Value) -> usize {
    value.as_array().map_or(0, Vec::len)
}
