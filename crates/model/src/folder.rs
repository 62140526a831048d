//! The order of profiles: folders in folders, and what lies in them.
//!
//! One nested list, kept apart from the profiles, so that moving a profile changes one file and a profile's own
//! file stays as it is. A list cannot form a circle. Profiles that it does not name stand behind it by name.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ProfileId;

/// How deep folders may lie in each other.
pub const MAX_DEPTH: usize = 16;

/// Names a folder for ever.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct FolderId(pub String);

/// A colour that a person gives to tell things apart; the window has a tone of it for each theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "they say what they are")]
pub enum Colour {
    Red,
    Orange,
    Yellow,
    Green,
    Teal,
    Blue,
    Purple,
    Grey,
}

/// Something in a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Node {
    /// A folder.
    Folder {
        /// Its identifier.
        id: FolderId,
        /// The name that people see.
        name: String,
        /// Its colour.
        #[serde(default)]
        colour: Option<Colour>,
        /// What lies in it, in order.
        #[serde(default)]
        children: Vec<Node>,
    },
    /// A profile.
    Profile {
        /// Its identifier.
        id: ProfileId,
    },
}

/// A node without what lies in it: what is dragged, and where it is dropped.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NodeId {
    /// A folder.
    Folder {
        /// Its identifier.
        id: FolderId,
    },
    /// A profile.
    Profile {
        /// Its identifier.
        id: ProfileId,
    },
}

/// Why a tree cannot be changed so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// There is no such folder, or no such node to stand before.
    #[error("there is no such folder any more")]
    NotFound,
    /// A folder cannot lie in itself.
    #[error("a folder cannot lie in itself")]
    IntoItself,
    /// Deeper than [`MAX_DEPTH`].
    #[error("folders can lie in each other {MAX_DEPTH} deep")]
    TooDeep,
}

/// All folders and the order in them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct Tree(pub Vec<Node>);

impl Node {
    /// The node without its children.
    pub fn id(&self) -> NodeId {
        match self {
            Self::Folder { id, .. } => NodeId::Folder { id: id.clone() },
            Self::Profile { id } => NodeId::Profile { id: id.clone() },
        }
    }

    fn depth(&self) -> usize {
        match self {
            Self::Folder { children, .. } => {
                1 + children.iter().map(Self::depth).max().unwrap_or(0)
            }
            Self::Profile { .. } => 0,
        }
    }
}

impl Tree {
    /// The tree with each of `living` in it exactly once and nobody else: the unnamed ones at the end in the order of
    /// `living`, doubles and strangers taken out. Folders stay.
    #[must_use]
    pub fn complete(mut self, living: &[ProfileId]) -> Self {
        let mut wanted: BTreeSet<&ProfileId> = living.iter().collect();
        keep(&mut self.0, &mut |id| wanted.remove(id));
        let missing = living.iter().filter(|id| wanted.contains(id));
        let missing: Vec<_> = missing.map(|id| Node::Profile { id: id.clone() }).collect();
        self.0.extend(missing);
        self
    }

    /// Puts `nodes` together into `folder` (none: the top), before `before` or at the end, in the order in which they
    /// are named. What lies in a folder that is moved too moves with it.
    ///
    /// # Errors
    /// [`TreeError`]; the tree is as it was.
    pub fn move_to(
        &mut self,
        nodes: &[NodeId],
        folder: Option<&FolderId>,
        before: Option<&NodeId>,
    ) -> Result<(), TreeError> {
        let mut changed = self.clone();
        let mut moved = Vec::new();
        for id in nodes {
            match take(&mut changed.0, id) {
                Some(node) => moved.push(node),
                // It lay in a folder that was taken before it.
                None if moved.iter().any(|node| holds(node, id)) => {}
                None => return Err(TreeError::NotFound),
            }
        }
        let is_in_itself = |id: &FolderId| {
            let target = NodeId::Folder { id: id.clone() };
            moved.iter().any(|node| node.id() == target || holds(node, &target))
        };
        let (place, above) = match folder {
            None => (&mut changed.0, 0),
            Some(id) if is_in_itself(id) => return Err(TreeError::IntoItself),
            Some(id) => children_of(&mut changed.0, id, 1).ok_or(TreeError::NotFound)?,
        };
        if moved.iter().any(|node| above + node.depth() > MAX_DEPTH) {
            return Err(TreeError::TooDeep);
        }
        let at = match before {
            None => place.len(),
            Some(id) => {
                place.iter().position(|node| node.id() == *id).ok_or(TreeError::NotFound)?
            }
        };
        place.splice(at..at, moved);
        *self = changed;
        Ok(())
    }

