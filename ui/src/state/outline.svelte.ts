/**
 * The list at the left: which rows there are, which are chosen, and what is done with these.
 *
 * Folds are kept in the settings' layout, one number for each closed folder, because that is where the window's shape is
 * kept; folders that are gone are dropped when the next one is closed. While searching, everything found is open.
 */
import type { Colour, FolderId, Node, NodeId, ProfileId } from '$src/bindings/engine';
import { getLocale } from '$src/i18n';

import type { Profiles } from './profiles.svelte';
import * as selection from './selection';
import type { Settings } from './settings.svelte';
import {
  folderBy,
  foldersOf,
  idOf,
  keyOf,
  matching,
  parentOf,
  profilesIn,
  rowsOf,
  stepped,
  topmost,
  walk,
  type Direction,
  type Key,
  type Spot,
  type TreeRow,
} from './tree';

/** Names a closed folder in the layout. */
const FOLD = 'fold.';

export class Outline {
  search = $state('');
  /** The folder whose name is being edited in its row. */
  renaming = $state.raw<FolderId | null>(null);
  #selection = $state.raw(selection.NOTHING);

  readonly #profiles: Profiles;
  readonly #settings: Settings;

  /** What the list shows of the tree. */
  readonly tree: Node[] = $derived.by(() => this.#found());
  readonly rows: TreeRow[] = $derived.by(() => {
    const searching = this.search.trim() !== '';
    return rowsOf(this.tree, (id) => searching || !this.#isFolded(id));
  });
  readonly #keys: Key[] = $derived(this.rows.map(({ key }) => key));
  readonly #places: Map<Key, number> = $derived(new Map(this.#keys.map((key, at) => [key, at])));
  readonly #living: Set<Key> = $derived.by(
    () => new Set([...walk(this.#profiles.tree)].map(({ node }) => keyOf(node))),
  );
  readonly #current = $derived(selection.kept(this.#selection, this.#living));

  /** The chosen nodes in order, without what lies in a chosen folder anyway. */
  readonly nodes: Node[] = $derived.by(() => topmost(this.#profiles.tree, this.#current.chosen));
  /** The chosen profiles, those in chosen folders among them. */
  readonly chosenProfiles: ProfileId[] = $derived(profilesIn(this.nodes));

  constructor(profiles: Profiles, settings: Settings) {
    this.#profiles = profiles;
    this.#settings = settings;
  }

  get chosen(): ReadonlySet<Key> {
    return this.#current.chosen;
  }
  get cursor(): Key | null {
    return this.#current.cursor;
  }
  /** Where the cursor's row is; -1 where it is in a closed folder or there is none. */
  get cursorRow(): number {
    return this.cursor === null ? -1 : (this.#places.get(this.cursor) ?? -1);
  }

  rowOf(key: Key): TreeRow | undefined {
    return this.rows[this.#places.get(key) ?? -1];
  }

  choose(key: Key): void {
    this.#selection = selection.only(key);
  }

  toggle(key: Key): void {
    this.#selection = selection.toggled(this.#current, key);
  }

  extendTo(key: Key): void {
    this.#selection = selection.extended(this.#current, key, this.#keys);
  }

  chooseAll(): void {
    this.#selection = selection.all(this.#current, this.#keys);
  }

  /** Back to the one row under the cursor. */
  chooseOne(): void {
    if (this.cursor) this.choose(this.cursor);
  }

  /** Moves the cursor by rows, and extends what is chosen where asked to. */
  step(by: number, extend = false): void {
    const key = selection.near(this.#current, this.#keys, by);
    if (!key) return;
    if (extend) this.extendTo(key);
    else this.choose(key);
  }

  /** What a click with the right button is about: what is chosen where that includes the row, else the row. */
  aim(key: Key): void {
    if (!this.chosen.has(key)) this.choose(key);
  }

  async setOpen(id: FolderId, open: boolean): Promise<void> {
    if (this.search.trim() || open === !this.#isFolded(id)) return;
    const living = new Set(foldersOf(this.#profiles.tree).map((folder) => FOLD + folder.id));
    const layout = Object.fromEntries(
      Object.entries(this.#settings.saved.layout).filter(
        ([name]) => name !== FOLD + id && (!name.startsWith(FOLD) || living.has(name)),
      ),
    );
    if (!open) layout[FOLD + id] = 1;
    await this.#settings.change({ layout });
  }

  /** Makes a folder in `parent`, shows it and lets its name be written. */
  async addFolder(name: string, parent: FolderId | null): Promise<void> {
    const id = await this.#profiles.addFolder(name, parent);
    if (parent) await this.setOpen(parent, true);
    this.choose(`f:${id}`);
    this.renaming = id;
  }

  /** The folder that a new thing belongs into: the one under the cursor, or the one around it. */
  get here(): FolderId | null {
    const key = this.cursor;
    if (!key) return null;
    const row = this.rowOf(key);
    return row?.node.kind === 'folder' ? row.node.id : parentOf(this.#profiles.tree, key);
  }

  async rename(id: FolderId, name: string): Promise<void> {
    this.renaming = null;
    const folder = folderBy(this.#profiles.tree, id);
    const wanted = name.trim();
    if (!folder || !wanted || wanted === folder.name) return;
    await this.#profiles.editFolder(id, wanted, folder.colour);
  }

  /** Gives what is chosen a colour: folders themselves, and profiles that were chosen by themselves. */
  async paint(colour: Colour | null): Promise<void> {
    const nodes = this.nodes;
    const ids = nodes.flatMap((node) => (node.kind === 'profile' ? [node.id] : []));
    if (ids.length > 0) await this.#profiles.paint(ids, colour);
    for (const node of nodes) {
      if (node.kind === 'folder') await this.#profiles.editFolder(node.id, node.name, colour);
    }
  }

  /** Moves what is chosen by one step of the keyboard; nothing happens where there is no such step. */
  async move(direction: Direction): Promise<void> {
    const spot = stepped(this.#profiles.tree, this.chosen, direction);
    if (spot) await this.moveTo(spot);
  }

  async moveTo({ folder, before }: Spot): Promise<void> {
    const nodes: NodeId[] = this.nodes.map(idOf);
    if (nodes.length === 0) return;
    await this.#profiles.move(nodes, folder, before);
    if (folder) await this.setOpen(folder, true);
  }

  #isFolded(id: FolderId): boolean {
    return this.#settings.saved.layout[FOLD + id] === 1;
  }

  #found(): Node[] {
    const words = fold(this.search).split(/\s+/).filter(Boolean);
    if (words.length === 0) return this.#profiles.tree;
    const has = (text: string) => words.every((word) => text.includes(word));
    return matching(this.#profiles.tree, (node) => has(fold(this.#textOf(node))));
  }

  #textOf(node: Node): string {
    if (node.kind === 'folder') return node.name;
    const profile = this.#profiles.byId(node.id);
    if (!profile) return '';
    const { scheme, host, port, path } = profile.endpoint;
    return `${profile.name} ${scheme}://${host}:${port}${path}`;
  }
}

/** Capitals and small letters are found alike. */
function fold(text: string): string {
  return text.toLocaleLowerCase(getLocale());
}
