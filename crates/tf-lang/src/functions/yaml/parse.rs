//! From tokens to values, as go-cty-yaml v1.1.0 decodes YAML (<https://github.com/zclconf/go-cty-yaml>): mappings
//! are objects, sequences tuples, `<<` merges, aliases stand for values.

use std::collections::HashMap;
use std::sync::Arc;

use super::YamlError;
use super::resolve::{Resolved, resolve};
use super::scan::{MAX_DEPTH, Scanner};
use super::token::{Mark, Placed, Style, Token};
use crate::text::quote_go;
use crate::types::Type;
use crate::value::{Kind, Value, normalise};

use super::super::collection::support::MAX_ELEMENTS;

type Result<T> = std::result::Result<T, YamlError>;

/// Aliases repeat values for nothing, but whoever reads the result pays for them.
const MAX_WEIGHT: u64 = 4_000_000;

pub(super) const LONG_TAG: &str = "tag:yaml.org,2002:";

/// The value of a text that holds one document.
pub(super) fn decode(text: &str) -> Result<Value> {
    // An empty text is an empty line.
    let text = if text.is_empty() { "\n" } else { text };
    let mut parser = Parser {
        scanner: Scanner::new(text)?,
        directives: Vec::new(),
        anchors: HashMap::new(),
        pending: HashMap::new(),
        depth: 0,
        nodes: 0,
    };
    parser.document()
}

/// The beginning of a node.
pub(super) struct Head {
    node: Node,
    anchor: String,
    tag: String,
    mark: Mark,
}

enum Node {
    Alias(String),
    Scalar { value: String, style: Style },
    Sequence(Layout),
    Mapping(Layout),
}

/// How a collection is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    Block,
    /// A sequence whose dashes stand below the key that it belongs to.
    Indentless,
    Flow,
    /// A mapping of one key in a flow sequence: `[a: b]`.
    Pair,
}

impl Head {
    /// What stands where nothing is written.
    pub(super) fn empty(mark: Mark) -> Head {
        let node = Node::Scalar {
            value: String::new(),
            style: Style::Plain,
        };
        Head {
            node,
            anchor: String::new(),
            tag: String::new(),
            mark,
        }
    }
}

pub(super) struct Parser {
    scanner: Scanner,
    /// Handles of tags and what they stand for.
    pub(super) directives: Vec<(String, String)>,
    anchors: HashMap<String, Value>,
    /// Anchors of values that are not complete.
    pending: HashMap<String, usize>,
    depth: usize,
    nodes: usize,
}

impl Parser {
    pub(super) fn peek(&mut self) -> Result<&Placed> {
        self.scanner.peek()
    }

    /// Where the next token begins.
    pub(super) fn here(&mut self) -> Result<Mark> {
        Ok(self.peek()?.start)
    }

    pub(super) fn next_is(&mut self, wanted: &[Token]) -> Result<bool> {
        let next = self.peek()?;
        Ok(wanted.contains(&next.token))
    }

    /// Takes the next token and says where it ends.
    pub(super) fn skip(&mut self) -> Result<Mark> {
        self.peek()?;
        Ok(self.scanner.take().map(|placed| placed.end).unwrap_or_default())
    }

    pub(super) fn unexpected<T>(&mut self, problem: &'static str) -> Result<T> {
        Err(YamlError::parser(self.here()?, problem))
    }

    /// The beginning of a node: its anchor and tag, and what kind of node it is. Collections are left at
    /// their first token.
    pub(super) fn node(&mut self, block: bool, indentless: bool) -> Result<Head> {
        let first = self.peek()?.clone();
        if let Token::Alias(name) = first.token {
            self.skip()?;
            let head = Head::empty(first.start);
            return Ok(Head {
                node: Node::Alias(name),
                ..head
            });
        }
        let (anchor, tag) = self.properties()?;
        let next = self.peek()?.clone();
        let node = match next.token {
            Token::BlockEntry if indentless => Node::Sequence(Layout::Indentless),
            Token::Scalar { value, style } => {
                self.skip()?;
                Node::Scalar { value, style }
            }
            Token::FlowSequenceStart => Node::Sequence(Layout::Flow),
            Token::FlowMappingStart => Node::Mapping(Layout::Flow),
            Token::BlockSequenceStart if block => Node::Sequence(Layout::Block),
            Token::BlockMappingStart if block => Node::Mapping(Layout::Block),
            _ if !anchor.is_empty() || !tag.is_empty() => Node::Scalar {
                value: String::new(),
                style: Style::Plain,
            },
            _ => {
                return Err(YamlError::parser(
                    next.start,
                    "did not find expected node content",
                ));
            }
        };
        Ok(Head {
            node,
            anchor,
            tag,
            mark: first.start,
        })
    }

