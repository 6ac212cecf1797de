//! Reading a state: its head, a summary, and the same bytes with another serial.
//!
//! Source of the format: Terraform's `internal/states/statefile/version4.go`.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The format that Terraform writes since 0.12.
const FORMAT: u64 = 4;

/// Why a file is no state that can be worked with.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum StateError {
    /// No bytes. Terraform takes it for "no state".
    #[error("the file is empty: Terraform would take it for a root without resources")]
    Empty,
    /// No JSON.
    #[error("it is not JSON (line {line}, column {column}): {message}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// JSON, but of another shape.
    #[error("it is not a state of Terraform: {0}")]
    Shape(String),
    /// Another format.
    #[error(
        "it has state format {0}, not 4: formats 1 to 3 are rewritten by `terraform apply` of Terraform 0.12 or later, a higher one needs a newer tf-bootstrap"
    )]
    Format(u64),
    /// Encrypted by OpenTofu.
    #[error("it is encrypted by OpenTofu: the serial inside cannot be read or changed without the key")]
    Encrypted,
    /// A serial that cannot rise.
    #[error("no serial is above {0}")]
    Exhausted(u64),
}

impl StateError {
    fn of(error: &serde_json::Error) -> StateError {
        // The message of serde_json for a wrong type holds the value: a state's values are secrets.
        match error.classify() {
            serde_json::error::Category::Data => {
                let message = error.to_string();
                let shown = ["missing field `", "duplicate field `"]
                    .iter()
                    .find_map(|known| message.strip_prefix(known).map(|rest| (known, rest)))
                    .and_then(|(known, rest)| Some(format!("{known}{}`", rest.split_once('`')?.0)));
                StateError::Shape(shown.unwrap_or_else(|| {
                    format!(
                        "unexpected type of value at line {}, column {}",
                        error.line(),
                        error.column()
                    )
                }))
            }
            _ => StateError::Syntax {
                line: error.line(),
                column: error.column(),
                message: match error.is_eof() {
                    true => "the file ends too early".to_owned(),
                    false => "unexpected character".to_owned(),
                },
            },
        }
    }
}

/// What stands at the beginning of a state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Head {
    /// Rises with each write.
    pub(crate) serial: u64,
    /// Made once with a state; never changes.
    pub(crate) lineage: String,
    /// The Terraform that wrote it.
    pub(crate) terraform_version: String,
}

/// What is told of a state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Summary {
    /// Serial, lineage and version.
    pub(crate) head: Head,
    /// Instances of managed resources, without deposed ones.
    pub(crate) resources: usize,
    /// Instances of data sources.
    pub(crate) data_sources: usize,
    /// Objects that wait for their destruction.
    pub(crate) deposed: usize,
    /// Instances that the next apply replaces.
    pub(crate) tainted: usize,
    /// Outputs of the root module.
    pub(crate) outputs: usize,
}

#[derive(Deserialize)]
struct Probe<'j> {
    #[serde(default)]
    version: Option<u64>,
    #[serde(borrow, default)]
    encrypted_data: Option<&'j RawValue>,
}

#[derive(Deserialize)]
struct Document<'j> {
    version: u64,
    #[serde(default)]
    encrypted_data: Option<IgnoredAny>,
    serial: u64,
    #[serde(borrow, default)]
    lineage: Cow<'j, str>,
    #[serde(borrow, default)]
    terraform_version: Cow<'j, str>,
    #[serde(default)]
    outputs: Option<Counted>,
    #[serde(borrow, default)]
    resources: Option<Vec<Resource<'j>>>,
}

#[derive(Deserialize)]
struct Resource<'j> {
    #[serde(borrow)]
    mode: Cow<'j, str>,
    #[serde(borrow, default)]
    instances: Option<Vec<Instance<'j>>>,
}

#[derive(Deserialize)]
struct Instance<'j> {
    #[serde(borrow, default)]
    deposed: Option<Cow<'j, str>>,
    #[serde(borrow, default)]
    status: Option<Cow<'j, str>>,
}

/// How many members an object has.
struct Counted(usize);

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Counted, D::Error> {
        struct Counter;
        impl<'de> Visitor<'de> for Counter {
            type Value = Counted;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Counted, A::Error> {
                let mut count = 0;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
                    count += 1;
                }
                Ok(Counted(count))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Counted, A::Error> {
                let mut count = 0;
                while seq.next_element::<IgnoredAny>()?.is_some() {
                    count += 1;
                }
                Ok(Counted(count))
            }
        }
        deserializer.deserialize_any(Counter)
    }
}

