/**
 * The window's state, put together: snapshots at the start, events from then on.
 *
 * Events that come while the snapshots are under way wait until these are there. A gap in the numbers of the
 * batches means that something was missed, and everything is asked for again.
 */
import { call, listen, toUserError, watchFiles, type FileDrag } from '$src/backend';
import type { AppInfo, Event, EventBatch, ProfileId, UserError } from '$src/bindings/engine';
import { m } from '$src/i18n';

import { Broker } from './broker.svelte';
import { Copies } from './copies.svelte';
import { diagnosisChanged } from './diagnosis.svelte';
import { placeAt } from './file-drops';
import { findChanged } from './finds';
import { historyChanged } from './histories';
import { Importing } from './importing.svelte';
import { Jobs } from './jobs.svelte';
import { reloadMissed } from './missed';
import { Outline } from './outline.svelte';
import { packetsChanged } from './packets-of';
import { probeChanged } from './probes.svelte';
import { Profiles } from './profiles.svelte';
import { Recordings } from './recordings.svelte';
import { repliesChanged } from './replies.svelte';
import { requestChanged } from './requests-of';
import { Sessions } from './sessions.svelte';
import { Settings } from './settings.svelte';
import { sidesChanged } from './sides-comparison-events';
import { Sides, type SidesPlace } from './sides-place.svelte';
import { viewChanged } from './views';

/** What the main part of the window shows. */
export type Place =
  | { at: 'welcome' }
  | { at: 'profile'; id: ProfileId }
  | { at: 'new' }
  | { at: 'edit'; id: ProfileId }
  | { at: 'diagnose'; id: ProfileId }
  | { at: 'probe'; id: ProfileId }
  | SidesPlace
  | { at: 'import' }
  | { at: 'broker' }
  | { at: 'settings' };

/** A dialog about profiles that stands before everything else. */
export type Asking =
  | { about: 'move' }
  | { about: 'export'; profiles: ProfileId[] }
  | { about: 'copy'; profile: ProfileId };

export class App {
  readonly profiles = new Profiles();
  readonly sessions = new Sessions();
  readonly broker = new Broker();
  readonly settings = new Settings();
  readonly importing = new Importing();
  readonly jobs = new Jobs();
  readonly recordings = new Recordings();
  readonly outline = new Outline(this.profiles, this.settings);
  readonly sides = new Sides(this);
  readonly copies = new Copies((id) => this.sessions.state(id).state === 'connected');

  info = $state.raw<AppInfo | null>(null);
  place = $state.raw<Place>({ at: 'welcome' });
  asking = $state.raw<Asking | null>(null);
  /** Files are being dragged over the window: what would be done with them if they were dropped here. */
  filesOver = $state.raw<'import' | 'publish' | null>(null);
  /** Whether the first snapshots are there. */
  ready = $state(false);
  /** What went wrong with the last thing that the person asked for, until it is put away. */
  error = $state.raw<UserError | null>(null);

  /** Profiles whose sessions are open, and those that are shown, for the tabs. */
  readonly tabs: ProfileId[] = $derived.by(() => {
    return this.profiles.list
      .map((profile) => profile.id)
      .filter((id) => this.shows(id) || this.sessions.isOpen(id));
  });

  #number: number | null = null;
  #loading = false;
  #waiting: EventBatch[] = [];

  /** The profile that the main part shows, if it shows one; of two, the one that has the keys. */
  get shown(): ProfileId | null {
    if (this.place.at === 'sides') return this.sides.focused;
    return 'id' in this.place ? this.place.id : null;
  }

  /** Whether the main part shows a profile, alone or beside another one. */
  shows(id: ProfileId): boolean {
    return this.shown === id || this.sides.shown.includes(id);
  }

