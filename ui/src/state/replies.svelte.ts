/** The rules that answer requests: they stand in the profile, what they have done is told by the engine. */
import { call } from '$src/backend';
import type {
  Event,
  MessageRef,
  ProfileId,
  Publish,
  ReplyRule,
  ReplyState,
} from '$src/bindings/engine';

import { outliving } from './reactive.svelte';

export class Replies {
  readonly profile: ProfileId;
  #states = $state.raw<ReadonlyMap<string, ReplyState>>(new Map());
  #loaded = false;
  /** How often it was told what the rules have done. */
  #told = 0;

  constructor(profile: ProfileId) {
    this.profile = profile;
  }

  /** Asks what the rules have done: at first, and after a gap in the events. */
  async load(): Promise<void> {
    this.#loaded = true;
    const told = this.#told;
    const states = await call('replies_state', { profile: this.profile });
    // What an event told meanwhile is newer.
    if (told === this.#told) this.changed(states);
  }

  async need(): Promise<void> {
    if (!this.#loaded) await this.load();
  }

  /** Takes in an event of the engine. */
  changed(states: ReplyState[]): void {
    this.#told += 1;
    this.#states = new Map(states.map((state) => [state.rule, state]));
  }

  /** What a rule has done; undefined where it has done nothing that is known. */
  of(rule: ReplyRule): ReplyState | undefined {
    return this.#states.get(rule.id);
  }

  /** Replaces the rules of the profile. */
  async save(rules: ReplyRule[]): Promise<void> {
    await call('replies_save', { profile: this.profile, rules });
  }

  /** What a rule would answer to a message. */
  preview(rule: ReplyRule, message: MessageRef): Promise<Publish> {
    return call('reply_preview', { rule, message });
  }
}

/** A rule that says nothing yet. */
export function newRule(id: string, part: Partial<ReplyRule> = {}): ReplyRule {
  return {
    id,
    name: '',
    enabled: true,
    filter: '',
    qos: 1,
    topic: '',
    payload: '{{payload}}',
    reply_qos: 1,
    retain: false,
    content_type: '',
    user_properties: [],
    ...part,
  };
}

/** An identifier that no other rule has. */
export function freshId(rules: readonly ReplyRule[], random: () => string = uuid): string {
  let id = random();
  while (rules.some((rule) => rule.id === id)) id = random();
  return id;
}

// `crypto.randomUUID` is only there in a secure context, which a webview's own scheme need not be.
function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const known = new Map<ProfileId, Replies>();

/** What a profile's rules have done, made when it is first asked for. */
export function repliesOf(profile: ProfileId): Replies {
  let replies = known.get(profile);
  if (!replies) {
    replies = outliving(() => new Replies(profile));
    known.set(profile, replies);
  }
  return replies;
}

/** Takes in an event of the engine. */
export function repliesChanged({ profile, states }: Extract<Event, { event: 'replies' }>): void {
  repliesOf(profile).changed(states);
}

/** Builds all of them anew: events were missed. */
export function reloadReplies(): void {
  for (const replies of known.values()) void replies.load().catch(() => undefined);
}
