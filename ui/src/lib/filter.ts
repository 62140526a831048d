/**
 * The small language of the filter bar, and the conditions that it stands for.
 *
 * `plant/# -plant/+/raw qos:1,2 $.temp > 30 "door open"`: conditions stand beside each other and must all hold. What is
 * read is either all of it or nothing: a mistake is told with its place, because a filter that was half understood would
 * hide messages. Conditions can always be written again as text that reads as the same conditions.
 *
 * Times are turned into moments when they are read; `last:15m` does not move on with the clock.
 */
export type Comparison =
  'exists' | 'equal' | 'not_equal' | 'less' | 'at_most' | 'greater' | 'at_least' | 'contains';

export type PayloadCondition =
  | { kind: 'text'; text: string; case_sensitive: boolean }
  | { kind: 'regex'; pattern: string; case_sensitive: boolean }
  | { kind: 'json'; path: string; comparison: Comparison; value: string };

/** Conditions that must all hold; the engine's `ViewFilter` has the same shape. */
export interface Conditions {
  topics: string[];
  without_topics: string[];
  direction: 'received' | 'sent' | null;
  qos: (0 | 1 | 2)[];
  retain: boolean | null;
  dup: boolean | null;
  from_us: number | null;
  until_us: number | null;
  min_size: number | null;
  max_size: number | null;
  payload: PayloadCondition[];
  user_properties: { name: string; value: string }[];
  content_type: string;
}

/** What is wrong with a text. */
export type MistakeCode =
  | 'quote_open'
  | 'path'
  | 'value'
  | 'unknown'
  | 'topic'
  | 'qos'
  | 'size'
  | 'time'
  | 'span'
  | 'without'
  | 'twice'
  | 'order'
  | 'subscription';

export interface Mistake {
  code: MistakeCode;
  /** Where it begins in the text, and how long it is, in UTF-16 units. */
  at: number;
  length: number;
  /** The part of the text that is wrong. */
  value: string;
  /** Which rule for Topic Filters is broken, where one is. */
  rule?: string;
}

/** Where a condition stands in the text. */
export interface Piece {
  at: number;
  length: number;
  /** What was meant: the topic, the expression, the path. */
  value: string;
}

export type Parsed =
  { ok: true; conditions: Conditions; pieces: Piece[] } | { ok: false; mistake: Mistake };

/** What a text is read against. */
export interface Surroundings {
  now_us: number;
  /** The Topic Filters of the profile's subscriptions, for `sub:`. */
  subscriptions: readonly string[];
}

export function noConditions(): Conditions {
  return {
    topics: [],
    without_topics: [],
    direction: null,
    qos: [],
    retain: null,
    dup: null,
    from_us: null,
    until_us: null,
    min_size: null,
    max_size: null,
    payload: [],
    user_properties: [],
    content_type: '',
  };
}

/** Whether conditions are the same, whatever the order of their fields. */
export function sameConditions(one: Conditions | null, other: Conditions | null): boolean {
  return JSON.stringify(one, inOrder) === JSON.stringify(other, inOrder);
}

/** Whether conditions let everything through. */
export function isEverything(conditions: Conditions): boolean {
  return sameConditions(conditions, noConditions());
}

function inOrder(_name: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The topics that a subscription is about: a shared one without its group. */
export function topicsOf(subscription: string): string {
  return subscription.startsWith('$share/')
    ? subscription.split('/').slice(2).join('/')
    : subscription;
}
