/** The drafts that were begun and neither saved nor given up, by profile. */
import { call } from '$src/backend';
import type { Profile, ProfileId } from '$src/bindings/engine';

import { Draft } from './draft.svelte';

const drafts = new Map<ProfileId | 'new', Draft>();

/** The draft of a saved profile: the one that was begun, or a new one. */
export function draftOf(profile: Profile): Draft {
  const begun = drafts.get(profile.id);
  if (begun?.isDirty) return begun;
  const draft = new Draft(profile, false);
  drafts.set(profile.id, draft);
  return draft;
}

/** The draft of a profile that is not saved yet. */
export async function newDraft(): Promise<Draft> {
  const begun = drafts.get('new');
  if (begun) return begun;
  const draft = new Draft(await call('profile_new', {}), true);
  drafts.set('new', draft);
  return draft;
}

/** The draft is saved or given up. */
export function dropDraft(draft: Draft): void {
  drafts.delete(draft.isNew ? 'new' : draft.profile.id);
}
