/**
 * A profile while it is edited. The engine judges it as it is typed; only what cannot be told to the engine
 * (a port of 70000) is judged here. A draft outlives its form: who looks something up elsewhere finds it again.
 */
import { call, toUserError } from '$src/backend';
import type {
  PasswordChange,
  Problem,
  Profile,
  QoS,
  Scheme,
  UserError,
  Weight,
} from '$src/bindings/engine';
import { problemText, type FieldProblem } from '$src/i18n/problems';
import { app } from '$src/state/app.svelte';

import { bytesOf, isBase64, type Encoding } from './bytes';
import { numberProblem, readNumber, RULES } from './numbers';

const PORTS: Record<Scheme, number> = { mqtt: 1883, mqtts: 8883, ws: 8083, wss: 8084 };

/** The engine never sees this: what is no Base64 stands for no bytes. */
const NOT_BASE64: FieldProblem = {
  field: 'will.payload',
  weight: 'error',
  code: 'not_base64',
  limit: '',
  source: 'RFC 4648',
};

type NumberField = keyof typeof RULES;

export class Draft {
  readonly isNew: boolean;
  readonly #before: string;

  profile: Profile;
  password = $state<PasswordChange>({ change: 'keep' });
  numbers: Record<NumberField, string>;
  will: { topic: string; text: string; encoding: Encoding; qos: QoS; retain: boolean };
  willOn: boolean;
  /** The port was edited by hand and no longer follows the scheme. */
  portIsOwn: boolean;
  /** What the last pasted address filled in. */
  filled = $state(false);
  error = $state.raw<UserError | null>(null);
  saving = $state(false);

  #judged = $state.raw<Problem[]>([]);
  #touched = $state.raw<string[]>([]);
  #showAll = $state(false);
  #asked = 0;

  constructor(profile: Profile, isNew: boolean) {
    this.isNew = isNew;
    this.#showAll = !isNew;
    this.profile = $state(structuredClone(profile));
    this.portIsOwn = $state(profile.endpoint.port !== PORTS[profile.endpoint.scheme]);
    const { reconnect, endpoint } = profile;
    this.numbers = $state({
      port: String(endpoint.port),
      keepAlive: String(profile.keep_alive),
      connectTimeout: String(profile.connect_timeout),
      sessionExpiry: String(profile.session_expiry),
      firstDelay: String(reconnect.first_delay_ms),
      maxDelay: String(reconnect.max_delay_ms),
      jitter: String(reconnect.jitter_percent),
      maxAttempts: reconnect.max_attempts === null ? '' : String(reconnect.max_attempts),
    });
    const { will } = profile;
    const encoding: Encoding = will && 'base64' in will.payload ? 'base64' : 'text';
    const text = will ? ('text' in will.payload ? will.payload.text : will.payload.base64) : '';
    this.willOn = $state(will !== null);
    this.will = $state({
      topic: will?.topic ?? '',
      text,
      encoding,
      qos: will?.qos ?? 0,
      retain: will?.retain ?? false,
    });
    this.#before = this.#fingerprint();
  }

