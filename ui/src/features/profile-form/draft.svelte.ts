/**
 * A profile while it is edited. What has alternatives (trust, certificate, proxy, Will Message ..) is edited in a
 * part of its own that keeps them all; `toProfile` puts together what is chosen. A draft outlives its form: who
 * looks something up elsewhere finds it again.
 */
import { call, toUserError } from '$src/backend';
import type {
  Problem,
  Profile,
  Scheme,
  SecretEdit,
  SecretSlot,
  UserError,
} from '$src/bindings/engine';
import { LimitsDraft } from '$src/features/history/limits.svelte';
import { app } from '$src/state/app.svelte';
import { Latest } from '$src/state/latest';

import { leftOpen } from './address-marks';
import { AuthenticationDraft } from './authentication-draft.svelte';
import { HeadersDraft, ProxyDraft } from './network-draft.svelte';
import { NUMBERS, numberProblem, readNumber, RULES, type NumberName } from './numbers';
import { at, put } from './paths';
import { SecretEdits, type Place, type UsedPlace } from './secrets.svelte';
import { TlsDraft } from './tls-draft.svelte';
import { Verdicts, type Says } from './verdicts.svelte';
import { WillDraft } from './will-draft.svelte';

const PORTS: Record<Scheme, number> = { mqtt: 1883, mqtts: 8883, ws: 8083, wss: 8084 };

/** The port of a proxy that was never set (squid's). */
const PROXY_PORT = '3128';

export class Draft {
  readonly isNew: boolean;

  /** The fields without alternatives are edited here. */
  profile = $state() as Profile;
  numbers = $state({}) as Record<NumberName, string>;
  readonly secrets = new SecretEdits();
  readonly tls = new TlsDraft(this.secrets);
  readonly authentication = new AuthenticationDraft(this.secrets);
  readonly proxy = new ProxyDraft(this.secrets);
  readonly headers = new HeadersDraft(this.secrets);
  readonly will = new WillDraft();
  readonly retention = new LimitsDraft();
  readonly verdicts: Verdicts;

  /** The port was edited by hand and no longer follows the scheme. */
  portIsOwn = $state(false);
  /** What the last pasted address filled in. */
  filled = $state(false);
  error = $state.raw<UserError | null>(null);
  saving = $state(false);

  readonly #before: string;
  readonly #judging = new Latest();

