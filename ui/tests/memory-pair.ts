/** Histories of their own for some profiles of an engine in memory, which otherwise has one for all; and copies between them. */
import type { Commands, MessageRef, ProfileId, Row, ViewId } from '$src/bindings/engine';

import { userError } from './errors';
import { MemoryEngine } from './memory';

/** Views are told apart by whose they are. */
const VIEWS = 1_000;

type Name = keyof Commands;

/** What is about one history. */
const OF_ONE: readonly Name[] = [
  ...(['history_stats', 'history_page', 'history_message', 'view_open', 'payload_view'] as const),
];
const OF_A_VIEW: readonly Name[] = ['view_state', 'view_halt', 'view_close'];

export class MemoryPair {
  readonly #engine: MemoryEngine;
  readonly #own = new Map<ProfileId, MemoryEngine>();
  #revision = 100;

  /** Takes the place of the engine's one history. */
  constructor(engine: MemoryEngine, rows: Record<ProfileId, Row[]>) {
    this.#engine = engine;
    for (const [profile, list] of Object.entries(rows)) {
      const own = new MemoryEngine();
      own.rows = list;
      this.#own.set(profile, own);
    }
    const call = engine.call.bind(engine);
    engine.call = async <K extends Name>(name: K, args: Commands[K]['args']) => {
      const answer = this.#answer(name, args);
      if (!answer) return call(name, args);
      engine.calls.push({ name, args: structuredClone(args) });
      return (await answer) as Commands[K]['result'];
    };
  }

  rows(profile: ProfileId): Row[] {
    return this.#own.get(profile)?.rows ?? [];
  }

  /** Puts a message into a history and tells it. */
  async add(profile: ProfileId, part: Partial<Row>): Promise<Row> {
    const rows = this.rows(profile);
    const last = rows.at(-1);
    const id = (last?.id ?? 0) + 1;
    const row: Row = {
      ...{ index: rows.length, id, time_us: (last?.time_us ?? 0) + 1_000, direction: 'received' },
      ...{ topic: 't', qos: 0, retain: false, dup: false, size: 2, preview: '{}' },
      ...{ outcome: null, bookmark: null },
      ...part,
    };
    rows.push(row);
    await this.tell(profile);
    return row;
  }

  async tell(profile: ProfileId): Promise<void> {
    const stats = await this.#engine.call('history_stats', { profile });
    const revision = (this.#revision += 1);
    this.#engine.tell([{ event: 'history', profile, stats, revision, fault: null }]);
  }

  #answer(name: Name, args: unknown): Promise<unknown> | null {
    const asked = args as { profile?: ProfileId; view?: ViewId | null };
    if (name === 'message_publish_again') {
      return this.#copy(args as Commands['message_publish_again']['args']);
    }
    const owners = [...this.#own.keys()];
    const isOfView = OF_A_VIEW.includes(name);
    const at = isOfView
      ? Math.floor((asked.view ?? 0) / VIEWS)
      : owners.indexOf(asked.profile ?? '');
    const own = this.#own.get(owners[at] ?? '');
    if (!own || !(isOfView || OF_ONE.includes(name))) return null;
    const view = typeof asked.view === 'number' ? asked.view % VIEWS : asked.view;
    return own.call(name, { ...asked, view } as never).then((result: unknown) => {
      if (name !== 'view_open') return result;
      const opened = result as Commands['view_open']['result'];
      return { ...opened, view: opened.view + at * VIEWS };
    });
  }

  async #copy({ message, to }: { message: MessageRef; to: ProfileId }): Promise<number> {
    const row = this.rows(message.profile).find(({ id }) => id === message.id);
    if (!row) throw userError('history.message_not_found');
    if (this.#engine.sessions.get(to)?.state.state !== 'connected') {
      throw userError('session.not_connected');
    }
    const { topic, qos, retain, size, preview } = row;
    const outcome = { state: 'acknowledged', reason: 0 } as const;
    const sent = { topic, qos, retain, size, preview, outcome, direction: 'sent' as const };
    return (await this.add(to, sent)).id;
  }
}
