/**
 * The tree of folders and profiles as rows, and where things may be put in it: functions of the engine's tree alone.
 *
 * A node's key is one text for folders and profiles alike, so that selections are sets of texts. The window never changes
 * the tree itself: a `Spot` is what `nodes_move` is asked for.
 */
import type { Colour, FolderId, Node, NodeId, ProfileId } from '$src/bindings/engine';

export type Key = `f:${FolderId}` | `p:${ProfileId}`;

/** A folder or a profile on one line of the list. */
export interface TreeRow {
  key: Key;
  node: Node;
  /** 1 at the top. */
  level: number;
  /** The folder that it lies in. */
  parent: FolderId | null;
  /** Its place among its siblings, from 1, and how many there are. */
  place: number;
  siblings: number;
  /** Whether what lies in it is shown; false for profiles. */
  open: boolean;
}

/** Where nodes are put: into a folder (none: the top), before something in it or at its end. */
export interface Spot {
  folder: FolderId | null;
  before: NodeId | null;
}

export function keyOf(node: NodeId): Key {
  return node.kind === 'folder' ? `f:${node.id}` : `p:${node.id}`;
}

export function idOf(node: NodeId): NodeId {
  return { kind: node.kind, id: node.id };
}

/** What lies in a node; nothing in a profile. */
export function childrenOf(node: Node): Node[] {
  return node.kind === 'folder' ? node.children : [];
}

/** The lines of the list. What is closed keeps what lies in it to itself. */
export function rowsOf(tree: Node[], isOpen: (id: FolderId) => boolean): TreeRow[] {
  const rows: TreeRow[] = [];
  const add = (nodes: Node[], parent: FolderId | null, level: number): void => {
    nodes.forEach((node, at) => {
      const open = node.kind === 'folder' && isOpen(node.id);
      const place = { level, parent, place: at + 1, siblings: nodes.length };
      rows.push({ key: keyOf(node), node, ...place, open });
      if (open) add(childrenOf(node), node.kind === 'folder' ? node.id : null, level + 1);
    });
  };
  add(tree, null, 1);
  return rows;
}

/** The tree with only what matches and the folders around it. A folder that matches keeps all that lies in it. */
export function matching(tree: Node[], matches: (node: Node) => boolean): Node[] {
  return tree.flatMap((node): Node[] => {
    if (matches(node)) return [node];
    if (node.kind === 'profile') return [];
    const children = matching(node.children, matches);
    return children.length > 0 ? [{ ...node, children }] : [];
  });
}

/** Every node with the folder that it lies in, outer ones first, in the list's order. */
export function* walk(
  tree: Node[],
  parent: FolderId | null = null,
  level = 1,
): Generator<{ node: Node; parent: FolderId | null; level: number }> {
  for (const node of tree) {
    yield { node, parent, level };
    if (node.kind === 'folder') yield* walk(node.children, node.id, level + 1);
  }
}

/** What was chosen, in the list's order, without what lies in a chosen folder anyway. */
export function topmost(tree: Node[], chosen: ReadonlySet<Key>): Node[] {
  return tree.flatMap((node): Node[] =>
    chosen.has(keyOf(node)) ? [node] : topmost(childrenOf(node), chosen),
  );
}

/** The profiles among what was chosen and in chosen folders, in the list's order, each once. */
export function profilesIn(nodes: Node[]): ProfileId[] {
  return [...walk(nodes)].flatMap(({ node }) => (node.kind === 'profile' ? [node.id] : []));
}

/** All folders with their level, for a list to choose from. */
export function foldersOf(
  tree: Node[],
): { id: FolderId; name: string; colour: Colour | null; level: number }[] {
  return [...walk(tree)].flatMap(({ node, level }) =>
    node.kind === 'folder' ? [{ id: node.id, name: node.name, colour: node.colour, level }] : [],
  );
}

export function folderBy(tree: Node[], id: FolderId): Extract<Node, { kind: 'folder' }> | null {
  for (const { node } of walk(tree)) if (node.kind === 'folder' && node.id === id) return node;
  return null;
}

/** The folder that a node lies in; none at the top, and where there is no such node. */
export function parentOf(tree: Node[], key: Key): FolderId | null {
  for (const { node, parent } of walk(tree)) if (keyOf(node) === key) return parent;
  return null;
}

/** What lies side by side in a folder. */
export function inside(tree: Node[], folder: FolderId | null): Node[] {
  return folder === null ? tree : (folderBy(tree, folder)?.children ?? []);
}

/** Whether `folder` is one of `moved` or lies in one of them: then these cannot be put there. */
export function isWithin(moved: Node[], folder: FolderId | null): boolean {
  if (folder === null) return false;
  return [...walk(moved)].some(({ node }) => node.kind === 'folder' && node.id === folder);
}

/** The spot behind a node: before the next sibling that is not moved itself, or at the end. */
export function behind(tree: Node[], key: Key, moved: ReadonlySet<Key>): Spot {
  const folder = parentOf(tree, key);
  const siblings = inside(tree, folder);
  const at = siblings.findIndex((node) => keyOf(node) === key);
  return { folder, before: firstStaying(siblings.slice(at + 1), moved) };
}

/** The spot before a node, or before what follows it where it is moved itself. */
export function ahead(tree: Node[], key: Key, moved: ReadonlySet<Key>): Spot {
  const folder = parentOf(tree, key);
  const siblings = inside(tree, folder);
  const at = siblings.findIndex((node) => keyOf(node) === key);
  return { folder, before: firstStaying(siblings.slice(at), moved) };
}

function firstStaying(nodes: Node[], moved: ReadonlySet<Key>): NodeId | null {
  const found = nodes.find((node) => !moved.has(keyOf(node)));
  return found ? idOf(found) : null;
}

export type Direction = 'up' | 'down' | 'out' | 'in';

/**
 * Where one step of the keyboard puts what was chosen: up and down among the siblings, out behind the folder, in at the
 * end of the folder above. None where there is no such step.
 */
export function stepped(tree: Node[], chosen: ReadonlySet<Key>, direction: Direction): Spot | null {
  const moved = topmost(tree, chosen);
  const keys = new Set(moved.map(keyOf));
  const [first] = moved;
  const last = moved.at(-1);
  if (!first || !last) return null;
  const folder = parentOf(tree, keyOf(first));
  if (direction === 'out') return folder === null ? null : behind(tree, `f:${folder}`, keys);
  const siblings = inside(tree, folder);
  const place = (node: Node) => siblings.findIndex((each) => keyOf(each) === keyOf(node));
  const above = siblings[place(first) - 1];
  if (direction === 'up') return above ? { folder, before: idOf(above) } : null;
  if (direction === 'in') {
    return above?.kind === 'folder' ? { folder: above.id, before: null } : null;
  }
  const at = parentOf(tree, keyOf(last)) === folder ? place(last) : place(first);
  const rest = siblings.slice(at + 1).filter((node) => !keys.has(keyOf(node)));
  const [below, next] = rest;
  if (!below) return null;
  return { folder, before: next ? idOf(next) : null };
}
