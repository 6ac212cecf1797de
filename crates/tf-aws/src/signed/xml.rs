//! XML answers as trees.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

/// AWS's answers are a few levels deep; what is deeper is none.
const DEEPEST: usize = 64;

/// An element, without its attributes and without the prefixes of names.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Element {
    /// Its name.
    pub name: String,
    /// Its text; empty where it has children.
    pub text: String,
    /// The elements in it, in their order.
    pub children: Vec<Element>,
}

impl Element {
    /// Reads a document, and says what is wrong with it where it is none.
    pub(crate) fn parse(text: &str) -> Result<Element, String> {
        let mut reader = Reader::from_str(text);
        // The elements that are open, outermost first; the first stands for the document.
        let mut open = vec![Element::default()];
        loop {
            let event = reader.read_event().map_err(|error| error.to_string())?;
            let depth = open.len();
            let Some(inner) = open.last_mut() else {
                return Err("an element ends that did not begin".to_owned());
            };
            match event {
                Event::Start(start) if depth <= DEEPEST => open.push(Element::named(&start)),
                Event::Start(_) => return Err(format!("it is more than {DEEPEST} levels deep")),
                Event::Empty(start) => inner.children.push(Element::named(&start)),
                Event::Text(part) => inner.text += &part,
                Event::CData(part) => inner.text += &part,
                Event::GeneralRef(entity) => {
                    match entity.resolve_char_ref().map_err(|error| error.to_string())? {
                        Some(char) => inner.text.push(char),
                        None => {
                            inner.text += resolve_predefined_entity(&entity)
                                .ok_or_else(|| format!("the entity {} is not known", &*entity))?;
                        }
                    }
                }
                Event::End(_) => {
                    let mut closed = open.pop().unwrap_or_default();
                    if !closed.children.is_empty() {
                        closed.text.clear();
                    }
                    match open.last_mut() {
                        Some(outer) => outer.children.push(closed),
                        None => return Err("an element ends that did not begin".to_owned()),
                    }
                }
                Event::Eof => break,
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
        match (
            open.len(),
            open.pop().and_then(|mut document| document.children.pop()),
        ) {
            (1, Some(root)) => Ok(root),
            (1, None) => Err("it has no element".to_owned()),
            _ => Err("it ends in the middle".to_owned()),
        }
    }

    fn named(start: &BytesStart<'_>) -> Element {
        Element {
            name: start.local_name().as_ref().to_owned(),
            ..Element::default()
        }
    }

    /// The first element in it with this name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The elements in it with this name.
    pub fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The element at a path, such as `ListUsersResult/Users`.
    pub fn at(&self, path: &str) -> Option<&Element> {
        path.split('/')
            .try_fold(self, |element, name| element.child(name))
    }

    /// The text at a path.
    pub fn text_at(&self, path: &str) -> Option<&str> {
        self.at(path).map(|element| element.text.as_str())
    }

    /// What a list at a path holds, whatever its items are called: `item`, `member`, `DBInstance`.
    pub fn items(&self, path: &str) -> impl Iterator<Item = &Element> {
        self.at(path).into_iter().flat_map(|list| &list.children)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_become_trees() {
        let text = "<?xml version=\"1.0\"?>\n<ListResponse xmlns=\"https://x/\">\n  <ns:Users xmlns:ns=\"y\">\n    <member><Name>a &amp; b&#x20AC;</Name><Path/></member>\n    <member><Name><![CDATA[<c>]]></Name></member>\n  </ns:Users>\n</ListResponse>";
        let root = Element::parse(text).unwrap();
        assert_eq!(root.name, "ListResponse");
        let names: Vec<&str> = root
            .items("Users")
            .filter_map(|user| user.text_at("Name"))
            .collect();
        assert_eq!(names, ["a & b€", "<c>"]);
        assert_eq!(root.text_at("Users/member/Path"), Some(""));
        assert_eq!(root.at("Users").unwrap().text, "");
        assert_eq!(root.at("Users").unwrap().all("member").count(), 2);
        assert_eq!(root.text_at("Users/none"), None);
    }

    #[test]
    fn what_is_no_document_is_an_error() {
        for text in ["", "<a><b></a>", "<a>", "<a>&other;</a>", "not found", "</a>"] {
            assert!(Element::parse(text).is_err(), "{text}");
        }
        let deep = "<a>".repeat(100_000);
        assert!(Element::parse(&deep).is_err());
    }
}