    /// An anchor and a tag, in any order.
    fn properties(&mut self) -> Result<(String, String)> {
        let (mut anchor, mut tag) = (String::new(), None);
        for _ in 0..2 {
            let next = self.peek()?.clone();
            match next.token {
                Token::Anchor(name) if anchor.is_empty() => anchor = name,
                Token::Tag { handle, suffix } if tag.is_none() => tag = Some((handle, suffix, next.start)),
                _ => break,
            }
            self.skip()?;
        }
        let Some((handle, suffix, mark)) = tag else {
            return Ok((anchor, String::new()));
        };
        if handle.is_empty() {
            return Ok((anchor, suffix));
        }
        match self.directives.iter().find(|(known, _)| *known == handle) {
            Some((_, prefix)) => Ok((anchor, format!("{prefix}{suffix}"))),
            None => Err(YamlError::parser(mark, "found undefined tag handle")),
        }
    }

    /// The value of a node.
    pub(super) fn content(&mut self, head: Head) -> Result<Value> {
        self.nodes += 1;
        if self.nodes > MAX_ELEMENTS {
            return Err(YamlError::plain(
                "the result would have more than 1000000 elements",
            ));
        }
        if let Node::Alias(name) = &head.node {
            return self.alias(name, head.mark);
        }
        if !head.anchor.is_empty() {
            *self.pending.entry(head.anchor.clone()).or_default() += 1;
        }
        let value = match &head.node {
            Node::Alias(_) => Value::NULL,
            Node::Scalar { value, style } => scalar(&head.tag, value, *style, head.mark)?,
            Node::Sequence(layout) => {
                expect_tag(&head, "sequence", "seq")?;
                self.nested(*layout, Parser::sequence)?
            }
            Node::Mapping(layout) => {
                expect_tag(&head, "mapping", "map")?;
                self.nested(*layout, Parser::mapping)?
            }
        };
        if !head.anchor.is_empty() {
            self.complete(head.anchor, &value);
        }
        Ok(value)
    }

    fn complete(&mut self, anchor: String, value: &Value) {
        if let Some(count) = self.pending.get_mut(&anchor) {
            *count -= 1;
            if *count == 0 {
                self.pending.remove(&anchor);
            }
        }
        self.anchors.insert(anchor, value.clone());
    }

    fn alias(&self, name: &str, mark: Mark) -> Result<Value> {
        if self.pending.contains_key(name) {
            let name = quote_go(name);
            return Err(YamlError::parser(
                mark,
                format!("cannot refer to anchor {name} from inside its own definition"),
            ));
        }
        self.anchors.get(name).cloned().ok_or_else(|| {
            YamlError::parser(mark, format!("reference to undefined anchor {}", quote_go(name)))
        })
    }