  constructor(profile: Profile, isNew: boolean) {
    this.isNew = isNew;
    this.verdicts = new Verdicts(!isNew, () => this.#ownProblems());
    this.load(profile);
    this.#before = this.written;
  }

  /** Takes over a whole profile. What was typed for kinds that it does not choose stays. */
  load(profile: Profile): void {
    this.profile = structuredClone(profile);
    this.portIsOwn = profile.endpoint.port !== PORTS[profile.endpoint.scheme];
    this.secrets.remember('password', profile.password);
    this.tls.load(profile.tls);
    this.authentication.load(profile.authentication);
    this.proxy.load(profile.proxy);
    this.headers.load(profile.websocket);
    this.will.load(profile.will);
    this.retention.load(profile.retention);
    for (const name of NUMBERS) {
      const value = at(profile, RULES[name].field);
      if (value !== undefined) this.numbers[name] = value === null ? '' : String(value);
      else this.numbers[name] ??= name === 'proxyPort' ? PROXY_PORT : '';
    }
  }

  get is5(): boolean {
    return this.profile.version === '5.0';
  }

  get isTls(): boolean {
    return this.profile.endpoint.scheme === 'mqtts' || this.profile.endpoint.scheme === 'wss';
  }

  get isWebSocket(): boolean {
    return this.profile.endpoint.scheme === 'ws' || this.profile.endpoint.scheme === 'wss';
  }

  get problems(): Problem[] {
    return this.verdicts.problems;
  }

  get errors(): Problem[] {
    return this.problems.filter(({ weight }) => weight === 'error');
  }

  get hasErrors(): boolean {
    return this.errors.length > 0;
  }

  get isDirty(): boolean {
    return this.written !== this.#before;
  }

  /** All that saving would write, and what was typed that cannot be written. Changes with every change. */
  get written(): string {
    return JSON.stringify([
      this.toProfile(),
      this.numbers,
      this.retention.written,
      this.secretEdits(),
      this.#ownProblems(),
    ]);
  }

  say(field: string, only = false): Says {
    return this.verdicts.say(field, only);
  }

  touch(field: string): void {
    this.verdicts.touch(field);
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
    if (parsed.password !== null) this.secrets.set('password', parsed.password);
    this.touch('endpoint.host');
    this.verdicts.mark(leftOpen(parsed, endpoint.scheme, this.numbers.port));
    this.filled = true;
    return true;
  }

  async renewClientId(): Promise<void> {
    this.profile.client_id = await call('client_id_new', {});
  }

  /** Puts a secret where a slot says; a header that is not there is added. */
  setSecret(slot: SecretSlot, value: string): void {
    const place: Place = slot.startsWith('header:')
      ? this.headers.named(slot.slice('header:'.length)).place
      : slot;
    this.secrets.set(place, value);
  }

  /** Has the engine judge the draft as it stands. */
  async judge(): Promise<void> {
    await this.#judging.run(async (isLast) => {
      try {
        const args = { profile: this.toProfile(), secrets: this.secretEdits() };
        const problems = await call('profile_check', args);
        if (isLast()) this.verdicts.judged(problems);
      } catch (error) {
        if (isLast()) this.error = toUserError(error);
      }
    });
  }

  /** Saves; undefined where something must be mended first, which is then shown. */
  async save(): Promise<Profile | undefined> {
    this.verdicts.showAll();
    this.saving = true;
    this.error = null;
    try {
      await this.judge();
      if (this.hasErrors) return undefined;
      return await app.profiles.save(this.toProfile(), this.secretEdits());
    } catch (error) {
      this.error = toUserError(error);
      return undefined;
    } finally {
      this.saving = false;
    }
  }

  /** The profile as it stands; a number out of its limits keeps its last value. */
  toProfile(): Profile {
    const profile = $state.snapshot(this.profile) as Profile;
    profile.tls.roots = this.tls.toRoots();
    profile.tls.client_certificate = this.tls.toClientCertificate();
    profile.authentication = this.authentication.toAuthentication();
    profile.proxy = this.proxy.toProxy(Number(PROXY_PORT));
    profile.websocket.headers = this.headers.toHeaders();
    profile.will = this.will.toWill();
    profile.retention = this.retention.toRetention();
    for (const name of NUMBERS) {
      const value = readNumber(this.numbers[name], RULES[name]);
      if (value !== undefined) put(profile, RULES[name].field, value);
    }
    return profile;
  }

  /** What is to happen to the secrets that the profile has as it stands. */
  secretEdits(): SecretEdit[] {
    const password: UsedPlace = { place: 'password', slot: 'password' };
    const parts = [this.authentication, this.proxy, this.tls, this.headers];
    return this.secrets.for([password, ...parts.flatMap((part) => part.places())]);
  }

  /** What the engine cannot be told. What is hidden as things stand must not hinder saving. */
  #ownProblems(): Problem[] {
    const numbers = NUMBERS.filter((name) => this.#counts(RULES[name].field));
    const own = numbers.map((name) => numberProblem(this.numbers[name], RULES[name]));
    if (this.is5) own.push(this.authentication.problem());
    own.push(...this.retention.problems());
    return own.filter((problem) => problem !== null);
  }

  #counts(field: string): boolean {
    if (field.startsWith('reconnect.')) return this.profile.reconnect.enabled;
    if (field === 'session_expiry' || field.startsWith('connect_properties.')) return this.is5;
    if (field.startsWith('proxy.')) return this.proxy.hasServer;
    if (field.startsWith('will.')) return this.will.on && this.is5;
    return true;
  }
}