  /** Everything that is wrong, of both judges. A getter: what is derived would end with the form that asked first. */
  get problems(): FieldProblem[] {
    const own: FieldProblem[] = Object.entries(RULES)
      .filter(([, { field }]) => this.#counts(field))
      .map(([name, rule]) => numberProblem(this.numbers[name as NumberField], rule))
      .filter((problem) => problem !== null);
    const fields = own.map((problem) => problem.field);
    if (this.willOn && this.will.encoding === 'base64' && !isBase64(this.will.text.trim())) {
      own.push(NOT_BASE64);
    }
    return [...own, ...this.#judged.filter((problem) => !fields.includes(problem.field))];
  }

  get hasErrors(): boolean {
    return this.problems.some((problem) => problem.weight === 'error');
  }

  get isDirty(): boolean {
    return this.#fingerprint() !== this.#before;
  }

  /** What to show at a field: nothing yet where a new profile's field was not touched. */
  say(field: string): { problem?: string; tone?: 'bad' | 'warn' } {
    if (!this.#showAll && !this.#touched.includes(field)) return {};
    const here = this.problems.filter((problem) => problem.field === field);
    const worst = here.find((problem) => problem.weight === 'error') ?? here[0];
    if (!worst) return {};
    const tones: Record<Weight, 'bad' | 'warn'> = { error: 'bad', warning: 'warn' };
    return { problem: problemText(worst), tone: tones[worst.weight] };
  }

  /** Whether a problem is shown at any field that begins with one of these. */
  hasProblemIn(...fields: string[]): boolean {
    return this.problems.some(
      ({ field, weight }) =>
        weight === 'error' &&
        fields.some((each) => field.startsWith(each)) &&
        this.say(field).problem,
    );
  }

  touch(field: string): void {
    if (!this.#touched.includes(field)) this.#touched = [...this.#touched, field];
  }

  showAll(): void {
    this.#showAll = true;
  }

  setScheme(scheme: Scheme): void {
    this.profile.endpoint.scheme = scheme;
    if (!this.portIsOwn) this.numbers.port = String(PORTS[scheme]);
  }

  setPort(text: string): void {
    this.portIsOwn = text.trim() !== String(PORTS[this.profile.endpoint.scheme]);
    this.touch('endpoint.port');
  }

  /** Takes a whole address apart into the fields. Text that is none stays where it is, as the host. */
  async fill(address: string): Promise<boolean> {
    let parsed;
    try {
      parsed = await call('address_parse', { text: address.trim() });
    } catch {
      return false;
    }
    const { endpoint } = this.profile;
    endpoint.host = parsed.host;
    if (parsed.scheme) this.setScheme(parsed.scheme);
    if (parsed.port !== null) {
      this.numbers.port = String(parsed.port);
      this.setPort(this.numbers.port);
    }
    if (parsed.path !== null) endpoint.path = parsed.path;
    if (parsed.user_name !== null) this.profile.user_name = parsed.user_name;
    if (parsed.password !== null) this.password = { change: 'set', value: parsed.password };
    this.touch('endpoint.host');
    this.filled = true;
    return true;
  }

  async renewClientId(): Promise<void> {
    this.profile.client_id = await call('client_id_new', {});
  }

  /** Has the engine judge the draft as it stands. */
  async judge(): Promise<void> {
    const number = ++this.#asked;
    const profile = this.#toCheck();
    try {
      const problems = await call('profile_check', { profile });
      if (number === this.#asked) this.#judged = problems;
    } catch (error) {
      if (number === this.#asked) this.error = toUserError(error);
    }
  }

  /** Saves; undefined where something must be mended first, which is then shown. */
  async save(): Promise<Profile | undefined> {
    this.showAll();
    this.saving = true;
    this.error = null;
    try {
      await this.judge();
      if (this.hasErrors) return undefined;
      const saved = await app.profiles.save(this.toProfile(), $state.snapshot(this.password));
      return saved;
    } catch (error) {
      this.error = toUserError(error);
      return undefined;
    } finally {
      this.saving = false;
    }
  }

  /** The profile with the numbers and the Will Message put in; a number out of its limits keeps its last value. */
  toProfile(): Profile {
    const profile = $state.snapshot(this.profile) as Profile;
    const read = (name: NumberField) => readNumber(this.numbers[name], RULES[name]);
    const { endpoint, reconnect } = profile;
    endpoint.port = read('port') ?? endpoint.port;
    profile.keep_alive = read('keepAlive') ?? profile.keep_alive;
    profile.connect_timeout = read('connectTimeout') ?? profile.connect_timeout;
    profile.session_expiry = read('sessionExpiry') ?? profile.session_expiry;
    reconnect.first_delay_ms = read('firstDelay') ?? reconnect.first_delay_ms;
    reconnect.max_delay_ms = read('maxDelay') ?? reconnect.max_delay_ms;
    reconnect.jitter_percent = read('jitter') ?? reconnect.jitter_percent;
    const attempts = read('maxAttempts');
    if (attempts !== undefined) reconnect.max_attempts = attempts;
    const { topic, text, encoding, qos, retain } = this.will;
    const usable = encoding === 'text' || isBase64(text.trim());
    const payload = bytesOf(usable ? text : '', usable ? encoding : 'text');
    profile.will = this.willOn ? { topic, payload, qos, retain } : null;
    return profile;
  }

  /** As `toProfile`, with a password where there will be one. */
  #toCheck(): Profile {
    const profile = this.toProfile();
    const { change } = this.password;
    if (change === 'set') profile.password = `${profile.id}/password`;
    if (change === 'clear') profile.password = null;
    return profile;
  }

  /** Whether a number field matters as things stand: one that is hidden must not hinder saving. */
  #counts(field: string): boolean {
    if (field.startsWith('reconnect.')) return this.profile.reconnect.enabled;
    if (field === 'session_expiry') return this.profile.version === '5.0';
    return true;
  }

  #fingerprint(): string {
    return JSON.stringify([this.toProfile(), this.numbers, this.password]);
  }
}
