/** What can be done about a report: a fix applied, a field opened, a chain saved. */
import { flushSync } from 'svelte';

import { call, saveFile } from '$src/backend';
import type { CertificateFacts, Fix, Profile, ProfileId } from '$src/bindings/engine';
import { entryOf } from '$src/features/profile-form/field-search';
import { controlOf, reveal } from '$src/features/profile-form/reveal';
import { m } from '$src/i18n';
import { app } from '$src/state/app.svelte';

/** The profile as a fix would make it; nothing is saved. */
export function applied(profile: Profile, fix: Fix): Promise<Profile> {
  return call('fix_apply', { profile, fix });
}

/** Applies a fix to a saved profile and connects with it. */
export async function applyAndConnect(id: ProfileId, fix: Fix): Promise<void> {
  const profile = app.profiles.byId(id);
  if (!profile) return;
  await app.profiles.save(await applied(profile, fix), []);
  app.go({ at: 'profile', id });
  if (app.sessions.isOpen(id)) await app.sessions.disconnect(id);
  await app.sessions.connect(id);
}

/** Opens a profile's form at a field. */
export function openField(id: ProfileId, field: string): void {
  app.go({ at: 'edit', id });
  flushSync();
  showField(field);
}

/** Shows a field of the form that is open. */
export function showField(field: string): void {
  const form = document.querySelector<HTMLElement>('[data-testid=profile-form]');
  const entry = entryOf(field);
  const control = form && entry ? controlOf(form, entry) : null;
  if (control) reveal(control);
}

/** Writes certificates to a file; the path, where one was chosen. */
export async function saveChain(certificates: readonly CertificateFacts[]): Promise<string | null> {
  const path = await saveFile({
    title: m.diagnosis_certificates_save(),
    name: 'broker-chain.pem',
    extensions: ['pem', 'crt'],
  });
  if (path === null) return null;
  await call('certificates_save', { path, pem: certificates.map(({ pem }) => pem) });
  return path;
}