  async start(): Promise<void> {
    await this.attempt(async () => {
      this.#loading = true;
      await listen((batch) => this.#received(batch));
      await this.#reload();
      this.goHome();
    });
    this.ready = true;
    // Where the system does not tell of dragged files, the path field and the dialog are still there.
    await watchFiles((drag) => this.#dragged(drag)).catch(() => undefined);
  }

  go(place: Place): void {
    this.place = place;
    this.error = null;
  }

  /** Runs what the person asked for; a failure is shown in the window instead of being thrown. */
  async attempt<T>(action: () => Promise<T>): Promise<T | undefined> {
    try {
      return await action();
    } catch (error) {
      const failure = toUserError(error);
      if (failure.code !== 'cancelled') this.error = failure;
      return undefined;
    }
  }

  /** Starts the local broker, connects its profile and shows it: the first minute in one click. */
  async tryLocal(): Promise<void> {
    const id = await call('try_local', { name: m.broker_title() });
    await this.profiles.load();
    this.go({ at: 'profile', id });
  }

  async remove(ids: ProfileId[]): Promise<void> {
    await this.profiles.remove(ids);
    if (this.place.at === 'sides') this.sides.without(ids);
    else if (this.shown !== null && ids.includes(this.shown)) this.goHome();
  }

  async restore(): Promise<void> {
    const [first] = await this.profiles.restore();
    if (first) this.go({ at: 'profile', id: first.id });
  }

  /** Shows what is open, or else the first profile, or else the welcome. */
  goHome(): void {
    const { list } = this.profiles;
    const open = list.find((profile) => this.sessions.isOpen(profile.id)) ?? list[0];
    this.go(open ? { at: 'profile', id: open.id } : { at: 'welcome' });
  }

  #dragged(drag: FileDrag): void {
    const place = drag.at === 'left' ? null : placeAt(drag.x, drag.y);
    this.filesOver = drag.at !== 'over' ? null : place ? 'publish' : 'import';
    if (drag.at !== 'dropped') return;
    const [path, ...more] = drag.paths;
    if (place && path !== undefined && more.length === 0) {
      place(path);
      return;
    }
    if (this.importing.step === 'running') return;
    this.go({ at: 'import' });
    void this.importing.readFiles(drag.paths);
  }

  #received(batch: EventBatch): void {
    if (this.#loading) {
      this.#waiting.push(batch);
      return;
    }
    const missed = this.#number !== null && batch.number !== this.#number + 1;
    this.#number = batch.number;
    for (const event of batch.events) this.#apply(event);
    if (missed) {
      reloadMissed();
      void this.attempt(() => this.#reload());
    }
  }

  async #reload(): Promise<void> {
    this.#loading = true;
    try {
      const [info] = await Promise.all([
        call('app_info', {}),
        this.settings.load(),
        this.profiles.load(),
        this.sessions.load(),
        this.broker.load(),
        this.jobs.load(),
      ]);
      this.info = info;
      const open = this.profiles.list.map(({ id }) => id).filter((id) => this.sessions.isOpen(id));
      void this.recordings.load(open);
    } finally {
      this.#loading = false;
      for (const batch of this.#waiting.splice(0)) this.#received(batch);
    }
  }

  #apply(event: Event): void {
    switch (event.event) {
      case 'session':
        this.sessions.changed(event.snapshot);
        break;
      case 'history':
        historyChanged(event);
        this.recordings.changed(event.profile, event.stats.recording);
        break;
      case 'view':
        viewChanged(event);
        break;
      case 'find':
        findChanged(event);
        break;
      case 'job':
        this.jobs.changed(event.job);
        break;
      case 'packets':
        packetsChanged(event);
        break;
      case 'broker':
        this.broker.changed(event.state);
        break;
      case 'import':
        this.importing.progressed(event.progress);
        break;
      case 'diagnosis':
        diagnosisChanged(event);
        break;
      case 'probe':
        probeChanged(event);
        break;
      case 'request':
        requestChanged(event);
        break;
      case 'replies':
        repliesChanged(event);
        break;
      case 'sides':
        sidesChanged(event);
        break;
      case 'settings':
        this.settings.changed(event.settings);
        break;
      case 'profiles':
        void this.attempt(() => this.profiles.load());
        break;
    }
  }
}

/** The window's one state. */
export const app = new App();