/// Says of bytes that they are a state of the format that is known; parts of it may still be wrong.
fn probe(bytes: &[u8]) -> Result<(), StateError> {
    if bytes.is_empty() {
        return Err(StateError::Empty);
    }
    let probe: Probe<'_> = serde_json::from_slice(bytes).map_err(|error| StateError::of(&error))?;
    if probe.encrypted_data.is_some() {
        return Err(StateError::Encrypted);
    }
    match probe.version {
        Some(FORMAT) => Ok(()),
        Some(other) => Err(StateError::Format(other)),
        None => Err(StateError::Shape("missing field `version`".to_owned())),
    }
}

/// Reads a state.
///
/// # Errors
/// Where it is none, or not one of format 4.
pub(crate) fn summary(bytes: &[u8]) -> Result<Summary, StateError> {
    // The format is right nearly always; only when it is not are the bytes read once more, for the reason.
    let document = serde_json::from_slice::<Document<'_>>(bytes);
    let document = match document {
        Ok(document) if document.version == FORMAT && document.encrypted_data.is_none() => document,
        Ok(_) => return Err(probe(bytes).err().unwrap_or(StateError::Encrypted)),
        Err(error) => {
            probe(bytes)?;
            return Err(StateError::of(&error));
        }
    };
    let resources = document.resources.unwrap_or_default();
    let mut summary = Summary {
        head: Head {
            serial: document.serial,
            lineage: document.lineage.into_owned(),
            terraform_version: document.terraform_version.into_owned(),
        },
        resources: 0,
        data_sources: 0,
        deposed: 0,
        tainted: 0,
        outputs: document.outputs.map_or(0, |outputs| outputs.0),
    };
    for resource in &resources {
        for instance in resource.instances.iter().flatten() {
            if instance.deposed.as_deref().is_some_and(|key| !key.is_empty()) {
                summary.deposed += 1;
            } else if resource.mode == "managed" {
                summary.resources += 1;
                summary.tainted += usize::from(instance.status.as_deref() == Some("tainted"));
            } else {
                summary.data_sources += 1;
            }
        }
    }
    Ok(summary)
}

/// The head of a state of which only the first bytes are there: Terraform writes these members before all that is large.
/// `None` where they are not among the bytes; that is no verdict on the state.
pub(crate) fn head(bytes: &[u8]) -> Option<Head> {
    let mut rest = Scanner { bytes, at: 0 };
    rest.space();
    rest.eat(b'{')?;
    let (mut version, mut serial, mut lineage, mut terraform_version) = (None, None, None, None);
    loop {
        rest.space();
        let key: Cow<'_, str> = serde_json::from_slice(rest.string()?).ok()?;
        rest.space();
        rest.eat(b':')?;
        rest.space();
        let value = rest.scalar()?;
        match &*key {
            "version" => version = Some(serde_json::from_slice::<u64>(value).ok()?),
            "serial" => serial = Some(serde_json::from_slice::<u64>(value).ok()?),
            "lineage" => lineage = Some(serde_json::from_slice::<String>(value).ok()?),
            "terraform_version" => terraform_version = Some(serde_json::from_slice::<String>(value).ok()?),
            // Encrypted by OpenTofu, whose serial outside is a copy.
            "encrypted_data" => return None,
            _ => {}
        }
        if let (Some(FORMAT), Some(serial), Some(lineage), Some(terraform_version)) =
            (version, serial, &lineage, &terraform_version)
        {
            return Some(Head {
                serial,
                lineage: lineage.clone(),
                terraform_version: terraform_version.clone(),
            });
        }
        rest.space();
        rest.eat(b',')?;
    }
}

struct Scanner<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Scanner<'b> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn space(&mut self) {
        while self
            .peek()
            .is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
        {
            self.at += 1;
        }
    }

    /// A string with its quotes.
    fn string(&mut self) -> Option<&'b [u8]> {
        let start = self.at;
        self.eat(b'"')?;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        self.bytes.get(start..self.at)
    }

    /// A string, number or word that is followed by something, so that it is there as a whole.
    fn scalar(&mut self) -> Option<&'b [u8]> {
        if self.peek()? == b'"' {
            return self.string();
        }
        let start = self.at;
        while !matches!(self.peek()?, b',' | b'}' | b' ' | b'\t' | b'\r' | b'\n') {
            if matches!(self.peek()?, b'{' | b'[' | b'"') {
                return None;
            }
            self.at += 1;
        }
        self.bytes.get(start..self.at)
    }
}

