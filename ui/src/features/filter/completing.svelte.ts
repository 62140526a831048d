/** What the filter field offers while a person types: Topic Names in use, beginnings of conditions, subscriptions. */
import { call } from '$src/backend';
import type { ProfileId } from '$src/bindings/engine';
import { beginningsOf, completionAt, type Completion } from '$src/lib/filter-complete';
import { word } from '$src/lib/filter-scan';
import { realClock, type Clock } from '$src/lib/pull';

/** How long typing rests before topics are asked for, in milliseconds. */
const REST = 120;
/** How many topics are asked for. */
const TOPICS = 12;

export interface Suggestion {
  kind: 'beginning' | 'topic' | 'subscription';
  /** What is put into the text. */
  text: string;
}

export class Completing {
  list = $state.raw<Suggestion[]>([]);
  /** The suggestion that Enter takes; none is until a person goes to one. */
  at = $state(-1);
  /** Where the choice goes. */
  place = $state.raw<Completion | null>(null);

  readonly #profile: ProfileId;
  readonly #subscriptions: () => string[];
  readonly #clock: Clock;
  #cancel: (() => void) | null = null;
  #isAsking = false;
  /** The Topic Names that came last, and for what. */
  #topics: string[] = [];

  constructor(profile: ProfileId, subscriptions: () => string[], clock: Clock = realClock) {
    this.#profile = profile;
    this.#subscriptions = subscriptions;
    this.#clock = clock;
  }

  /** The suggestion that Enter takes. */
  get chosen(): Suggestion | undefined {
    return this.list[this.at];
  }

  /** Offers what belongs where the caret is; with an empty word only where the person asks for it. */
  offer(text: string, caret: number, asked = false): void {
    const place = completionAt(text, caret);
    if (!place || (place.kind === 'word' && place.typed === '' && !asked)) {
      this.close();
      return;
    }
    this.place = place;
    this.#topics = this.#topics.filter((topic) => topic.includes(typedTopic(place)));
    this.#arrange();
    if (place.kind !== 'subscription' && typedTopic(place) !== '') this.#later();
  }

  move(by: number): void {
    const { length } = this.list;
    if (length > 0) this.at = (this.at + by + length + (this.at < 0 && by < 0 ? 1 : 0)) % length;
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.place = null;
    this.list = [];
    this.at = -1;
  }

  #later(): void {
    this.#cancel?.();
    this.#cancel = this.#clock.after(REST, () => {
      this.#cancel = null;
      void this.#ask();
    });
  }

  /** One question is on its way at most; what was typed meanwhile is asked for behind it. */
  async #ask(): Promise<void> {
    if (this.#isAsking || !this.place) return;
    const typed = typedTopic(this.place);
    this.#isAsking = true;
    try {
      const wanted = { profile: this.#profile, typed, limit: TOPICS };
      this.#topics = await call('topics_complete', wanted);
    } catch {
      // Without suggestions the field still does all that it does; what is wrong with the history is shown elsewhere.
      this.#topics = [];
    }
    this.#isAsking = false;
    if (!this.place) return;
    this.#arrange();
    if (typedTopic(this.place) !== typed) void this.#ask();
  }

  #arrange(): void {
    const { place } = this;
    if (!place) return;
    const before = this.chosen?.text;
    this.list = suggestions(place, this.#topics, this.#subscriptions());
    this.at = before === undefined ? -1 : this.list.findIndex(({ text }) => text === before);
  }
}

/** What is typed of a topic, without the sign that excludes it. */
function typedTopic({ kind, typed }: Completion): string {
  return kind === 'word' ? typed.replace(/^-/, '') : typed;
}

function suggestions(place: Completion, topics: string[], subscribed: string[]): Suggestion[] {
  const typed = typedTopic(place);
  if (place.kind === 'subscription') {
    const found = subscribed.filter((filter) => filter.includes(typed));
    return found.map((filter) => ({ kind: 'subscription', text: word(filter) }));
  }
  const known = topics.filter((topic) => topic.includes(typed) && topic !== typed);
  if (place.kind === 'topic') return known.map((text) => ({ kind: 'topic', text: word(text) }));
  const sign = place.typed.startsWith('-') ? '-' : '';
  return [
    ...beginningsOf(place.typed).map((text) => ({ kind: 'beginning' as const, text })),
    ...known.map((topic) => ({ kind: 'topic' as const, text: sign + topicText(topic) })),
  ];
}

/** A Topic Name as the language takes it. */
function topicText(topic: string): string {
  const isPlain = topic.includes('/') && !/^[-"/$]|\s|^[a-z]+:/i.test(topic);
  return isPlain ? topic : `topic:${word(topic)}`;
}
