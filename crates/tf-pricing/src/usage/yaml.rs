//! YAML with the place of every node.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 32;
/// Most nodes that a file may have, those that aliases repeat counted each time.
const MAX_NODES: usize = 200_000;

/// A place in the file: line and column, from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl From<&Marker> for Place {
    fn from(marker: &Marker) -> Place {
        Place {
            line: marker.line(),
            column: marker.col() + 1,
        }
    }
}

/// A node and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A text; whether it is written without quotes.
    Scalar(String, bool),
    Sequence(Vec<Node>),
    /// Entries in the order of the file.
    Mapping(Vec<(Node, Node)>),
}

impl Node {
    /// Whether nothing is written: `key:`, `null` or `~`.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar(text, true) if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    fn size(&self) -> usize {
        match &self.kind {
            Kind::Scalar(..) => 1,
            Kind::Sequence(items) => 1 + items.iter().map(Node::size).sum::<usize>(),
            Kind::Mapping(entries) => {
                let sizes = entries.iter().map(|(key, value)| key.size() + value.size());
                1 + sizes.sum::<usize>()
            }
        }
    }
}

/// The only document of a text; `None` where it is empty.
///
/// # Errors
/// Where it is no YAML, with the place.
pub(super) fn read(text: &str) -> Result<Option<Node>, (Place, String)> {
    let mut reader = Reader::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| (error.marker().into(), error.info().to_owned()))?;
        reader.event(event, (&span.start).into())?;
    }
    Ok(reader.document)
}

/// What is being read: a sequence or mapping, and its anchor.
struct Open {
    place: Place,
    anchor: usize,
    items: Vec<Node>,
    is_mapping: bool,
}

#[derive(Default)]
struct Reader {
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    document: Option<Node>,
    nodes: usize,
}

impl Reader {
    fn event(&mut self, event: Event<'_>, place: Place) -> Result<(), (Place, String)> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let node = Node {
                    place,
                    kind: Kind::Scalar(text.into_owned(), style == ScalarStyle::Plain),
                };
                self.finish(node, anchor)
            }
            Event::SequenceStart(anchor, _) => self.begin(place, anchor, false),
            Event::MappingStart(anchor, _) => self.begin(place, anchor, true),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else {
                    return Ok(());
                };
                let kind = match open.is_mapping {
                    false => Kind::Sequence(open.items),
                    true => {
                        let mut entries = Vec::with_capacity(open.items.len() / 2);
                        let mut items = open.items.into_iter();
                        while let (Some(key), Some(value)) = (items.next(), items.next()) {
                            entries.push((key, value));
                        }
                        Kind::Mapping(entries)
                    }
                };
                let node = Node {
                    place: open.place,
                    kind,
                };
                self.finish(node, open.anchor)
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor).cloned() {
                Some(node) => {
                    self.nodes += node.size();
                    self.finish(node, 0)
                }
                None => Err((place, "an alias of something that is not there yet".to_owned())),
            },
            _ => Ok(()),
        }
    }

    fn begin(&mut self, place: Place, anchor: usize, is_mapping: bool) -> Result<(), (Place, String)> {
        if self.open.len() >= MAX_DEPTH {
            return Err((place, "it nests too deeply".to_owned()));
        }
        self.open.push(Open {
            place,
            anchor,
            items: Vec::new(),
            is_mapping,
        });
        Ok(())
    }

    fn finish(&mut self, node: Node, anchor: usize) -> Result<(), (Place, String)> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err((node.place, "the file has too many values".to_owned()));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match (self.open.last_mut(), &self.document) {
            (Some(open), _) => open.items.push(node),
            (None, None) => self.document = Some(node),
            (None, Some(_)) => return Err((node.place, "there is a second document in the file".to_owned())),
        }
        Ok(())
    }
}
