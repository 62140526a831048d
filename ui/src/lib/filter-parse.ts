/** Reads the text of a filter; see `filter.ts` for what it may say. */
import {
  noConditions,
  sameConditions,
  topicsOf,
  type Comparison,
  type Conditions,
  type MistakeCode,
  type Parsed,
  type Piece,
  type Surroundings,
} from './filter';
import { Scanner } from './filter-scan';
import { parseClock, parseMoment, parseSize, parseSpan } from './filter-time';
import { checkFilter } from './topic';

const COMPARISONS: Record<string, Comparison> = {
  '=': 'equal',
  '==': 'equal',
  '!=': 'not_equal',
  '<': 'less',
  '<=': 'at_most',
  '>': 'greater',
  '>=': 'at_least',
  '~': 'contains',
};

/** What a text says, or the first mistake in it. */
export function parseFilter(text: string, around: Surroundings): Parsed {
  const reading = new Reading(text, around);
  try {
    reading.all();
  } catch (thrown) {
    if (!(thrown instanceof Wrong)) throw thrown;
    const { code, at, length, rule } = thrown;
    const value = text.slice(at, at + length);
    return { ok: false, mistake: { code, at, length, value, ...(rule && { rule }) } };
  }
  return { ok: true, conditions: reading.conditions, pieces: reading.pieces };
}

/** A mistake, on its way out of the reading. */
class Wrong extends Error {
  readonly code: MistakeCode;
  readonly at: number;
  readonly length: number;
  readonly rule: string | undefined;

  constructor(code: MistakeCode, at: number, end: number, rule?: string) {
    super(code);
    this.code = code;
    this.at = at;
    this.length = end - at;
    this.rule = rule;
  }
}

class Reading {
  readonly conditions = noConditions();
  readonly pieces: Piece[] = [];
  readonly #scanner: Scanner;
  readonly #around: Surroundings;
  /** Where the condition begins that is being read. */
  #start = 0;
  /** A time of day counts from the beginning that is asked for, wherever that stands; so it is read at the end. */
  #before: { text: string; at: number; end: number } | null = null;

  constructor(text: string, around: Surroundings) {
    this.#scanner = new Scanner(text);
    this.#around = around;
  }

