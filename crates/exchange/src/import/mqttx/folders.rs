//! MQTTX's groups as folders. They refer to their parents by identifier, in files that may hold circles, missing parents
//! and any depth; what does not hang together stands at the top, and nothing is lost.

use std::collections::{BTreeMap, BTreeSet};

use mqttscope_model::folder::MAX_DEPTH;

use crate::found::FoundNode;
use crate::import::value::{Map, Value};

/// A group.
pub(in crate::import) struct Folder {
    id: String,
    name: String,
    parent: Option<String>,
    order: i64,
}

/// Where a connection stands.
pub(in crate::import) struct Placed {
    parent: Option<String>,
    order: i64,
}

impl Folder {
    pub(super) fn of(map: &Map) -> Option<Self> {
        let id = text(map, "id")?;
        let name = text(map, "name").unwrap_or_default();
        Some(Self { id, name, parent: text(map, "parentId"), order: order(map) })
    }
}

impl Placed {
    pub(super) fn of(map: &Map) -> Self {
        Self { parent: text(map, "parentId"), order: order(map) }
    }
}

fn text(map: &Map, name: &str) -> Option<String> {
    map.get(name).and_then(Value::as_text)
}

/// What has no number stands behind what has one, in the file's order.
fn order(map: &Map) -> i64 {
    map.get("orderId").and_then(Value::as_integer).unwrap_or(i64::MAX)
}

/// The folders with the connections in them; nothing where there are no folders, because then there is no order to
/// keep either.
pub(super) fn tree(folders: Vec<Folder>, placed: &[Placed]) -> Vec<FoundNode> {
    if folders.is_empty() {
        return Vec::new();
    }
    let mut known = BTreeMap::new();
    for (index, folder) in folders.iter().enumerate() {
        known.entry(folder.id.as_str()).or_insert(index);
    }
    let mut inside = Inside { folders: &folders, children: BTreeMap::new() };
    for (index, folder) in folders.iter().enumerate() {
        let parent = folder.parent.as_deref().and_then(|id| known.get(id)).copied();
        let parent = parent.filter(|_| hangs_together(index, &folders, &known));
        inside.children.entry(parent).or_default().push((folder.order, Child::Folder(index)));
    }
    for (index, place) in placed.iter().enumerate() {
        let parent = place.parent.as_deref().and_then(|id| known.get(id)).copied();
        inside.children.entry(parent).or_default().push((place.order, Child::Profile(index)));
    }
    inside.nodes(None)
}

/// Whether the way up from a folder ends, and is short enough to be kept.
fn hangs_together(start: usize, folders: &[Folder], known: &BTreeMap<&str, usize>) -> bool {
    let mut seen = BTreeSet::new();
    let mut at = start;
    while seen.insert(at) && seen.len() <= MAX_DEPTH {
        let parent = folders.get(at).and_then(|folder| folder.parent.as_deref());
        match parent.and_then(|id| known.get(id)) {
            Some(next) => at = *next,
            None => return true,
        }
    }
    false
}

#[derive(Clone, Copy)]
enum Child {
    Folder(usize),
    Profile(usize),
}

struct Inside<'a> {
    folders: &'a [Folder],
    children: BTreeMap<Option<usize>, Vec<(i64, Child)>>,
}

impl Inside<'_> {
    fn nodes(&mut self, parent: Option<usize>) -> Vec<FoundNode> {
        let mut children = self.children.remove(&parent).unwrap_or_default();
        children.sort_by_key(|(order, _)| *order);
        let node = |(_, child): (i64, Child)| match child {
            Child::Profile(index) => FoundNode::Profile(index),
            Child::Folder(index) => FoundNode::Folder {
                name: self.folders.get(index).map(|one| one.name.clone()).unwrap_or_default(),
                colour: None,
                children: self.nodes(Some(index)),
            },
        };
        children.into_iter().map(node).collect()
    }
}
