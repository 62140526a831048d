/**
 * An engine in memory, for tests and for looking at the window without one. It keeps profiles, settings and
 * sessions, and answers as the engine does; it connects to nothing. Never part of the application.
 */
import type { Backend, FileDrag } from '$src/backend';
import type {
  BrokerState,
  Commands,
  Event,
  EventBatch,
  ImportItem,
  MessageId,
  Problem,
  Profile,
  ProfileId,
  Property,
  Row,
  SessionSnapshot,
  Settings,
} from '$src/bindings/engine';
import { encodeBase64 } from '$src/lib/bytes';

import { userError } from './errors';
import { MemoryDiagnosis } from './memory-diagnosis';
import { MemoryExchange } from './memory-exchange';
import { dumpOf, MemoryFind } from './memory-find';
import { MemoryJobs } from './memory-jobs';
import { MemoryPackets } from './memory-packets';
import { MemoryPresets } from './memory-presets';
import { MemoryProbes } from './memory-probes';
import { MemoryRequests } from './memory-requests';
import { withSecrets } from './memory-secrets';
import { MemorySides } from './memory-sides';
import { MemoryTree } from './memory-tree';
import { MemoryViews } from './memory-views';
import { profileOf, settingsOf, snapshotOf } from './nouns';

export { userError } from './errors';

type Handlers = {
  [K in keyof Commands]: (args: Commands[K]['args']) => Commands[K]['result'];
};

export { connackOf, connectOf, profileOf, settingsOf, snapshotOf, subscriptionOf } from './nouns';

export class MemoryEngine implements Backend {
  profiles: Profile[] = [];
  broken: Commands['profiles_list']['result']['broken'] = [];
  sessions = new Map<ProfileId, SessionSnapshot>();
  settings: Settings = settingsOf();
  broker: BrokerState = { state: 'stopped' };
  secretStore: Commands['app_info']['result']['secret_store'] = { kind: 'keychain', path: '' };
  rows: Row[] = [];
  recording = true;
  /** What messages have besides their rows; others have a Content Type. */
  properties = new Map<MessageId, Property[]>();
  /** The Topic Filters that messages came through. */
  throughs = new Map<MessageId, string[]>();
  readonly tree = new MemoryTree();
  readonly exchange = new MemoryExchange();
  readonly presets = new MemoryPresets();
  readonly diagnosis = new MemoryDiagnosis((events) => this.tell(events));
  readonly jobs = new MemoryJobs(this);
  readonly views = new MemoryViews(this);
  readonly packets = new MemoryPackets({
    tell: (events) => this.tell(events),
    begin: (profile, path) => this.jobs.begin(profile, 'export_packets', path),
  });
  readonly probes = new MemoryProbes((events) => this.tell(events));
  readonly sides = new MemorySides((events) => this.tell(events));
  readonly requests = new MemoryRequests(this);
  readonly find = new MemoryFind(
    (view) => this.views.rows(view),
    (profile) => this.tellHistory(profile),
  );
  /** Files that can be published, with their sizes. */
  files = new Map<string, number>();
  /** What was copied last. */
  clipboard = '';
  /** What the dialogs for a path answer. */
  picked: string | null = '/etc/mosquitto/certs/ca.pem';
  /** What `profile_check` answers. */
  judge: (profile: Profile) => Problem[] = () => [];
  /** Every call, in order. */
  calls: { name: keyof Commands; args: unknown }[] = [];

  #number = 0;
  #revision = 0;
  #handler: ((batch: EventBatch) => void) | null = null;
  #dragged: ((drag: FileDrag) => void) | null = null;
  #deleted = new Map<ProfileId, Profile>();

  async call<K extends keyof Commands>(
    name: K,
    args: Commands[K]['args'],
  ): Promise<Commands[K]['result']> {
    this.calls.push({ name, args: structuredClone(args) });
    const handlers: Partial<Handlers> = this.#handlers;
    const handler = handlers[name];
    if (!handler) throw userError('command.unknown', name);
    return structuredClone(handler(args));
  }

  payload(): Promise<ArrayBuffer> {
    return Promise.resolve(new ArrayBuffer(0));
  }

  listen(handler: (batch: EventBatch) => void): Promise<void> {
    this.#handler = handler;
    return Promise.resolve();
  }

  pickFile(): Promise<string | null> {
    return Promise.resolve(this.picked);
  }

  saveFile(): Promise<string | null> {
    return Promise.resolve(this.picked);
  }

  watchFiles(handler: (drag: FileDrag) => void): Promise<void> {
    this.#dragged = handler;
    return Promise.resolve();
  }

