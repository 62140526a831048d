//! Reading an object's fields: each is taken by name, and what nobody took is what has no counterpart.

use std::collections::BTreeSet;

use mqttscope_model::UserProperty;

use super::draft::note;
use super::value::{Map, Value};
use crate::found::{Note, NoteCode};

/// An object's fields, and what is to be said about them.
pub(super) struct Fields<'a> {
    map: &'a Map,
    /// What stands before a field's name in notes: empty, or `will.`.
    prefix: String,
    taken: BTreeSet<&'a str>,
    pub(super) notes: Vec<Note>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(map: &'a Map, prefix: &str) -> Self {
        Self { map, prefix: prefix.to_owned(), taken: BTreeSet::new(), notes: Vec::new() }
    }

    /// The field's path in notes.
    pub(super) fn path(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The value of a field; nothing where it is absent or empty.
    pub(super) fn value(&mut self, name: &str) -> Option<&'a Value> {
        let (key, value) = self.map.0.iter().rev().find(|(key, _)| key == name)?;
        self.taken.insert(key);
        (!value.is_empty()).then_some(value)
    }

    /// Text; numbers and flags are taken as they are written.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        let value = self.value(name)?;
        let text = value.as_text();
        if text.is_none() {
            self.not_usable(name, "");
        }
        text
    }

    /// Text that is a secret: like [`Fields::text`]; notes about it never show it.
    pub(super) fn secret(&mut self, name: &str) -> Option<String> {
        self.text(name)
    }

    /// A flag, also as text or as 0 and 1.
    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        let value = self.value(name)?;
        let flag = value.as_flag();
        if flag.is_none() {
            self.not_usable(name, &value.as_text().unwrap_or_default());
        }
        flag
    }

    /// A number that fits.
    pub(super) fn number<T: TryFrom<i64>>(&mut self, name: &str) -> Option<T> {
        let value = self.value(name)?;
        let number = value.as_integer().and_then(|number| T::try_from(number).ok());
        if number.is_none() {
            self.not_usable(name, &value.as_text().unwrap_or_default());
        }
        number
    }

    /// An object in a field.
    pub(super) fn object(&mut self, name: &str) -> Option<Fields<'a>> {
        let value = self.value(name)?;
        let Some(map) = value.as_map() else {
            self.not_usable(name, "");
            return None;
        };
        Some(Self::new(map, &format!("{}{name}.", self.prefix)))
    }

    /// The items of a list; what is no list is a list of one, as XML writes it.
    pub(super) fn list(&mut self, name: &str) -> &'a [Value] {
        match self.value(name) {
            None => &[],
            Some(Value::List(list)) => list,
            Some(one) => std::slice::from_ref(one),
        }
    }

    /// The objects in a list, each with its path; anything else in it is noted.
    pub(super) fn objects(&mut self, name: &str) -> Vec<Fields<'a>> {
        let path = self.path(name);
        let mut objects = Vec::new();
        for (index, item) in self.list(name).iter().enumerate() {
            match item.as_map() {
                Some(map) => objects.push(Self::new(map, &format!("{path}[{index}]."))),
                None => self.notes.push(note(format!("{path}[{index}]"), "", NoteCode::NotUsable)),
            }
        }
        objects
    }

    /// `{name: value}` or `{name: [value, value]}`, in the source's order.
    pub(super) fn user_properties(&mut self, name: &str) -> Vec<UserProperty> {
        let Some(map) = self.object(name) else { return Vec::new() };
        let mut list = Vec::new();
        for (key, value) in &map.map.0 {
            let values = match value {
                Value::List(values) => values.as_slice(),
                one => std::slice::from_ref(one),
            };
            for value in values {
                let value = value.as_text().unwrap_or_default();
                list.push(UserProperty { name: key.clone(), value });
            }
        }
        list
    }

    pub(super) fn not_usable(&mut self, name: &str, value: &str) {
        self.notes.push(note(self.path(name), value, NoteCode::NotUsable));
    }

    /// Takes fields that say nothing to a person, such as the other program's own numbers.
    pub(super) fn ignore(&mut self, names: &[&str]) {
        for name in names {
            self.value(name);
        }
    }

    /// All notes, and one for each field that nobody took. Its value is not shown: nobody knows what it is.
    pub(super) fn finish(mut self) -> Vec<Note> {
        for (name, value) in &self.map.0 {
            let says = !value.is_empty() && value.as_flag() != Some(false);
            if says && self.taken.insert(name) {
                let path = format!("{}{name}", self.prefix);
                self.notes.push(note(path, "", NoteCode::NoCounterpart));
            }
        }
        self.notes
    }
}
