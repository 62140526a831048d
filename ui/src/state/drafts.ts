/**
 * What stands in the publish box of each profile: kept while switching, and over restarts in the browser's storage.
 *
 * A draft is the person's scratch paper, not the engine's data, so it is not part of the profile's file. Payloads beyond
 * `MOST_KEPT` characters stay in memory only, because the storage is small and written at every key.
 */
import type { ProfileId, Property, QoS } from '$src/bindings/engine';
import type { PayloadFormat } from '$src/lib/payload';

import { reactive } from './reactive.svelte';

export type DraftFormat = PayloadFormat | 'file';

export interface Draft {
  topic: string;
  text: string;
  format: DraftFormat;
  qos: QoS;
  retain: boolean;
  /** Properties of MQTT 5.0 that came with a message that is edited. */
  properties?: Property[];
}

const MOST_KEPT = 100_000;
const FORMATS: readonly string[] = ['json', 'text', 'hex', 'base64', 'file'];

const drafts = new Map<ProfileId, Draft>();

/** What stood in a box before something else was put into it. */
const before = reactive<Record<ProfileId, Draft | null>>({});

/** The draft of a profile; the same object each time, deeply reactive. */
export function draftOf(
  profile: ProfileId,
  isLocal: boolean,
  storage: Storage = localStorage,
): Draft {
  let draft = drafts.get(profile);
  if (!draft) {
    draft = reactive(read(profile, storage) ?? first(isLocal));
    drafts.set(profile, draft);
  }
  return draft;
}

/** Keeps a draft over a restart. */
export function keepDraft(profile: ProfileId, draft: Draft, storage: Storage = localStorage): void {
  const text = draft.text.length > MOST_KEPT ? '' : draft.text;
  try {
    storage.setItem(nameOf(profile), JSON.stringify({ ...draft, text }));
  } catch {
    // The storage is full or switched off: the draft then lasts as long as the window.
  }
}

/** Puts something else into a box. What a person had written there can be brought back. */
export function replaceDraft(profile: ProfileId, draft: Draft, next: Draft): void {
  const kept = copyOf(draft);
  if (draft.topic !== '' || draft.text !== '') before[profile] = kept;
  fill(draft, next);
}

/** Whether something can be brought back. */
export function canRestore(profile: ProfileId): boolean {
  return (before[profile] ?? null) !== null;
}

/** Brings back what stood in a box before. */
export function restoreDraft(profile: ProfileId, draft: Draft): void {
  const kept = before[profile];
  if (kept) fill(draft, kept);
  forgetBefore(profile);
}

/** What stood in a box before is not wanted any more. */
export function forgetBefore(profile: ProfileId): void {
  before[profile] = null;
}

function fill(draft: Draft, { properties, ...rest }: Draft): void {
  Object.assign(draft, rest);
  if (properties && properties.length > 0) draft.properties = properties;
  else delete draft.properties;
}

/** A copy that does not change with the box. */
function copyOf(draft: Draft): Draft {
  return JSON.parse(JSON.stringify(draft)) as Draft;
}

function nameOf(profile: ProfileId): string {
  return `mqttscope.draft.${profile}`;
}

function read(profile: ProfileId, storage: Storage): Draft | null {
  try {
    const kept: unknown = JSON.parse(storage.getItem(nameOf(profile)) ?? 'null');
    return isDraft(kept) ? kept : null;
  } catch {
    return null;
  }
}

function isDraft(value: unknown): value is Draft {
  if (typeof value !== 'object' || value === null) return false;
  const draft = value as Record<string, unknown>;
  return (
    typeof draft['topic'] === 'string' &&
    typeof draft['text'] === 'string' &&
    typeof draft['format'] === 'string' &&
    FORMATS.includes(draft['format']) &&
    (draft['qos'] === 0 || draft['qos'] === 1 || draft['qos'] === 2) &&
    typeof draft['retain'] === 'boolean' &&
    (draft['properties'] === undefined || Array.isArray(draft['properties']))
  );
}

/** On the local broker a first message waits to be sent; elsewhere the person says what and where. */
function first(isLocal: boolean): Draft {
  const draft: Draft = { topic: '', text: '', format: 'json', qos: 0, retain: false };
  if (!isLocal) return draft;
  return { ...draft, topic: 'mqttscope/hello', text: '{\n  "message": "Hello, MQTT!"\n}', qos: 1 };
}