    /// Adds an empty folder at the end of `parent`, or of the top.
    ///
    /// # Errors
    /// [`TreeError`]; the tree is as it was.
    pub fn add_folder(
        &mut self,
        id: FolderId,
        name: String,
        parent: Option<&FolderId>,
    ) -> Result<(), TreeError> {
        let (place, above) = match parent {
            None => (&mut self.0, 0),
            Some(parent) => children_of(&mut self.0, parent, 1).ok_or(TreeError::NotFound)?,
        };
        if above + 1 > MAX_DEPTH {
            return Err(TreeError::TooDeep);
        }
        place.push(Node::Folder { id, name, colour: None, children: Vec::new() });
        Ok(())
    }

    /// Changes a folder's name and colour.
    ///
    /// # Errors
    /// [`TreeError::NotFound`].
    pub fn edit_folder(
        &mut self,
        id: &FolderId,
        name: String,
        colour: Option<Colour>,
    ) -> Result<(), TreeError> {
        match find(&mut self.0, id) {
            Some(Node::Folder { name: old_name, colour: old_colour, .. }) => {
                *old_name = name;
                *old_colour = colour;
                Ok(())
            }
            _ => Err(TreeError::NotFound),
        }
    }

    /// Removes a folder; what lay in it takes its place.
    ///
    /// # Errors
    /// [`TreeError::NotFound`].
    pub fn remove_folder(&mut self, id: &FolderId) -> Result<(), TreeError> {
        if dissolve(&mut self.0, id) { Ok(()) } else { Err(TreeError::NotFound) }
    }
}

fn keep(nodes: &mut Vec<Node>, wanted: &mut impl FnMut(&ProfileId) -> bool) {
    nodes.retain_mut(|node| match node {
        Node::Profile { id } => wanted(id),
        Node::Folder { children, .. } => {
            keep(children, wanted);
            true
        }
    });
}

fn take(nodes: &mut Vec<Node>, wanted: &NodeId) -> Option<Node> {
    if let Some(at) = nodes.iter().position(|node| node.id() == *wanted) {
        return Some(nodes.remove(at));
    }
    nodes.iter_mut().find_map(|node| match node {
        Node::Folder { children, .. } => take(children, wanted),
        Node::Profile { .. } => None,
    })
}

fn holds(node: &Node, wanted: &NodeId) -> bool {
    match node {
        Node::Folder { children, .. } => {
            children.iter().any(|child| child.id() == *wanted || holds(child, wanted))
        }
        Node::Profile { .. } => false,
    }
}

/// The children of a folder and how deep it lies, from 1.
fn children_of<'a>(
    nodes: &'a mut [Node],
    wanted: &FolderId,
    depth: usize,
) -> Option<(&'a mut Vec<Node>, usize)> {
    nodes.iter_mut().find_map(|node| {
        let Node::Folder { id, children, .. } = node else { return None };
        if id == wanted {
            return Some((children, depth));
        }
        children_of(children, wanted, depth + 1)
    })
}

fn find<'a>(nodes: &'a mut [Node], wanted: &FolderId) -> Option<&'a mut Node> {
    let wanted_id = NodeId::Folder { id: wanted.clone() };
    nodes.iter_mut().find_map(|node| {
        if node.id() == wanted_id {
            return Some(node);
        }
        match node {
            Node::Folder { children, .. } => find(children, wanted),
            Node::Profile { .. } => None,
        }
    })
}

