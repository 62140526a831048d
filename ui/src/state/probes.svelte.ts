/**
 * The probes of brokers: those that run, and the tables that the engine has kept.
 *
 * Events only say that one went on; its table is pulled then, one pull at a time. What a person has set up for a profile
 * (prefix, choice, which tables are compared) outlives the page, so that one can look elsewhere meanwhile.
 */
import { call, toUserError } from '$src/backend';
import type {
  Capability,
  Event,
  ProbeId,
  ProbeOptions,
  ProbeReport,
  ProfileId,
  UserError,
} from '$src/bindings/engine';
import { PullScheduler } from '$src/lib/pull';

type Told = Extract<Event, { event: 'probe' }>;

/** All that can be tried, in the order of the table. */
export const CAPABILITIES = [
  'mqtt31',
  'mqtt311',
  'mqtt50',
  'maximum_qos',
  'retained',
  'wildcards',
  'shared',
  'subscription_identifiers',
  'topic_alias',
  'packet_size',
  'client_id_length',
  'client_id_characters',
  'client_id_empty',
  'message_expiry',
  'will_delay',
  'session_expiry',
] as const satisfies readonly Capability[];

export const USUAL_PREFIX = 'mqttscope-probe';

/** All tables, the newest first. */
class Probes {
  list = $state.raw<ProbeReport[]>([]);
  /** Why the tables could not be had. */
  error = $state.raw<UserError | null>(null);
  readonly #pulls = new Map<ProbeId, PullScheduler>();

  byId(id: ProbeId | null): ProbeReport | undefined {
    return this.list.find((report) => report.id === id);
  }

  async load(): Promise<void> {
    try {
      this.list = await call('probes_list', {});
      this.error = null;
    } catch (error) {
      this.error = toUserError(error);
    }
  }

  changed({ probe, finished }: Told): void {
    let pull = this.#pulls.get(probe);
    if (!pull) {
      pull = new PullScheduler(() => this.#pull(probe));
      this.#pulls.set(probe, pull);
    }
    pull.request(finished ? 'now' : 'soon');
  }

  async start(profile: ProfileId, options: ProbeOptions): Promise<ProbeId> {
    const id = await call('probe_start', { profile, options });
    await this.#pull(id);
    return id;
  }

  async cancel(probe: ProbeId): Promise<void> {
    await call('probe_cancel', { probe });
    await this.#pull(probe);
  }

  async remove(probe: ProbeId): Promise<void> {
    await call('probe_delete', { probe });
    this.list = this.list.filter((report) => report.id !== probe);
  }

  async #pull(probe: ProbeId): Promise<void> {
    let report: ProbeReport;
    try {
      report = await call('probe_report', { probe });
    } catch (error) {
      // It was deleted meanwhile; anything else is told by the next load.
      if (toUserError(error).code !== 'probe.not_found') this.error = toUserError(error);
      return;
    }
    if (report.finished) this.#pulls.delete(probe);
    const others = this.list.filter((each) => each.id !== probe);
    this.list = [...others, report].sort((one, other) => other.began_ms - one.began_ms);
  }
}

export const probes = new Probes();

/** Passes an event on. */
export function probeChanged(event: Told): void {
  probes.changed(event);
}

/** Asks for everything anew: after a gap in the events. */
export function reloadProbes(): void {
  void probes.load();
}

/** What a person has set up on the page of one profile. */
export class Probing {
  readonly profile: ProfileId;
  prefix = $state(USUAL_PREFIX);
  chosen = $state.raw<readonly Capability[]>(CAPABILITIES);
  largest = $state(1_048_576);
  /** Whether what is tried is shown, where a person said so. */
  fold = $state<'open' | 'shut' | null>(null);
  /** Whether it was begun since the application started: then what is tried was seen. */
  confirmed = $state(false);
  /** The table that is shown, if a person chose one. */
  picked = $state.raw<ProbeId | null>(null);
  /** Those that are ticked for a comparison, in the order of ticking. */
  ticked = $state.raw<readonly ProbeId[]>([]);
  cancelling = $state(false);
  #adopted = false;

  constructor(profile: ProfileId) {
    this.profile = profile;
  }

  /** The probe of this profile that runs. */
  readonly running: ProbeReport | undefined = $derived(
    probes.list.find((report) => report.profile === this.profile && !report.finished),
  );
  /** What is shown: what runs, what was picked, or the profile's newest. */
  readonly shown: ProbeReport | undefined = $derived(
    this.running ??
      probes.byId(this.picked) ??
      probes.list.find((report) => report.profile === this.profile),
  );
  /** What is tried is shown first, and stands back behind a table. */
  readonly unfolded: boolean = $derived(
    this.fold ? this.fold === 'open' : this.shown === undefined,
  );
  readonly compared: ProbeReport[] = $derived(
    this.ticked.map((id) => probes.byId(id)).filter((report) => report !== undefined),
  );

  /** Loads the tables, and begins with what was allowed the last time. */
  async load(): Promise<void> {
    const first = !this.#adopted;
    this.#adopted = true;
    await probes.load();
    const last = probes.list.find((report) => report.profile === this.profile);
    if (!first || !last) return;
    this.prefix = last.options.prefix;
    this.chosen = CAPABILITIES.filter((each) => last.options.capabilities.includes(each));
    this.largest = last.options.largest_packet;
  }

  choose(capabilities: readonly Capability[], on: boolean): void {
    this.chosen = CAPABILITIES.filter((each) =>
      capabilities.includes(each) ? on : this.chosen.includes(each),
    );
  }

  tick(id: ProbeId, on: boolean): void {
    const others = this.ticked.filter((each) => each !== id);
    this.ticked = on ? [...others, id] : others;
  }

  async start(): Promise<void> {
    this.cancelling = false;
    this.confirmed = true;
    this.ticked = [];
    this.picked = await probes.start(this.profile, {
      prefix: this.prefix,
      capabilities: [...this.chosen],
      largest_packet: this.largest,
    });
    this.fold = 'shut';
  }

  async cancel(): Promise<void> {
    const { running } = this;
    if (!running) return;
    this.cancelling = true;
    await probes.cancel(running.id);
  }

  async remove(id: ProbeId): Promise<void> {
    await probes.remove(id);
    this.tick(id, false);
    if (this.picked === id) this.picked = null;
  }
}

const known = new Map<ProfileId, Probing>();

/** The page of a profile; the same object each time. */
export function probingOf(profile: ProfileId): Probing {
  let probing = known.get(profile);
  if (!probing) {
    probing = new Probing(profile);
    known.set(profile, probing);
  }
  return probing;
}
