/**
 * What is wrong with a draft, and where it is shown. The engine judges; only what cannot be told to it is judged
 * by the form itself. A new profile's fields are not complained of before they were touched.
 */
import type { Problem, Weight } from '$src/bindings/engine';
import { problemText } from '$src/i18n/problems';

import { lies } from './paths';

export interface Says {
  problem?: string;
  tone?: 'bad' | 'warn' | 'changed';
}

/** What is edited field by field and judged: a whole profile, or one subscription. */
export interface Judged {
  /** What to show at a field; see `Verdicts.say`. */
  say(field: string, only?: boolean): Says;
  /** The person has set the field's value. */
  touch(field: string): void;
}

/** A field that something else than the person's hand changed. */
export interface Mark {
  field: string;
  words: string;
}

const TONES: Record<Weight, 'bad' | 'warn'> = { error: 'bad', warning: 'warn' };

/** What the model names the choice among alternatives. */
const KINDS = ['kind', 'method', 'from'];

export class Verdicts {
  #judged = $state.raw<Problem[]>([]);
  #touched = $state.raw<string[]>([]);
  #showAll = $state(false);
  #marks = $state.raw<Mark[]>([]);
  readonly #own: () => Problem[];

  /** `own` finds what only the form can know. */
  constructor(showAll: boolean, own: () => Problem[]) {
    this.#showAll = showAll;
    this.#own = own;
  }

  /** Everything that is wrong, of both judges. A getter: what is derived would end with the form that asked first. */
  get problems(): Problem[] {
    const own = this.#own();
    const fields = own.map((problem) => problem.field);
    return [...own, ...this.#judged.filter((problem) => !fields.includes(problem.field))];
  }

  judged(problems: Problem[]): void {
    this.#judged = problems;
  }

  /** Fields that are told of as changed until they are edited. */
  mark(marks: Mark[]): void {
    this.#marks = marks;
  }

  touch(field: string): void {
    this.#marks = this.#marks.filter(
      (mark) => !lies(mark.field, field) && !lies(field, mark.field),
    );
    if (!this.#touched.includes(field)) this.#touched = [...this.#touched, field];
  }

  showAll(): void {
    this.#showAll = true;
  }

  /**
   * What to show at a field: the worst that is wrong with it or with something in it, else that it was changed. With
   * `only`, what lies in it has fields of its own; just the choice of its kind is shown here too.
   */
  say(field: string, only = false): Says {
    const itself = [field, ...KINDS.map((kind) => `${field}.${kind}`)];
    const isHere = (path: string) => (only ? itself.includes(path) : lies(path, field));
    const here = this.#shown().filter((problem) => isHere(problem.field));
    const worst = here.find((problem) => problem.weight === 'error') ?? here[0];
    if (worst) return { problem: problemText(worst), tone: TONES[worst.weight] };
    const mark = this.#marks.find((each) => isHere(each.field));
    return mark ? { problem: mark.words, tone: 'changed' } : {};
  }

  /** How many problems are shown in these fields, by weight. */
  count(fields: readonly string[]): Record<Weight, number> {
    const counts = { error: 0, warning: 0 };
    for (const { field, weight } of this.#shown()) {
      if (fields.some((each) => lies(field, each))) counts[weight] += 1;
    }
    return counts;
  }

  /** The shown problems that belong to none of these fields. */
  elsewhere(fields: readonly string[]): Problem[] {
    return this.#shown().filter(({ field }) => !fields.some((each) => lies(field, each)));
  }

  #shown(): Problem[] {
    if (this.#showAll) return this.problems;
    const touched = this.#touched;
    return this.problems.filter(({ field }) => touched.some((each) => lies(field, each)));
  }
}
