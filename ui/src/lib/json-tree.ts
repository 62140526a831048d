/**
 * The tree of a JSON document, grown from its text piece by piece.
 *
 * Nodes lie in one flat list in the order of the text, each with its depth and, for a container, how many nodes it
 * holds in all: folding then means skipping a stretch of the list, with no recursion and no copy. Values are the text
 * that was sent. A document that is only partly loaded has a tree too; its last containers are just not closed yet.
 */

import { JsonLexer, type Token } from './json-lexer';

export type NodeKind = 'object' | 'array' | 'string' | 'number' | 'literal' | 'invalid';

export interface TreeNode {
  depth: number;
  /** The member's name as it stands between its quotes; null in arrays and at the root. */
  key: string | null;
  /** The position in the array that holds it; null in objects and at the root. */
  position: number | null;
  kind: NodeKind;
  /** A scalar's text; empty for containers. */
  text: string;
  /** How many members or elements a container has so far. */
  children: number;
  /** The index behind the last node inside; beyond all others while the container is not closed. */
  end: number;
}

export class JsonTree {
  readonly nodes: TreeNode[] = [];
  readonly #lexer = new JsonLexer();
  /** Indices of the containers that are open. */
  readonly #open: number[] = [];
  #key: string | null = null;
  #held: Token | null = null;

  /** Takes in the next piece of the text. */
  push(piece: string): void {
    for (const token of this.#lexer.push(piece)) {
      if (token.continued && this.#held) {
        this.#held = { ...this.#held, text: this.#held.text + token.text };
      } else {
        this.#flush();
        this.#held = token;
      }
    }
    if (this.#held?.kind === 'punctuation') this.#flush();
  }

  /** Tells that the text has ended: the last token is whole. */
  finish(): void {
    this.#flush();
  }

  #flush(): void {
    const token = this.#held;
    this.#held = null;
    if (token) this.#take(token);
  }

  #take(token: Token): void {
    switch (token.kind) {
      case 'space':
        return;
      case 'key':
        this.#key = token.text.slice(1, -1);
        return;
      case 'punctuation':
        this.#punctuation(token.text);
        return;
      default:
        this.#add(token.kind, token.text);
    }
  }

  #punctuation(char: string): void {
    if (char === '{' || char === '[') {
      this.#open.push(this.#add(char === '{' ? 'object' : 'array', ''));
    } else if (char === '}' || char === ']') {
      const node = this.nodes[this.#open.pop() ?? -1];
      if (node) node.end = this.nodes.length;
    }
  }

  #add(kind: NodeKind, text: string): number {
    const index = this.nodes.length;
    const parent = this.nodes[this.#open.at(-1) ?? -1];
    const position = parent?.kind === 'array' ? parent.children : null;
    if (parent) parent.children += 1;
    this.nodes.push({
      depth: this.#open.length,
      key: this.#key,
      position,
      kind,
      text,
      children: 0,
      end: kind === 'object' || kind === 'array' ? Number.POSITIVE_INFINITY : index + 1,
    });
    this.#key = null;
    return index;
  }
}

/** Whether a node can be folded. */
export function isFoldable(node: TreeNode): boolean {
  return (node.kind === 'object' || node.kind === 'array') && node.children > 0;
}

/** The indices of the nodes that show when those in `folded` are closed. */
export function shownNodes(nodes: readonly TreeNode[], folded: ReadonlySet<number>): number[] {
  const shown: number[] = [];
  let index = 0;
  while (index < nodes.length) {
    shown.push(index);
    const node = nodes[index];
    index = node && folded.has(index) ? node.end : index + 1;
  }
  return shown;
}
