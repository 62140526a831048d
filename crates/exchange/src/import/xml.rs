//! XML as a tree of values: an element is a map of its attributes and children, or its text; what comes several times
//! is a list. Entities beyond the five that XML itself has are refused, so nothing can expand.

use quick_xml::XmlVersion;
use quick_xml::errors::Error;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::value::{Map, Value};
use crate::error::{ImportError, ImportFault, Place};

/// How deep elements may lie in each other.
pub(super) const MAX_DEPTH: usize = 64;
/// The most elements and attributes.
const MAX_NODES: usize = 5_000_000;
/// The name of an element's text where it has attributes or children too.
pub(super) const TEXT: &str = "$text";

/// The name of the outermost element, without reading what is in it.
pub(super) fn root(text: &str) -> Option<String> {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) | Event::Empty(start) => return Some(local_name(&start)),
            Event::Eof => return None,
            _ => {}
        }
    }
}

/// Reads a whole document: what is in its outermost element.
pub(super) fn read(text: &str) -> Result<Value, ImportError> {
    let mut reader = Reader::from_str(text);
    let mut open = Open { stack: Vec::new(), done: None, nodes: 0 };
    loop {
        let event = reader.read_event();
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let wrong =
            |fault| ImportError::new(Place::of_byte(text.as_bytes(), at.min(text.len())), fault);
        let step = match event {
            Err(error) => Err(syntax(&error)),
            Ok(Event::Start(start)) => open.begin(&start),
            Ok(Event::Empty(start)) => open.begin(&start).map(|()| open.end()),
            Ok(Event::End(_)) => {
                open.end();
                Ok(())
            }
            Ok(Event::Text(part)) => {
                open.text(&part.xml_content(XmlVersion::Implicit1_0));
                Ok(())
            }
            Ok(Event::CData(part)) => {
                open.text(&part.xml_content(XmlVersion::Implicit1_0));
                Ok(())
            }
            Ok(Event::GeneralRef(reference)) => character(&reference).map(|c| open.text(&c)),
            // A document type can only declare what is not wanted here.
            Ok(Event::DocType(_)) => Err(ImportFault::Entities),
            Ok(Event::Eof) => {
                return match (open.done, open.stack.is_empty()) {
                    (Some(value), true) => Ok(value),
                    _ => Err(wrong(ImportFault::Syntax("it ends inside of an element".into()))),
                };
            }
            Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_)) => Ok(()),
        };
        step.map_err(wrong)?;
    }
}

/// Only kinds of errors are told; their texts may quote what stands there.
fn syntax(error: &Error) -> ImportFault {
    let reason = match error {
        Error::Syntax(_) => "a tag, comment or section is not closed",
        Error::IllFormed(_) => "the tags do not match each other",
        Error::InvalidAttr(_) => "an attribute is not well-formed",
        _ => "it is not well-formed XML",
    };
    ImportFault::Syntax(reason.to_owned())
}

fn local_name(start: &BytesStart<'_>) -> String {
    start.local_name().as_ref().to_string()
}

/// What a reference stands for, where it is a character's number or one of XML's own names.
fn character(reference: &BytesRef<'_>) -> Result<String, ImportFault> {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return Ok(c.to_string());
    }
    let name: &str = reference;
    let c = match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return Err(ImportFault::Entities),
    };
    Ok(c.to_owned())
}

/// The elements that are open, outermost first.
struct Open {
    stack: Vec<Element>,
    done: Option<Value>,
    nodes: usize,
}

struct Element {
    name: String,
    text: String,
    map: Map,
}

impl Open {
    fn begin(&mut self, start: &BytesStart<'_>) -> Result<(), ImportFault> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(ImportFault::TooDeep(MAX_DEPTH));
        }
        if self.stack.is_empty() && self.done.is_some() {
            return Err(ImportFault::Syntax("there is a second outermost element".into()));
        }
        let name = local_name(start);
        let mut element = Element { name, text: String::new(), map: Map::default() };
        for attribute in start.attributes() {
            let wrong = || ImportFault::Syntax("an attribute is not well-formed".into());
            let attribute = attribute.map_err(|_| wrong())?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| wrong())?;
            let name = attribute.key.local_name().as_ref().to_string();
            // Those of namespaces say nothing of the content.
            if !attribute.key.as_ref().starts_with("xmlns") {
                element.map.insert(&name, Value::text(value));
                self.nodes += 1;
            }
        }
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(ImportFault::TooMany { limit: MAX_NODES });
        }
        self.stack.push(element);
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some(element) = self.stack.last_mut() {
            element.text.push_str(text);
        }
    }

    fn end(&mut self) {
        let Some(Element { name, text, mut map }) = self.stack.pop() else { return };
        let value = match (map.0.is_empty(), text.trim().is_empty()) {
            (true, true) => Value::Null,
            (true, false) => Value::Text(text),
            (false, true) => Value::Map(map),
            (false, false) => {
                map.insert(TEXT, Value::Text(text));
                Value::Map(map)
            }
        };
        match self.stack.last_mut() {
            Some(parent) => parent.add(name, value),
            None => self.done = Some(value),
        }
    }
}

impl Element {
    /// Adds a child. Children of one name mostly follow each other, so only the last is looked at first.
    fn add(&mut self, name: String, value: Value) {
        let entries = &mut self.map.0;
        let last = entries.last().is_some_and(|(key, _)| *key == name);
        let at = if last { entries.len().checked_sub(1) } else { None };
        // Beyond some names the order is not searched any more: a hostile file would make that slow.
        let at = at.or_else(|| {
            let few = entries.len() <= 256;
            few.then(|| entries.iter().position(|(key, _)| *key == name)).flatten()
        });
        match at.and_then(|at| entries.get_mut(at)) {
            Some((_, Value::List(list))) => list.push(value),
            Some((_, first)) => {
                let list = vec![std::mem::replace(first, Value::Null), value];
                *first = Value::List(list);
            }
            None => entries.push((name, value)),
        }
    }
}