fn dissolve(nodes: &mut Vec<Node>, wanted: &FolderId) -> bool {
    let at = nodes.iter().position(|node| matches!(node, Node::Folder { id, .. } if id == wanted));
    if let Some(at) = at {
        if let Node::Folder { children, .. } = nodes.remove(at) {
            nodes.splice(at..at, children);
        }
        return true;
    }
    nodes.iter_mut().any(|node| match node {
        Node::Folder { children, .. } => dissolve(children, wanted),
        Node::Profile { .. } => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a b f(c g(d))`: letters are profiles, letters with brackets folders.
    fn tree(text: &str) -> Tree {
        fn nodes(text: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Vec<Node> {
            let mut found = Vec::new();
            while let Some(c) = text.next() {
                match c {
                    ')' => break,
                    ' ' => {}
                    _ if text.next_if_eq(&'(').is_some() => found.push(Node::Folder {
                        id: FolderId(c.to_string()),
                        name: c.to_string(),
                        colour: None,
                        children: nodes(text),
                    }),
                    _ => found.push(Node::Profile { id: ProfileId::new(c).unwrap() }),
                }
            }
            found
        }
        Tree(nodes(&mut text.chars().peekable()))
    }

    fn shown(nodes: &[Node]) -> String {
        let each = |node: &Node| match node {
            Node::Folder { id, children, .. } => format!("{}({})", id.0, shown(children)),
            Node::Profile { id } => id.to_string(),
        };
        nodes.iter().map(each).collect::<Vec<_>>().join(" ")
    }

    fn profile(id: &str) -> NodeId {
        NodeId::Profile { id: ProfileId::new(id).unwrap() }
    }

    fn folder(id: &str) -> NodeId {
        NodeId::Folder { id: FolderId(id.to_owned()) }
    }

    fn moved(
        from: &str,
        nodes: &[NodeId],
        to: &str,
        before: Option<&NodeId>,
    ) -> Result<String, TreeError> {
        let mut tree = tree(from);
        let to = (!to.is_empty()).then(|| FolderId(to.to_owned()));
        let before_it = tree.clone();
        let result = tree.move_to(nodes, to.as_ref(), before);
        if result.is_err() {
            assert_eq!(tree, before_it, "nothing changes when it cannot be done");
        }
        result.map(|()| shown(&tree.0))
    }

    #[test]
    fn nodes_move_together_in_the_order_in_which_they_are_named() {
        let nodes = [profile("c"), profile("a")];
        assert_eq!(moved("a b f(c)", &nodes, "", None).unwrap(), "b f() c a");
        assert_eq!(moved("a b f(c)", &nodes, "", Some(&profile("b"))).unwrap(), "c a b f()");
        assert_eq!(moved("a b f(c)", &nodes, "f", None).unwrap(), "b f(c a)");
        assert_eq!(moved("a f(b) g(c)", &[folder("g")], "f", None).unwrap(), "a f(b g(c))");
        let both = [folder("f"), profile("b")];
        assert_eq!(moved("f(b) g()", &both, "g", None).unwrap(), "g(f(b))");
    }

    #[test]
    fn what_cannot_be_moved_stays() {
        assert_eq!(moved("f(g())", &[folder("f")], "g", None), Err(TreeError::IntoItself));
        assert_eq!(moved("f()", &[folder("f")], "f", None), Err(TreeError::IntoItself));
        assert_eq!(moved("f() a", &[profile("x")], "f", None), Err(TreeError::NotFound));
        assert_eq!(moved("f() a", &[profile("a")], "x", None), Err(TreeError::NotFound));
        assert_eq!(
            moved("f() a", &[profile("a")], "f", Some(&profile("b"))),
            Err(TreeError::NotFound)
        );
        let deep: String =
            ('A'..='P').map(|c| format!("{c}(")).chain((0..16).map(|_| ")".to_owned())).collect();
        assert_eq!(
            moved(&format!("{deep} z()"), &[folder("z")], "P", None),
            Err(TreeError::TooDeep)
        );
        assert_eq!(
            tree(&deep).add_folder(
                FolderId("q".into()),
                String::new(),
                Some(&FolderId("P".into()))
            ),
            Err(TreeError::TooDeep)
        );
    }

    #[test]
    fn a_tree_is_completed_with_who_lives() {
        let living = ["a", "b", "c"].map(|id| ProfileId::new(id).unwrap());
        assert_eq!(shown(&tree("x f(c c)").complete(&living).0), "f(c) a b");
    }

    #[test]
    fn a_removed_folder_leaves_its_content_in_its_place() {
        let mut tree = tree("a f(b g(c)) d");
        tree.remove_folder(&FolderId("f".into())).unwrap();
        assert_eq!(shown(&tree.0), "a b g(c) d");
        assert_eq!(tree.remove_folder(&FolderId("f".into())), Err(TreeError::NotFound));
    }
}
