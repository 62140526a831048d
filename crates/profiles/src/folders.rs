//! The folders of the profiles and the order in them: `profiles/folders.json`.
//!
//! It lies beside the profiles, so that whoever keeps them under version control keeps their order too. It names
//! only what a person has put somewhere: a profile that it does not name stands at the end by its name, and one that
//! is gone keeps its place as long as it can come back, be it by undo or by another program. A file that cannot be read
//! is reported like a broken profile and never written over.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;

use mqttscope_model::folder::{MAX_DEPTH, TreeError};
use mqttscope_model::{Colour, FolderId, Node, NodeId, ProfileId, Tree};
use serde::{Deserialize, Serialize};

use crate::error::ProfileError;
use crate::files;
use crate::reading::{self, FOLDERS};
use crate::store::ProfileStore;

const FORMAT: u32 = 1;

/// The largest file, in bytes, that is read; a hundred thousand profiles fit.
const MAX_BYTES: u64 = 32 << 20;

/// How deep brackets lie in each other in a file with folders of [`MAX_DEPTH`]: the whole and its list, an object and
/// a list for each folder, and a profile.
const MAX_NESTING: usize = 2 + 2 * MAX_DEPTH + 1;

#[derive(Serialize)]
struct Written<'a> {
    format: u32,
    tree: &'a Tree,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    #[serde(rename = "format")]
    _format: u32,
    tree: Tree,
}

#[derive(Deserialize)]
struct Head {
    format: u32,
}

impl ProfileStore {
    /// Folders and order as they are saved. [`crate::Listing::tree`] is what people see.
    ///
    /// # Errors
    /// [`ProfileError::FoldersBroken`].
    pub fn tree(&self) -> Result<Tree, ProfileError> {
        self.read_tree()
            .map_err(|reason| ProfileError::FoldersBroken { file: self.tree_file(), reason })
    }

    /// Changes folders and order; they are on the disk when this returns. Nothing is written where nothing changes.
    ///
    /// # Errors
    /// What `change` says, [`ProfileError::FoldersBroken`], [`ProfileError::NotWritten`]; then everything is as it was.
    pub fn change_tree<T>(
        &self,
        change: impl FnOnce(&mut Tree) -> Result<T, TreeError>,
    ) -> Result<T, ProfileError> {
        let _writing = self.lock();
        let before = self.tree()?;
        let mut after = before.clone();
        let result = change(&mut after)?;
        if after != before {
            self.write_tree(&after)?;
        }
        Ok(result)
    }

    /// Adds an empty folder at the end of `parent`, or of what has a place at the top.
    ///
    /// # Errors
    /// As [`Self::change_tree`].
    pub fn add_folder(
        &self,
        id: FolderId,
        name: String,
        parent: Option<&FolderId>,
    ) -> Result<(), ProfileError> {
        self.change_tree(|tree| tree.add_folder(id, name, parent))
    }

    /// Changes a folder's name and colour.
    ///
    /// # Errors
    /// As [`Self::change_tree`].
    pub fn edit_folder(
        &self,
        id: &FolderId,
        name: String,
        colour: Option<Colour>,
    ) -> Result<(), ProfileError> {
        self.change_tree(|tree| tree.edit_folder(id, name, colour))
    }

    /// Removes a folder; what lay in it takes its place.
    ///
    /// # Errors
    /// As [`Self::change_tree`].
    pub fn remove_folder(&self, id: &FolderId) -> Result<(), ProfileError> {
        self.change_tree(|tree| tree.remove_folder(id))
    }

    /// Puts profiles and folders into `folder` (none: the top), before `before` or at its end.
    ///
    /// # Errors
    /// As [`Self::change_tree`], and [`ProfileError::Folder`].
    pub fn move_nodes(
        &self,
        nodes: &[NodeId],
        folder: Option<&FolderId>,
        before: Option<&NodeId>,
    ) -> Result<(), ProfileError> {
        let living = self.by_name()?;
        self.change_tree(|tree| {
            let named = profiles_in(tree);
            let is_unnamed =
                |node: &NodeId| matches!(node, NodeId::Profile { id } if !named.contains(id));
            // At the end of the top, or before one that stands there by its name: then all get their places.
            let all = folder.is_none() && before.is_none_or(is_unnamed);
            let wanted: HashSet<&NodeId> = nodes.iter().collect();
            let new = living.iter().filter(|id| {
                let node = NodeId::Profile { id: (*id).clone() };
                all || wanted.contains(&node)
            });
            give_places(tree, new);
            tree.move_to(nodes, folder, before)
        })
    }