  all(): void {
    for (;;) {
      this.#scanner.take(/\s*/y);
      if (this.#scanner.isAtEnd) break;
      this.#start = this.#scanner.at;
      this.#one();
    }
    if (this.#before) this.#until(this.#before);
  }

  #one(): void {
    const { next } = this.#scanner;
    if (this.#scanner.take(/-(?=\S)/y)) this.#without();
    else if (next === '"') this.#text(this.#value(), false);
    else if (this.#scanner.take(/\$(?=[.[\s<>=!~]|$)/y)) this.#json();
    else if (!this.#regex() && !this.#size() && !this.#named()) this.#bare(this.#scanner.word());
  }

  /** What may not be so: topics, and the two flags. */
  #without(): void {
    if (this.#scanner.take(/retain(?=\s|$)/y)) return this.#set('retain', false);
    if (this.#scanner.take(/dup(?=\s|$)/y)) return this.#set('dup', false);
    const name = this.#scanner.take(/topic:/iy);
    const from = this.#scanner.at;
    if (!name && this.#scanner.next === '"') this.#value();
    const topic = name ? this.#value() : this.#scanner.word();
    if (!name && (!isTopic(topic) || /^[a-z]+:/i.test(topic))) this.#wrong('without');
    this.conditions.without_topics.push(this.#topic(topic, from));
  }

  /** `/temp.*high/`, with `i` behind it for any case. Only what ends so is one: a topic may begin with a slash. */
  #regex(): boolean {
    const found = this.#scanner.take(/\/((?:[^/\\]|\\.)+)\/(i?)(?=\s|$)/suy);
    if (!found) return false;
    const pattern = (found[1] ?? '').replaceAll('\\/', '/');
    this.#pattern(pattern, found[2] !== 'i');
    return true;
  }

  #pattern(pattern: string, case_sensitive: boolean): void {
    this.#note(pattern);
    this.conditions.payload.push({ kind: 'regex', pattern, case_sensitive });
  }

  #text(text: string, case_sensitive: boolean): void {
    if (text === '') this.#wrong('value');
    this.conditions.payload.push({ kind: 'text', text, case_sensitive });
  }

  #json(): void {
    const rest = this.#scanner.path();
    if (rest === null) this.#wrong('path', this.#scanner.text.length);
    const path = `$${rest}`;
    const sign = this.#scanner.take(/\s*(>=|<=|!=|==|=|>|<|~)\s*/y)?.[1];
    const comparison = sign ? COMPARISONS[sign] : 'exists';
    const value = sign ? this.#scanner.json() : '';
    if (value === null) this.#wrong('quote_open', this.#scanner.text.length);
    if (!comparison || (sign && value === '')) this.#wrong('value');
    this.#note(path);
    this.conditions.payload.push({ kind: 'json', path, comparison, value });
  }

  #size(): boolean {
    const sign = this.#scanner.take(/size\s*(>=|<=|>|<|=)\s*/iy)?.[1];
    if (!sign) return false;
    const size = parseSize(this.#scanner.word());
    if (size === null || (sign === '<' && size === 0)) this.#wrong('size');
    if (sign !== '<' && sign !== '<=') this.#set('min_size', sign === '>' ? size + 1 : size);
    if (sign !== '>' && sign !== '>=') this.#set('max_size', sign === '<' ? size - 1 : size);
    const { min_size, max_size } = this.conditions;
    if (min_size !== null && max_size !== null && min_size > max_size) this.#wrong('order');
    return true;
  }

  /** `name:value`. */
  #named(): boolean {
    const name = this.#scanner.take(/([a-z]+):/iy)?.[1]?.toLowerCase();
    if (name === undefined) return false;
    const from = this.#scanner.at;
    if (name === 'prop') return this.#property();
    if (!NAMES.has(name)) {
      this.#scanner.word();
      this.#wrong('unknown');
    }
    const value = this.#value();
    if (value === '') this.#wrong('value');
    this.#meant(name, value, from);
    return true;
  }

  #meant(name: string, value: string, from: number): void {
    const { conditions } = this;
    const { at: end } = this.#scanner;
    if (name === 'topic') conditions.topics.push(this.#topic(value, from));
    else if (name === 'text') this.#text(value, false);
    else if (name === 'exact') this.#text(value, true);
    else if (name === 'regex') this.#pattern(value, true);
    else if (name === 'regexi') this.#pattern(value, false);
    else if (name === 'type') this.#set('content_type', value);
    else if (name === 'qos') this.#qos(value);
    else if (name === 'after') this.#from(value);
    else if (name === 'last') this.#last(value);
    else if (name === 'sub') this.#subscription(value, from);
    else if (this.#before) this.#wrong('twice');
    else this.#before = { text: value, at: this.#start, end };
  }

  #qos(value: string): void {
    for (const each of value.split(',')) {
      if (!/^[012]$/.test(each)) this.#wrong('qos');
      const qos = Number(each) as 0 | 1 | 2;
      if (!this.conditions.qos.includes(qos)) this.conditions.qos.push(qos);
    }
    this.conditions.qos.sort();
  }

  #from(value: string): void {
    const from = parseMoment(value) ?? parseClock(value, this.#around.now_us, null);
    if (from === null) this.#wrong('time');
    this.#set('from_us', from);
  }

  #last(value: string): void {
    const span = parseSpan(value);
    if (span === null) this.#wrong('span');
    this.#set('from_us', this.#around.now_us - span);
  }

  #until({ text, at, end }: { text: string; at: number; end: number }): void {
    const { from_us } = this.conditions;
    const until = parseMoment(text) ?? parseClock(text, this.#around.now_us, from_us);
    if (until === null) throw new Wrong('time', at, end);
    if (from_us !== null && until <= from_us) throw new Wrong('order', at, end);
    this.conditions.until_us = until;
  }

  #property(): true {
    const end = /[^\s="]*/y;
    const name = this.#value(end);
    const value = this.#scanner.take(/=/y) ? this.#value() : '';
    if (name === '' && value === '') this.#wrong('value');
    this.conditions.user_properties.push({ name, value });
    return true;
  }

  #subscription(value: string, from: number): void {
    if (!this.#around.subscriptions.includes(value)) this.#wrong('subscription');
    this.conditions.topics.push(this.#topic(topicsOf(value), from));
  }

  #bare(word: string): void {
    if (word === 'in') this.#set('direction', 'received');
    else if (word === 'out') this.#set('direction', 'sent');
    else if (word === 'retain') this.#set('retain', true);
    else if (word === 'dup') this.#set('dup', true);
    else if (isTopic(word)) this.conditions.topics.push(this.#topic(word, this.#start));
    else this.#text(word, false);
  }

  #topic(topic: string, from: number): string {
    const rule = checkFilter(topic);
    if (rule) throw new Wrong('topic', from, this.#scanner.at, rule);
    this.#note(topic);
    return topic;
  }

  /** Sets what can be said only once. */
  #set<K extends keyof Conditions>(name: K, value: Conditions[K]): void {
    const present = this.conditions[name];
    if (present !== value && present !== null && present !== '') this.#wrong('twice');
    this.conditions[name] = value;
  }

  #value(end?: RegExp): string {
    const value = this.#scanner.value(end);
    if (value === null) this.#wrong('quote_open', this.#scanner.text.length);
    return value;
  }

  #note(value: string): void {
    this.pieces.push({ at: this.#start, length: this.#scanner.at - this.#start, value });
  }

  #wrong(code: MistakeCode, end = this.#scanner.at): never {
    throw new Wrong(code, this.#start, end);
  }
}

const NAMES = new Set('topic text exact regex regexi qos after before last type sub'.split(' '));

/** Whether a bare word is meant as a Topic Filter. */
function isTopic(word: string): boolean {
  return /[/]|^[+#]$|^\$./.test(word);
}

/** Whether a text says just this and nothing else. */
export function says(text: string, expected: Conditions): boolean {
  const parsed = parseFilter(text, { now_us: 0, subscriptions: [] });
  return parsed.ok && sameConditions(parsed.conditions, expected);
}
