//! Where imported profiles go among the folders.
//!
//! A folder is found again by its name below the same folders, so that importing twice does not double a tree. Only
//! what the source puts into a folder, or into an order, gets a place; the rest stands at the end by name, as
//! everything does that nobody has placed.

use std::collections::{BTreeMap, BTreeSet};

use mqttscope_exchange::FoundNode;
use mqttscope_model::folder::MAX_DEPTH;
use mqttscope_model::{Colour, FolderId, Node, ProfileId, Tree};

/// The most characters of a folder's name.
const MAX_NAME: usize = 100;

/// Puts the profiles of an import, by their index in it, into the tree. Returns the folders that were made.
pub(crate) fn place(
    tree: &mut Tree,
    nodes: &[FoundNode],
    profiles: &BTreeMap<usize, ProfileId>,
    fresh: &mut impl FnMut() -> FolderId,
) -> Vec<FolderId> {
    let mut placed = BTreeSet::new();
    collect(nodes, profiles, &mut placed);
    take_out(&mut tree.0, &placed);
    let mut made = Vec::new();
    put(&mut tree.0, nodes, profiles, 0, &mut |name, colour| {
        let id = fresh();
        made.push(id.clone());
        Node::Folder { id, name: name.to_owned(), colour, children: Vec::new() }
    });
    made
}

/// Takes profiles out of the tree, and those of the folders that are empty then.
pub(crate) fn take_back(tree: &mut Tree, profiles: &BTreeSet<ProfileId>, made: &[FolderId]) {
    take_out(&mut tree.0, profiles);
    take_empty(&mut tree.0, made);
}

fn collect(
    nodes: &[FoundNode],
    profiles: &BTreeMap<usize, ProfileId>,
    placed: &mut BTreeSet<ProfileId>,
) {
    for node in nodes {
        match node {
            FoundNode::Profile(index) => placed.extend(profiles.get(index).cloned()),
            FoundNode::Folder { children, .. } => collect(children, profiles, placed),
        }
    }
}

fn put(
    into: &mut Vec<Node>,
    nodes: &[FoundNode],
    profiles: &BTreeMap<usize, ProfileId>,
    depth: usize,
    make: &mut impl FnMut(&str, Option<Colour>) -> Node,
) {
    for node in nodes {
        match node {
            FoundNode::Profile(index) => {
                into.extend(profiles.get(index).map(|id| Node::Profile { id: id.clone() }));
            }
            FoundNode::Folder { .. } if !leads_to(node, profiles) => {}
            // Without a name, or deeper than folders may lie here: what is in it moves up.
            FoundNode::Folder { name, children, .. }
                if depth == MAX_DEPTH || short(name).is_empty() =>
            {
                put(into, children, profiles, depth, make);
            }
            FoundNode::Folder { name, colour, children } => {
                let name = &short(name);
                let same = |node: &Node| matches!(node, Node::Folder { name: n, .. } if n == name);
                let at = into.iter().position(same).unwrap_or_else(|| {
                    into.push(make(name, *colour));
                    into.len() - 1
                });
                if let Some(Node::Folder { children: into, .. }) = into.get_mut(at) {
                    put(into, children, profiles, depth + 1, make);
                }
            }
        }
    }
}

/// A name as folders may have it.
fn short(name: &str) -> String {
    let plain: String = name.chars().filter(|c| !c.is_control()).collect();
    plain.trim().chars().take(MAX_NAME).collect::<String>().trim_end().to_owned()
}

fn leads_to(node: &FoundNode, profiles: &BTreeMap<usize, ProfileId>) -> bool {
    match node {
        FoundNode::Profile(index) => profiles.contains_key(index),
        FoundNode::Folder { children, .. } => children.iter().any(|node| leads_to(node, profiles)),
    }
}

fn take_out(nodes: &mut Vec<Node>, profiles: &BTreeSet<ProfileId>) {
    nodes.retain_mut(|node| match node {
        Node::Profile { id } => !profiles.contains(id),
        Node::Folder { children, .. } => {
            take_out(children, profiles);
            true
        }
    });
}

fn take_empty(nodes: &mut Vec<Node>, made: &[FolderId]) {
    nodes.retain_mut(|node| match node {
        Node::Profile { .. } => true,
        Node::Folder { id, children, .. } => {
            take_empty(children, made);
            !(children.is_empty() && made.contains(id))
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str, children: Vec<FoundNode>) -> FoundNode {
        FoundNode::Folder { name: name.to_owned(), colour: None, children }
    }

    fn ids(names: &[&str]) -> BTreeMap<usize, ProfileId> {
        names.iter().map(|name| ProfileId::new(*name).unwrap()).enumerate().collect()
    }

    fn shown(nodes: &[Node]) -> String {
        let each = |node: &Node| match node {
            Node::Folder { name, children, .. } => format!("{name}({})", shown(children)),
            Node::Profile { id } => id.to_string(),
        };
        nodes.iter().map(each).collect::<Vec<_>>().join(" ")
    }

    fn fresh() -> impl FnMut() -> FolderId {
        let mut last = 0;
        move || {
            last += 1;
            FolderId(format!("f{last}"))
        }
    }

    #[test]
    fn folders_are_joined_by_name_and_taken_back_without_a_trace() {
        let first = [folder("f", vec![folder("g", vec![FoundNode::Profile(0)])])];
        let mut tree = Tree::default();
        place(&mut tree, &first, &ids(&["a"]), &mut fresh());
        assert_eq!(shown(&tree.0), "f(g(a))");

        let before = tree.clone();
        let second = [
            folder("f", vec![folder("h", vec![FoundNode::Profile(0)]), FoundNode::Profile(1)]),
            folder("nobody", vec![FoundNode::Profile(7)]),
        ];
        let made = place(&mut tree, &second, &ids(&["b", "c"]), &mut fresh());
        assert_eq!(shown(&tree.0), "f(g(a) h(b) c)");
        take_back(&mut tree, &ids(&["b", "c"]).into_values().collect(), &made);
        assert_eq!(tree, before);
    }

    #[test]
    fn what_lies_too_deep_moves_up() {
        let mut node = FoundNode::Profile(0);
        for _ in 0..40 {
            node = folder("x", vec![node]);
        }
        let mut tree = Tree::default();
        let made = place(&mut tree, &[node], &ids(&["a"]), &mut fresh());
        assert_eq!(made.len(), MAX_DEPTH);
    }
}
