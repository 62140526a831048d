/** The saved profiles, as the engine lists them. Changes go to the engine; the list is then asked for again. */
import { call } from '$src/backend';
import type { BrokenProfile, PasswordChange, Profile, ProfileId } from '$src/bindings/engine';

export class Profiles {
  list = $state.raw<Profile[]>([]);
  /** Files that could not be read as a profile. They are kept as they are. */
  broken = $state.raw<BrokenProfile[]>([]);
  /** The profile that was deleted last: it can be taken back. */
  deleted = $state.raw<Profile | null>(null);

  async load(): Promise<void> {
    const { profiles, broken } = await call('profiles_list', {});
    this.list = profiles;
    this.broken = broken;
  }

  byId(id: ProfileId): Profile | undefined {
    return this.list.find((profile) => profile.id === id);
  }

  async save(profile: Profile, password: PasswordChange): Promise<Profile> {
    const saved = await call('profile_save', { profile, password });
    await this.load();
    return saved;
  }

  /** Saves a copy. `name` makes the copy's name from the original's. */
  async duplicate(id: ProfileId, name: (original: string) => string): Promise<Profile> {
    const copy = await call('profile_duplicate', { id, name: name(this.byId(id)?.name ?? '') });
    await this.load();
    return copy;
  }

  async remove(id: ProfileId): Promise<void> {
    const profile = this.byId(id) ?? null;
    await call('profile_delete', { id });
    this.deleted = profile;
    await this.load();
  }

  /** Takes back the last deletion. */
  async restore(): Promise<Profile | null> {
    const { deleted } = this;
    if (!deleted) return null;
    const profile = await call('profile_restore', { id: deleted.id });
    this.deleted = null;
    await this.load();
    return profile;
  }

  /** The chance to take it back was not wanted. */
  forgetDeleted(): void {
    this.deleted = null;
  }
}