    /// Puts a copy right behind its original.
    ///
    /// # Errors
    /// As [`Self::move_nodes`].
    pub fn place_behind(&self, original: &ProfileId, copy: &ProfileId) -> Result<(), ProfileError> {
        let living = self.by_name()?;
        let is_behind = living.windows(2).any(|pair| pair == [original.clone(), copy.clone()]);
        self.change_tree(|tree| {
            if !profiles_in(tree).contains(original) {
                if is_behind {
                    return Ok(());
                }
                give_places(tree, living.iter().filter(|id| *id != copy));
            }
            insert_behind(&mut tree.0, original, copy);
            Ok(())
        })
    }

    /// Takes the places of profiles that will not come back.
    pub(crate) fn forget_places(&self, gone: &BTreeSet<ProfileId>) -> Result<(), ProfileError> {
        self.change_tree(|tree| {
            retain(&mut tree.0, &|id| !gone.contains(id));
            Ok(())
        })
    }

    pub(crate) fn tree_file(&self) -> PathBuf {
        self.folder.join(format!("{FOLDERS}.json"))
    }

    /// The saved tree, or in English why it cannot be read.
    pub(crate) fn read_tree(&self) -> Result<Tree, String> {
        let file = self.tree_file();
        if !files::is_there(&file) {
            return Ok(Tree::default());
        }
        let text = reading::bytes(&file, MAX_BYTES)?;
        let head: Head = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
        if head.format != FORMAT {
            return Err(format!(
                "it has format {}; this version knows format {FORMAT} only",
                head.format
            ));
        }
        // Judged before the parser follows it down: what nests costs stack.
        if nesting(&text) > MAX_NESTING {
            return Err(format!("folders lie in each other more than {MAX_DEPTH} deep"));
        }
        let read: Read = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
        let mut seen = HashSet::new();
        match repeated(&read.tree.0, &mut seen) {
            Some(id) => Err(format!("the folder {} is there twice", id.0)),
            None => Ok(read.tree),
        }
    }

    fn write_tree(&self, tree: &Tree) -> Result<(), ProfileError> {
        let file = self.tree_file();
        let failed = |cause| ProfileError::NotWritten { file: file.clone(), cause };
        let mut text = serde_json::to_vec_pretty(&Written { format: FORMAT, tree })
            .map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        files::make_folder(&self.folder)
            .and_then(|()| files::write_atomically(&file, &text))
            .map_err(failed)
    }

    /// The living profiles, by name.
    fn by_name(&self) -> Result<Vec<ProfileId>, ProfileError> {
        Ok(self.list()?.profiles.into_iter().map(|profile| profile.id).collect())
    }
}

/// Puts those of `new` that have no place to the end of the top.
fn give_places<'a>(tree: &mut Tree, new: impl Iterator<Item = &'a ProfileId>) {
    let named = profiles_in(tree);
    let new = new.filter(|id| !named.contains(id));
    let new: Vec<_> = new.map(|id| Node::Profile { id: id.clone() }).collect();
    tree.0.extend(new);
}

fn profiles_in(tree: &Tree) -> HashSet<ProfileId> {
    fn collect(nodes: &[Node], found: &mut HashSet<ProfileId>) {
        for node in nodes {
            match node {
                Node::Profile { id } => _ = found.insert(id.clone()),
                Node::Folder { children, .. } => collect(children, found),
            }
        }
    }
    let mut found = HashSet::new();
    collect(&tree.0, &mut found);
    found
}

fn insert_behind(nodes: &mut Vec<Node>, original: &ProfileId, copy: &ProfileId) -> bool {
    let at = nodes.iter().position(|node| matches!(node, Node::Profile { id } if id == original));
    if let Some(at) = at {
        nodes.insert(at + 1, Node::Profile { id: copy.clone() });
        return true;
    }
    nodes.iter_mut().any(|node| match node {
        Node::Folder { children, .. } => insert_behind(children, original, copy),
        Node::Profile { .. } => false,
    })
}

fn retain(nodes: &mut Vec<Node>, stays: &impl Fn(&ProfileId) -> bool) {
    nodes.retain_mut(|node| match node {
        Node::Profile { id } => stays(id),
        Node::Folder { children, .. } => {
            retain(children, stays);
            true
        }
    });
}

/// A folder whose identifier another one has as well.
fn repeated<'a>(nodes: &'a [Node], seen: &mut HashSet<&'a FolderId>) -> Option<&'a FolderId> {
    nodes.iter().find_map(|node| match node {
        Node::Folder { id, .. } if !seen.insert(id) => Some(id),
        Node::Folder { children, .. } => repeated(children, seen),
        Node::Profile { .. } => None,
    })
}

/// How deep brackets lie in each other in a JSON text.
fn nesting(text: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0usize, 0usize);
    let (mut in_string, mut escaped) = (false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