    fn nested(&mut self, layout: Layout, read: fn(&mut Parser, Layout) -> Result<Value>) -> Result<Value> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(YamlError::plain("exceeded max depth"));
        }
        let value = read(self, layout)?;
        self.depth -= 1;
        match value.weight() > MAX_WEIGHT {
            true => Err(YamlError::plain(
                "the result would have more than 1000000 elements",
            )),
            false => Ok(value),
        }
    }

    fn sequence(&mut self, layout: Layout) -> Result<Value> {
        let mut items = Vec::new();
        if layout != Layout::Indentless {
            self.skip()?;
        }
        while let Some(head) = self.next_item(layout, items.is_empty())? {
            items.push(self.content(head)?);
        }
        Ok(Value::tuple(items))
    }

    fn next_item(&mut self, layout: Layout, first: bool) -> Result<Option<Head>> {
        if layout == Layout::Flow {
            return self.next_flow_item(first);
        }
        if self.next_is(&[Token::BlockEntry])? {
            let mark = self.skip()?;
            let absent: &[Token] = match layout {
                Layout::Indentless => &[Token::BlockEntry, Token::Key, Token::Value, Token::BlockEnd],
                _ => &[Token::BlockEntry, Token::BlockEnd],
            };
            let empty = self.next_is(absent)?;
            return Ok(Some(if empty {
                Head::empty(mark)
            } else {
                self.node(true, false)?
            }));
        }
        if layout == Layout::Indentless {
            return Ok(None);
        }
        if !self.next_is(&[Token::BlockEnd])? {
            return self.unexpected("did not find expected '-' indicator");
        }
        self.skip()?;
        Ok(None)
    }

    fn next_flow_item(&mut self, first: bool) -> Result<Option<Head>> {
        if !self.next_is(&[Token::FlowSequenceEnd])? {
            if !first {
                if !self.next_is(&[Token::FlowEntry])? {
                    return self.unexpected("did not find expected ',' or ']'");
                }
                self.skip()?;
            }
            if self.next_is(&[Token::Key])? {
                let mark = self.here()?;
                return Ok(Some(Head {
                    node: Node::Mapping(Layout::Pair),
                    ..Head::empty(mark)
                }));
            }
            if !self.next_is(&[Token::FlowSequenceEnd])? {
                return self.node(false, false).map(Some);
            }
        }
        self.skip()?;
        Ok(None)
    }

    fn mapping(&mut self, layout: Layout) -> Result<Value> {
        let mut entries: Vec<(Arc<str>, Value)> = Vec::new();
        self.skip()?;
        let mut first = true;
        while let Some((key, bare)) = self.next_key(layout, first)? {
            first = false;
            let Node::Scalar { value: text, style } = &key.node else {
                return Err(YamlError::parser(
                    key.mark,
                    "only strings are allowed as mapping keys",
                ));
            };
            match resolve(&key.tag, text, *style).map_err(YamlError::plain)? {
                Resolved::Merge => {
                    let value = self.value_of(layout, bare)?;
                    let Some(merged) = value.as_entries() else {
                        let name = value.ty().friendly_name();
                        return Err(YamlError::parser(
                            key.mark,
                            format!("cannot merge {name} into mapping"),
                        ));
                    };
                    self.nodes += merged.len();
                    entries.extend(merged.iter().cloned());
                }
                Resolved::Value(name) => {
                    let Some(name) = key_text(&name) else {
                        return Err(YamlError::parser(key.mark, "mapping key cannot be null"));
                    };
                    entries.push((name, self.value_of(layout, bare)?));
                }
            }
        }
        Ok(Value::object(entries))
    }

    /// The next key of a mapping, and whether it stands alone.
    fn next_key(&mut self, layout: Layout, first: bool) -> Result<Option<(Head, bool)>> {
        match layout {
            Layout::Flow => self.next_flow_key(first),
            Layout::Pair if first => {
                if self.next_is(&[Token::Value, Token::FlowEntry, Token::FlowSequenceEnd])? {
                    // So does libyaml, and gets into trouble.
                    let mark = self.skip()?;
                    return Ok(Some((Head::empty(mark), false)));
                }
                Ok(Some((self.node(false, false)?, false)))
            }
            Layout::Pair => {
                self.peek()?;
                Ok(None)
            }
            Layout::Block | Layout::Indentless => self.next_block_key(),
        }
    }

    fn next_block_key(&mut self) -> Result<Option<(Head, bool)>> {
        if self.next_is(&[Token::Key])? {
            let mark = self.skip()?;
            let empty = self.next_is(&[Token::Key, Token::Value, Token::BlockEnd])?;
            return Ok(Some((
                if empty {
                    Head::empty(mark)
                } else {
                    self.node(true, true)?
                },
                false,
            )));
        }
        if !self.next_is(&[Token::BlockEnd])? {
            return self.unexpected("did not find expected key");
        }
        self.skip()?;
        Ok(None)
    }

    fn next_flow_key(&mut self, first: bool) -> Result<Option<(Head, bool)>> {
        if !self.next_is(&[Token::FlowMappingEnd])? {
            if !first {
                if !self.next_is(&[Token::FlowEntry])? {
                    return self.unexpected("did not find expected ',' or '}'");
                }
                self.skip()?;
            }
            if self.next_is(&[Token::Key])? {
                self.skip()?;
                if self.next_is(&[Token::Value, Token::FlowEntry, Token::FlowMappingEnd])? {
                    return Ok(Some((Head::empty(self.here()?), false)));
                }
                return Ok(Some((self.node(false, false)?, false)));
            }
            if !self.next_is(&[Token::FlowMappingEnd])? {
                return Ok(Some((self.node(false, false)?, true)));
            }
        }
        self.skip()?;
        Ok(None)
    }

    /// The value that belongs to the key just read.
    fn value_of(&mut self, layout: Layout, bare: bool) -> Result<Value> {
        let mut head = Head::empty(self.here()?);
        if !bare && self.next_is(&[Token::Value])? {
            let mark = self.skip()?;
            let (absent, block): (&[Token], bool) = match layout {
                Layout::Flow => (&[Token::FlowEntry, Token::FlowMappingEnd], false),
                Layout::Pair => (&[Token::FlowEntry, Token::FlowSequenceEnd], false),
                Layout::Block | Layout::Indentless => (&[Token::Key, Token::Value, Token::BlockEnd], true),
            };
            head = if self.next_is(absent)? {
                Head::empty(mark)
            } else {
                self.node(block, block)?
            };
        }
        self.content(head)
    }
}

fn expect_tag(head: &Head, what: &str, short: &str) -> Result<()> {
    if head.tag.is_empty() || head.tag.strip_prefix(LONG_TAG) == Some(short) {
        return Ok(());
    }
    Err(YamlError::parser(
        head.mark,
        format!("can't interpret {what} as {}", head.tag),
    ))
}

/// The text of a key.
fn key_text(key: &Value) -> Option<Arc<str>> {
    match key.kind() {
        Kind::String(text) => Some(text.clone()),
        Kind::Number(number) => Some(normalise(&number.to_string())),
        Kind::Bool(value) => Some(value.to_string().into()),
        _ => None,
    }
}

fn scalar(tag: &str, text: &str, style: Style, mark: Mark) -> Result<Value> {
    let value = match resolve(tag, text, style).map_err(|why| YamlError::parser(mark, why))? {
        Resolved::Merge => return Ok("<<".into()),
        Resolved::Value(value) => value,
    };
    if !tag.is_empty() || style == Style::Plain {
        return Ok(value);
    }
    // A scalar that is not plain is a string; Terraform gets there by way of what it would be otherwise.
    Ok(match key_text(&value) {
        Some(text) => Value::normal_string(text),
        None => Value::null(Type::String),
    })
}