/// The same state with another serial: only the digits change, so that whatever wrote the file and however it encoded it,
/// the rest stays what it was.
///
/// # Errors
/// Where the bytes are no state of format 4.
pub(crate) fn with_serial(bytes: &[u8], serial: u64) -> Result<Vec<u8>, StateError> {
    #[derive(Deserialize)]
    struct Outer<'j> {
        #[serde(borrow)]
        serial: &'j RawValue,
    }
    probe(bytes)?;
    // The place of the serial is where the parser found it: a search could find one in a string or a nested object.
    let outer: Outer<'_> = serde_json::from_slice(bytes).map_err(|error| StateError::of(&error))?;
    let old = outer.serial.get();
    if old.parse::<u64>().is_err() {
        return Err(StateError::Shape("its serial is no number".to_owned()));
    }
    let start = (old.as_ptr() as usize).wrapping_sub(bytes.as_ptr() as usize);
    let (Some(before), Some(after)) = (bytes.get(..start), bytes.get(start + old.len()..)) else {
        return Err(StateError::Shape("its serial could not be found".to_owned()));
    };
    let mut changed = Vec::with_capacity(bytes.len() + 20);
    changed.extend_from_slice(before);
    changed.extend_from_slice(serial.to_string().as_bytes());
    changed.extend_from_slice(after);
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: &str = r#"{
  "version": 4,
  "terraform_version": "1.11.4",
  "serial": 7,
  "lineage": "3f1c",
  "outputs": {"serial": {"value": "{\"serial\": 1}", "type": "string"}, "b": {"value": 1, "type": "number"}},
  "resources": [
    {"mode": "managed", "type": "a_b", "name": "c", "provider": "p", "instances": [
      {"index_key": 0, "schema_version": 0, "attributes": {"serial": 99}},
      {"index_key": 1, "status": "tainted", "schema_version": 0, "attributes": {}},
      {"index_key": 1, "deposed": "1a2b", "schema_version": 0, "attributes": {}}
    ]},
    {"mode": "data", "type": "a_b", "name": "c", "provider": "p", "instances": [{"schema_version": 0}]}
  ],
  "check_results": null
}
"#;

    #[test]
    fn a_state_is_summed_up() {
        let summary = summary(STATE.as_bytes()).unwrap();
        assert_eq!((summary.head.serial, &*summary.head.lineage), (7, "3f1c"));
        assert_eq!(summary.head.terraform_version, "1.11.4");
        let counts = (
            summary.resources,
            summary.data_sources,
            summary.deposed,
            summary.tainted,
        );
        assert_eq!(counts, (2, 1, 1, 1));
        assert_eq!(summary.outputs, 2);
    }

    #[test]
    fn what_is_no_state_says_why() {
        let cases: &[(&str, &str)] = &[
            ("", "the file is empty"),
            (
                "{\"version\": 4, \"serial\"",
                "it is not JSON (line 1, column 23): the file ends too early",
            ),
            ("\u{feff}{}", "it is not JSON (line 1, column 1)"),
            ("[]", "not a state of Terraform"),
            ("{}", "missing field `version`"),
            ("{\"version\": 3, \"serial\": 1}", "state format 3, not 4"),
            ("{\"version\": 5}", "state format 5, not 4"),
            ("{\"version\": 4}", "missing field `serial`"),
            (
                "{\"version\": 4, \"serial\": 1, \"serial\": 2}",
                "duplicate field `serial`",
            ),
            (
                "{\"version\": 4, \"serial\": -1}",
                "unexpected type of value at line 1",
            ),
            ("{\"version\": 4, \"serial\": 1} x", "not JSON"),
            (
                "{\"serial\": 1, \"lineage\": \"x\", \"meta\": {}, \"encrypted_data\": \"q\"}",
                "encrypted by OpenTofu",
            ),
        ];
        for (text, expected) in cases {
            let error = summary(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn errors_hold_no_value_of_a_state() {
        let text = STATE.replace("\"managed\"", "{\"s3cret\": 1}");
        let text = text.replace("\"serial\": 7", "\"serial\": \"s3cret\"");
        for broken in [
            text.clone(),
            text.replace("\"resources\": [", "\"resources\": [\"s3cret\", "),
        ] {
            let error = summary(broken.as_bytes()).unwrap_err().to_string();
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn only_the_digits_of_the_serial_change() {
        let changed = with_serial(STATE.as_bytes(), 1234).unwrap();
        assert_eq!(
            String::from_utf8(changed).unwrap(),
            STATE.replacen("\"serial\": 7", "\"serial\": 1234", 1)
        );
        let table: &[(&str, &str)] = &[
            // A nested object comes first, a string looks like the member, the name is escaped, spaces are odd.
            (
                r#"{"outputs":{"serial":5},"version":4,"x":"\"serial\": 6","serial"  :  7  }"#,
                r#"{"outputs":{"serial":5},"version":4,"x":"\"serial\": 6","serial"  :  42  }"#,
            ),
            (
                "{\"version\":4,\"\\u0073erial\":\t18446744073709551615}",
                "{\"version\":4,\"\\u0073erial\":\t42}",
            ),
            // What serde_json would write otherwise stays: escapes, 1.0, a long number, line endings.
            (
                "{\"version\":4,\r\n\"serial\":0,\"n\":1.0,\"big\":123456789012345678901234567890,\"e\":\"\\u00e9\\/\"}",
                "{\"version\":4,\r\n\"serial\":42,\"n\":1.0,\"big\":123456789012345678901234567890,\"e\":\"\\u00e9\\/\"}",
            ),
        ];
        for (before, after) in table {
            let changed = with_serial(before.as_bytes(), 42).unwrap();
            assert_eq!(String::from_utf8(changed).unwrap(), *after);
        }
    }

    #[test]
    fn a_serial_that_is_not_one_is_not_replaced() {
        for text in [
            "{\"version\":4}",
            "{\"version\":4,\"serial\":\"1\"}",
            "{\"version\":4,\"serial\":1.5}",
            "{\"version\":4,\"serial\":null}",
            "{\"version\":4,\"serial\":1,\"serial\":2}",
            "{\"version\":3,\"serial\":1}",
            "{\"version\":4,\"resources\":[{\"serial\":1}]}",
        ] {
            assert!(with_serial(text.as_bytes(), 2).is_err(), "{text}");
        }
    }

    #[test]
    fn heads_are_read_from_the_first_bytes() {
        let whole = summary(STATE.as_bytes()).unwrap().head;
        let end = STATE.find("3f1c\"").unwrap() + 5;
        assert_eq!(head(&STATE.as_bytes()[..end]), Some(whole));
        // A number or text that is cut off is not taken for a whole one.
        for end in 0..end {
            assert_eq!(head(&STATE.as_bytes()[..end]), None, "{end}");
        }
        // Members behind something large are not looked for.
        let late = r#"{"version":4,"resources":[],"terraform_version":"1","serial":7,"lineage":"l"}"#;
        assert_eq!(head(late.as_bytes()), None);
        assert_eq!(
            head(br#"{"version":3,"terraform_version":"1","serial":7,"lineage":"l"}"#),
            None
        );
        assert_eq!(
            head(br#"{"a":"\"","version":4,"terraform_version":"1","serial":7,"lineage":"l"}"#)
                .unwrap()
                .serial,
            7
        );
    }

    #[test]
    fn a_large_state_is_read_fast() {
        let attributes: String = (0..40)
            .map(|n| format!("\"attribute_{n}\": \"{}\",", "x".repeat(40)))
            .collect();
        let instance = format!("{{\"schema_version\": 0, \"attributes\": {{{attributes} \"z\": 1}}}}");
        let resource = format!(
            "{{\"mode\": \"managed\", \"type\": \"t\", \"name\": \"n\", \"provider\": \"p\", \"instances\": [{instance}]}}"
        );
        let count = 8_000;
        let resources = vec![resource; count].join(",\n");
        let text =
            format!("{{\"version\": 4, \"serial\": 1, \"lineage\": \"l\", \"resources\": [{resources}]}}");
        let start = std::time::Instant::now();
        assert_eq!(summary(text.as_bytes()).unwrap().resources, count);
        let took = start.elapsed();
        // 17 MB; a generous bound that a tree of values on a debug build would not keep on two busy cores.
        assert!(took.as_secs() < 5, "{} bytes took {took:?}", text.len());
    }
}
