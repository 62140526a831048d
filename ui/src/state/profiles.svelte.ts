/** The saved profiles and their folders, as the engine lists them. Changes go to the engine; the list is then asked for again. */
import { call } from '$src/backend';
import type {
  BrokenProfile,
  Colour,
  FolderId,
  Node,
  NodeId,
  Profile,
  ProfileId,
  SecretEdit,
} from '$src/bindings/engine';

export class Profiles {
  list = $state.raw<Profile[]>([]);
  /** The folders and the order in them; each profile of `list` is in it once. */
  tree = $state.raw<Node[]>([]);
  /** Files that could not be read as a profile. They are kept as they are. */
  broken = $state.raw<BrokenProfile[]>([]);
  /** The profiles that were deleted last, together: they can be taken back. */
  deleted = $state.raw<Profile[]>([]);

  readonly #byId = $derived(new Map(this.list.map((profile) => [profile.id, profile])));

  async load(): Promise<void> {
    const { profiles, tree, broken } = await call('profiles_list', {});
    this.list = profiles;
    this.tree = tree;
    this.broken = broken;
  }

  byId(id: ProfileId): Profile | undefined {
    return this.#byId.get(id);
  }

  /** Saves a profile. Secrets whose slot is not named in `secrets` stay as they are. */
  async save(profile: Profile, secrets: SecretEdit[]): Promise<Profile> {
    const saved = await call('profile_save', { profile, secrets });
    await this.load();
    return saved;
  }

  /** Saves a copy. `name` makes the copy's name from the original's. */
  async duplicate(id: ProfileId, name: (original: string) => string): Promise<Profile> {
    const copy = await call('profile_duplicate', { id, name: name(this.byId(id)?.name ?? '') });
    await this.load();
    return copy;
  }

  async paint(ids: ProfileId[], colour: Colour | null): Promise<void> {
    await call('profiles_colour', { ids, colour });
    await this.load();
  }

  /** Deletes profiles together; together they can be taken back. */
  async remove(ids: ProfileId[]): Promise<void> {
    const profiles = ids.flatMap((id) => this.byId(id) ?? []);
    await call('profiles_delete', { ids });
    this.deleted = profiles;
    await this.load();
  }

  /** Takes back the last deletion. */
  async restore(): Promise<Profile[]> {
    const { deleted } = this;
    if (deleted.length === 0) return [];
    const profiles = await call('profiles_restore', { ids: deleted.map(({ id }) => id) });
    this.deleted = [];
    await this.load();
    return profiles;
  }

  /** The chance to take it back was not wanted. */
  forgetDeleted(): void {
    this.deleted = [];
  }

  async addFolder(name: string, parent: FolderId | null): Promise<FolderId> {
    const id = await call('folder_add', { name, parent });
    await this.load();
    return id;
  }

  async editFolder(id: FolderId, name: string, colour: Colour | null): Promise<void> {
    await call('folder_edit', { id, name, colour });
    await this.load();
  }

  /** Removes a folder; what lay in it takes its place. */
  async removeFolder(id: FolderId): Promise<void> {
    await call('folder_remove', { id });
    await this.load();
  }

  /** Puts profiles and folders together into a folder (none: the top), before something in it or at its end. */
  async move(nodes: NodeId[], folder: FolderId | null, before: NodeId | null): Promise<void> {
    await call('nodes_move', { nodes, folder, before });
    await this.load();
  }
}
