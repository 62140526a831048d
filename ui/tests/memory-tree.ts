/** The tree as the engine keeps it, for the engine in memory: the same answers, without its files. */
import type { Colour, FolderId, Node, NodeId, ProfileId } from '$src/bindings/engine';

import { userError } from './errors';

const same = (a: NodeId, b: NodeId) => a.kind === b.kind && a.id === b.id;
const childrenOf = (node: Node) => (node.kind === 'folder' ? node.children : []);

export class MemoryTree {
  nodes: Node[] = [];
  #next = 1;

  /** Every one of `living` once and nobody else; who is not in it yet stands at the end. */
  complete(living: ProfileId[]): Node[] {
    const missing = new Set(living);
    const keep = (nodes: Node[]): Node[] =>
      nodes.flatMap((node): Node[] => {
        if (node.kind === 'folder') return [{ ...node, children: keep(node.children) }];
        return missing.delete(node.id) ? [node] : [];
      });
    this.nodes = keep(this.nodes);
    this.nodes.push(...[...missing].map((id): Node => ({ kind: 'profile', id })));
    return this.nodes;
  }

  move(nodes: NodeId[], folder: FolderId | null, before: NodeId | null): void {
    const whole = structuredClone(this.nodes);
    const moved = nodes.flatMap((id) => this.#take(this.nodes, id) ?? []);
    const place = folder === null ? this.nodes : childrenOf(this.#folder(folder, whole));
    const at = before ? place.findIndex((node) => same(node, before)) : place.length;
    if (at < 0) {
      this.nodes = whole;
      throw userError('internal', 'there is no such folder any more');
    }
    place.splice(at, 0, ...moved);
  }

  add(name: string, parent: FolderId | null): FolderId {
    const id = `folder-${this.#next++}`;
    const place = parent === null ? this.nodes : childrenOf(this.#folder(parent));
    place.push({ kind: 'folder', id, name, colour: null, children: [] });
    return id;
  }

  edit(id: FolderId, name: string, colour: Colour | null): void {
    Object.assign(this.#folder(id), { name, colour });
  }

  remove(id: FolderId): void {
    const dissolve = (nodes: Node[]): Node[] =>
      nodes.flatMap((node): Node[] => {
        if (node.kind === 'profile') return [node];
        if (node.id === id) return node.children;
        return [{ ...node, children: dissolve(node.children) }];
      });
    this.nodes = dissolve(this.nodes);
  }

  #take(nodes: Node[], id: NodeId): Node | null {
    const at = nodes.findIndex((node) => same(node, id));
    if (at >= 0) return nodes.splice(at, 1)[0] ?? null;
    for (const node of nodes) {
      const found = this.#take(childrenOf(node), id);
      if (found) return found;
    }
    return null;
  }

  #folder(id: FolderId, whole?: Node[]): Node {
    const find = (nodes: Node[]): Node | null => {
      for (const node of nodes) {
        if (node.kind === 'profile') continue;
        if (node.id === id) return node;
        const found = find(node.children);
        if (found) return found;
      }
      return null;
    };
    const found = find(this.nodes);
    if (found) return found;
    if (whole) this.nodes = whole;
    throw userError('internal', 'there is no such folder any more');
  }
}