  /** Drags files over the window, or drops them. */
  drag(drag: FileDrag): void {
    this.#dragged?.(drag);
  }

  copyText(text: string): Promise<void> {
    this.clipboard = text;
    return Promise.resolve();
  }

  /** Tells events in a batch; `skip` leaves a gap in the numbers. */
  tell(events: Event[], skip = 0): void {
    this.#number += 1 + skip;
    this.#handler?.(structuredClone({ number: this.#number, events }));
  }

  /** Sets a session's state and tells it. */
  set(snapshot: SessionSnapshot): void {
    this.sessions.set(snapshot.profile, snapshot);
    this.tell([{ event: 'session', snapshot }]);
  }

  messages(): number {
    return this.rows.length;
  }

  /** Tells how much a history holds. */
  tellHistory(profile: ProfileId): void {
    const stats = this.#stats();
    this.tell([{ event: 'history', profile, stats, revision: (this.#revision += 1), fault: null }]);
  }

  #find(id: ProfileId): Profile {
    const found = this.profiles.find((profile) => profile.id === id);
    if (!found) throw userError('profile.not_found');
    return found;
  }

  #stats(): Commands['history_stats']['result'] {
    const messages = this.rows.length;
    return {
      messages,
      bytes_on_disk: messages * 180,
      first_id: this.rows[0]?.id ?? null,
      last_id: this.rows.at(-1)?.id ?? null,
      received: this.rows.filter((row) => row.direction === 'received').length,
      sent: this.rows.filter((row) => row.direction === 'sent').length,
      set_aside: null,
      removed: this.jobs.removed,
      recording: this.recording,
    };
  }

  readonly #handlers: Partial<Handlers> = {
    ...this.jobs.handlers,
    ...this.find.handlers,
    ...this.views.handlers,
    ...this.packets.handlers,
    ...this.probes.handlers,
    ...this.sides.handlers,
    ...this.requests.handlers,
    app_info: () => ({
      version: '0.1.0',
      config_dir: '/home/lin/.config/mqttscope',
      data_dir: '/home/lin/.local/share/mqttscope',
      secret_store: this.secretStore,
    }),
    settings_get: () => this.settings,
    settings_set: ({ settings }) => {
      this.settings = settings;
      this.tell([{ event: 'settings', settings }]);
      return null;
    },
    profiles_list: () => ({
      profiles: this.profiles,
      tree: this.tree.complete(this.profiles.map(({ id }) => id)),
      broken: this.broken,
    }),
    profile_new: () => profileOf('new-1'),
    profile_check: ({ profile }) => [...this.judge(profile), ...this.presets.judge(profile)],
    profile_save: ({ profile, secrets }) => {
      const saved = withSecrets(profile, secrets);
      this.profiles = [...this.profiles.filter(({ id }) => id !== profile.id), saved];
      return saved;
    },
    profile_duplicate: ({ id, name }) => {
      const copy = { ...structuredClone(this.#find(id)), id: `${id}-copy`, name };
      this.profiles = [...this.profiles, copy];
      return copy;
    },
    profiles_colour: ({ ids, colour }) => {
      this.profiles = this.profiles.map((each) =>
        ids.includes(each.id) ? { ...each, colour } : each,
      );
      return null;
    },
    profiles_delete: ({ ids }) => {
      for (const id of ids) this.#deleted.set(id, this.#find(id));
      this.profiles = this.profiles.filter((profile) => !ids.includes(profile.id));
      return null;
    },
    profiles_restore: ({ ids }) => {
      const back = ids.map((id) => this.#deleted.get(id));
      if (back.includes(undefined)) throw userError('profile.not_found');
      const profiles = back.flatMap((profile) => profile ?? []);
      this.profiles = [...this.profiles, ...profiles];
      return profiles;
    },
    nodes_move: ({ nodes, folder, before }) => {
      this.tree.move(nodes, folder, before);
      return null;
    },
    folder_add: ({ name, parent }) => this.tree.add(name, parent),
    folder_edit: ({ id, name, colour }) => {
      this.tree.edit(id, name, colour);
      return null;
    },
    folder_remove: ({ id }) => {
      this.tree.remove(id);
      return null;
    },
    import_file: ({ path }) => this.exchange.read(path.split('/').at(-1) ?? ''),
    import_text: () => this.exchange.read(''),
    import_unlock: (args) => this.exchange.unlock(args.import, args.passphrase),
    import_run: (args) => {
      const make = (item: ImportItem) => profileOf(`imported-${item.index}`, { name: item.name });
      const run = this.exchange.run(args.import, args.choices, this.profiles, make);
      this.profiles = run.profiles;
      this.tell([{ event: 'profiles' }]);
      return run.result;
    },
    import_cancel: (args) => {
      this.exchange.cancel(args.import);
      return null;
    },
    import_undo: (args) => {
      const before = this.profiles.length;
      this.profiles = this.exchange.undo(args.import);
      this.tell([{ event: 'profiles' }]);
      return { removed: before - this.profiles.length, restored: 0, left: [] };
    },
    export_save: ({ path, options }) => this.exchange.save(path, options, this.profiles.length),
    copy_as: ({ profile, target }) => this.exchange.copy(profile, target),
    session_report: ({ profile }) => this.diagnosis.sessions.get(profile) ?? null,
    diagnosis_start: ({ profile, options }) => this.diagnosis.start(profile, options),
    diagnosis_report: ({ diagnosis }) => this.diagnosis.report(diagnosis),
    diagnosis_cancel: ({ diagnosis }) => {
      this.diagnosis.cancel(diagnosis);
      return null;
    },
    fix_apply: ({ profile, fix }) => this.diagnosis.apply(profile, fix),
    certificates_save: (saved) => {
      this.diagnosis.saved = saved;
      return null;
    },
    presets_list: () => this.presets.list(),
    preset_apply: (args) => this.presets.apply(args),
    preset_save: ({ name, profile }) => this.presets.save(name, profile),
    preset_delete: ({ id }) => {
      this.presets.remove(id);
      return null;
    },
    client_id_new: () => 'mqttscope-0badcafe',
    address_parse: ({ text }) => {
      const url = URL.parse(text);
      if (!url?.hostname) throw userError('address.invalid');
      return {
        scheme: url.protocol.slice(0, -1) as 'mqtt',
        host: url.hostname,
        port: url.port ? Number(url.port) : null,
        path: url.pathname || null,
        user_name: url.username || null,
        password: url.password || null,
      };
    },
    sessions_list: () => this.profiles.map(({ id }) => this.sessions.get(id) ?? snapshotOf(id)),
    session_connect: ({ profile }) => {
      this.set(snapshotOf(profile, { state: 'connecting', stage: 'tcp', attempt: 1 }));
      return null;
    },
    session_disconnect: ({ profile }) => {
      this.set(snapshotOf(profile));
      return null;
    },
    session_reconnect_now: () => null,
    session_subscribe: () => [],
    session_unsubscribe: () => null,
    session_publish: () => this.rows.length + 1,
    session_publish_file: () => this.rows.length + 1,
    publish_file_size: ({ path }) => {
      const size = this.files.get(path);
      if (size === undefined) throw userError('publish.file_missing', path);
      return size;
    },
    history_stats: () => this.#stats(),
    history_message: ({ id }) => {
      const row = this.rows.find((each) => each.id === id);
      if (!row) throw userError('history.message_not_found');
      return {
        row,
        properties: this.properties.get(id) ?? [
          { name: 'content_type', value: 'application/json' },
        ],
        came_through: this.throughs.get(id) ?? [],
      };
    },
    history_clear: () => {
      const cleared = { messages: this.rows.length, bytes: this.rows.length * 180 };
      this.rows = [];
      return cleared;
    },
    payload_view: ({ id, kind, offset }) => {
      const text = this.rows.find((row) => row.id === id)?.preview ?? '';
      const view = { kind, valid: true, problem: '', fault: null, next_offset: null };
      const whole = { ...view, offset: 0, total_bytes: text.length };
      if (kind === 'hex') return { ...whole, ...dumpOf(text, offset) };
      if (kind === 'base64') {
        return { ...whole, text: encodeBase64(new TextEncoder().encode(text)) };
      }
      return { ...whole, text: kind === 'json' ? JSON.stringify(JSON.parse(text), null, 2) : text };
    },
    broker_start: () => {
      this.broker = { state: 'running', mqtt_port: 1883, ws_port: 8083, clients: [] };
      this.tell([{ event: 'broker', state: this.broker }]);
      return null;
    },
    broker_stop: () => {
      this.broker = { state: 'stopped' };
      this.tell([{ event: 'broker', state: this.broker }]);
      return null;
    },
    broker_state: () => this.broker,
    try_local: ({ name }) => {
      const endpoint = { scheme: 'mqtt' as const, host: '127.0.0.1', port: 1883, path: '/mqtt' };
      const local = profileOf('local', { name, endpoint, follows_local_broker: true });
      this.profiles = [...this.profiles, local];
      return local.id;
    },
  };
}
