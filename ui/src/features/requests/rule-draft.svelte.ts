/** A rule while it is edited: what the engine says is wrong with it, and what it would answer to a message. */
import { call, toUserError } from '$src/backend';
import type {
  MessageRef,
  Problem,
  Profile,
  Publish,
  ReplyRule,
  UserError,
} from '$src/bindings/engine';
import { problemText } from '$src/i18n/problems';
import { checkFilter } from '$src/lib/topic';
import { historyOf } from '$src/state/histories';
import { lastOn } from '$src/state/replies-sample';
import { repliesOf } from '$src/state/replies.svelte';

/** How long a person may pause while typing before the engine is asked, in milliseconds. */
const PAUSE = 150;

/** The message that a rule is tried on. */
export interface Sample {
  message: MessageRef;
  /** Whether a person chose it in the list, or it is the last that came. */
  chosen: boolean;
}

export class RuleDraft {
  readonly profile: Profile;
  rule: ReplyRule = $state() as ReplyRule;
  problems = $state.raw<Problem[]>([]);
  sample = $state.raw<Sample | null>(null);
  preview = $state.raw<Publish | null>(null);
  /** Why there is no preview. */
  error = $state.raw<UserError | null>(null);
  /** A first preview was tried. */
  tried = $state(false);

  readonly isNew: boolean;
  #turn = 0;
  #filter: string | null = null;

  constructor(profile: Profile, rule: ReplyRule) {
    this.profile = profile;
    this.rule = structuredClone($state.snapshot(rule));
    this.isNew = !profile.replies.some(({ id }) => id === rule.id);
    $effect(() => {
      const now = $state.snapshot(this.rule);
      const timer = setTimeout(() => void this.#try(now), PAUSE);
      return () => clearTimeout(timer);
    });
  }

  readonly hasErrors = $derived.by(() => this.problems.some(({ weight }) => weight === 'error'));

  /** What is wrong with a field, in words; errors come first. */
  problem(field: keyof ReplyRule): string | undefined {
    const place = `${this.#place}.${field}`;
    const found = this.problems.filter(
      (each) => each.field === place || each.field.startsWith(`${place}.`),
    );
    const first = found.find(({ weight }) => weight === 'error') ?? found[0];
    return first && problemText(first);
  }

  get #place(): string {
    const at = this.profile.replies.findIndex(({ id }) => id === this.rule.id);
    return `replies.${at < 0 ? this.profile.replies.length : at}`;
  }

  async #try(rule: ReplyRule): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const isLast = () => turn === this.#turn;
    const rules = this.profile.replies.some(({ id }) => id === rule.id)
      ? this.profile.replies.map((each) => (each.id === rule.id ? rule : each))
      : [...this.profile.replies, rule];
    try {
      const profile = { ...this.profile, replies: rules };
      const problems = await call('profile_check', { profile, secrets: [] });
      if (isLast()) this.problems = problems.filter(({ field }) => field.startsWith(this.#place));
      if (rule.filter !== this.#filter) await this.#find(rule.filter, isLast);
      if (!isLast() || !this.sample) return;
      const preview = await repliesOf(this.profile.id).preview(rule, this.sample.message);
      if (!isLast()) return;
      this.preview = preview;
      this.error = null;
    } catch (error) {
      if (!isLast()) return;
      this.preview = null;
      this.error = toUserError(error);
    } finally {
      if (isLast()) this.tried = true;
    }
  }

  /** The message that the rule is tried on: the chosen one, else the last on its filter. */
  async #find(filter: string, isLast: () => boolean): Promise<void> {
    const profile = this.profile.id;
    const chosen = historyOf(profile).selected;
    let id = chosen?.id ?? null;
    if (id === null && checkFilter(filter) === null) id = await lastOn(profile, filter);
    if (!isLast()) return;
    this.#filter = filter;
    this.sample = id === null ? null : { message: { profile, id }, chosen: chosen !== null };
    if (id === null) {
      this.preview = null;
      this.error = null;
    }
  }
}
