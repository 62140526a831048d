/**
 * What stands in the publish box of each profile: kept while switching, and over restarts in the browser's storage.
 *
 * A draft is the person's scratch paper, not the engine's data, so it is not part of the profile's file. Payloads beyond
 * `MOST_KEPT` characters stay in memory only, because the storage is small and written at every key.
 */
import type { ProfileId, Property, QoS } from '$src/bindings/engine';
import type { PayloadFormat } from '$src/lib/payload';

import { editable, noProperties, type DraftProperties } from './draft-properties';
import { reactive } from './reactive.svelte';

export type DraftFormat = PayloadFormat | 'file';

/** What the box is for: a message, a request that waits for answers, or the rules that answer. */
export type DraftMode = 'publish' | 'request' | 'replies';

export interface Draft {
  mode: DraftMode;
  topic: string;
  text: string;
  format: DraftFormat;
  /** The file that is sent, for the format `file`. */
  path: string;
  qos: QoS;
  retain: boolean;
  /** What MQTT 5.0 has besides. A request's Response Topic and Correlation Data are those here. */
  properties: DraftProperties;
  /** How long a request waits for its answer, in seconds, as typed. */
  timeout: string;
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
  const last = copyOf(draft);
  if (draft.topic !== '' || draft.text !== '') before[profile] = last;
  fill(draft, next);
}

/** Whether something can be brought back. */
export function canRestore(profile: ProfileId): boolean {
  return (before[profile] ?? null) !== null;
}

/** Brings back what stood in a box before. */
export function restoreDraft(profile: ProfileId, draft: Draft): void {
  const last = before[profile];
  if (last) fill(draft, last);
  forgetBefore(profile);
}

/** What stood in a box before is not wanted any more. */
export function forgetBefore(profile: ProfileId): void {
  before[profile] = null;
}

function fill(draft: Draft, next: Draft): void {
  Object.assign(draft, copyOf(next));
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
    return kept(JSON.parse(storage.getItem(nameOf(profile)) ?? 'null') as unknown);
  } catch {
    return null;
  }
}

/** A draft of the storage; one of an earlier version is completed. Null where it is none. */
function kept(value: unknown): Draft | null {
  if (typeof value !== 'object' || value === null) return null;
  const draft = value as Record<string, unknown>;
  const isDraft =
    typeof draft['topic'] === 'string' &&
    typeof draft['text'] === 'string' &&
    FORMATS.includes(draft['format'] as string) &&
    (draft['qos'] === 0 || draft['qos'] === 1 || draft['qos'] === 2) &&
    typeof draft['retain'] === 'boolean';
  if (!isDraft) return null;
  const properties = Array.isArray(draft['properties'])
    ? editable(draft['properties'] as Property[])
    : { ...noProperties(), ...(draft['properties'] as Partial<DraftProperties> | undefined) };
  return { ...newDraft(), ...(draft as Partial<Draft>), properties };
}

/** A draft in which nothing stands yet. */
export function newDraft(part: Partial<Draft> = {}): Draft {
  return {
    mode: 'publish',
    ...{ topic: '', text: '', format: 'json', path: '', qos: 0, retain: false },
    ...{ properties: noProperties(), timeout: '10' },
    ...part,
  };
}

/** On the local broker a first message waits to be sent; elsewhere the person says what and where. */
function first(isLocal: boolean): Draft {
  if (!isLocal) return newDraft();
  const text = '{\n  "message": "Hello, MQTT!"\n}';
  return newDraft({ topic: 'mqttscope/hello', text, qos: 1 });
}
