/** The three limits of a history while they are edited, in its dialog or in the form of its profile. */
import type { Problem, Retention } from '$src/bindings/engine';
import {
  AGE_UNITS,
  BYTE_UNITS,
  COUNT_UNITS,
  limitOf,
  readLimit,
  type Limit,
} from '$src/lib/limits';

interface Rule {
  name: keyof Retention;
  units: readonly number[];
  /** What is offered where there is no limit. */
  usual: number;
  min: number;
  max: number;
}

/** What the engine takes. */
const RULES: readonly Rule[] = [
  { name: 'max_bytes', units: BYTE_UNITS, usual: 2 ** 30, min: 8 * 2 ** 20, max: 2 ** 44 },
  { name: 'max_messages', units: COUNT_UNITS, usual: 1_000_000, min: 1, max: 0xffff_ffff },
  { name: 'max_age_s', units: AGE_UNITS, usual: 7 * 86_400, min: 60, max: 100 * 366 * 86_400 },
];

export class LimitsDraft {
  /** As they were when editing began. */
  before = $state.raw<Retention>({ max_bytes: null, max_messages: null, max_age_s: null });
  limits = $state({}) as Record<keyof Retention, Limit>;
  #loaded: Record<string, string> = {};

  load(retention: Retention): void {
    this.before = retention;
    for (const { name, units, usual } of RULES) {
      const limit = limitOf(retention[name], units, usual);
      this.limits[name] = limit;
      this.#loaded[name] = JSON.stringify(limit);
    }
  }

  edit(name: keyof Retention, part: Partial<Limit>): void {
    this.limits[name] = { ...this.limits[name], ...part };
  }

  /** What was set; one that cannot be read keeps its last value, and one that was not touched its exact one. */
  toRetention(): Retention {
    const read = (name: keyof Retention): number | null => {
      const value = this.#isUntouched(name) ? undefined : readLimit(this.limits[name]);
      return value === undefined ? this.before[name] : value;
    };
    return {
      max_bytes: read('max_bytes'),
      max_messages: read('max_messages'),
      max_age_s: read('max_age_s'),
    };
  }

  /** What is no number within its limits, in the shape of the engine's own problems. */
  problems(): Problem[] {
    return RULES.filter(({ name, min, max }) => {
      if (this.#isUntouched(name)) return false;
      const value = readLimit(this.limits[name]);
      return value === undefined || (value !== null && (value < min || value > max));
    }).map(({ name, min, max }) => ({
      field: `retention.${name}`,
      weight: 'error',
      code: 'out_of_range',
      limit: `${min}..${max}`,
      source: '',
      reason: null,
    }));
  }

  get isDirty(): boolean {
    return JSON.stringify(this.toRetention()) !== JSON.stringify(this.before);
  }

  /** What was typed, whether it can be read or not: changes with every change. */
  get written(): string {
    return JSON.stringify(this.limits);
  }

  #isUntouched(name: keyof Retention): boolean {
    return this.#loaded[name] === JSON.stringify(this.limits[name]);
  }
}
