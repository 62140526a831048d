/** Requests and the rules that answer, in memory. Nothing answers by itself; a test tells what came. */
import type {
  Event,
  MessageRef,
  Profile,
  ProfileId,
  Publish,
  ReplyRule,
  ReplyState,
  RequestId,
  RequestRecord,
  RequestToSend,
  Row,
} from '$src/bindings/engine';

import { userError } from './errors';

/** What of the engine in memory requests need. */
interface Around {
  profiles: Profile[];
  rows: Row[];
  tell(events: Event[]): void;
}

export class MemoryRequests {
  readonly #engine: Around;
  #records = new Map<RequestId, { profile: ProfileId; request: RequestRecord }>();
  states = new Map<ProfileId, ReplyState[]>();
  /** What was asked for, in order. */
  sent: RequestToSend[] = [];
  /** Why no preview can be given. */
  noPreview: string | null = null;

  constructor(engine: Around) {
    this.#engine = engine;
  }

  readonly handlers = {
    request_send: ({ profile, request }: { profile: ProfileId; request: RequestToSend }) => {
      const id = this.#records.size + 1;
      this.sent.push(request);
      this.change(profile, {
        id,
        topic: request.publish.topic,
        response_topic: request.response_topic,
        correlation: request.correlation ?? { text: `correlation-${id}` },
        message: id,
        time_us: id * 1_000_000,
        timeout_ms: request.timeout_ms,
        state: { state: 'waiting' },
        answers: [],
      });
      return id;
    },
    requests_list: ({ profile }: { profile: ProfileId }) =>
      [...this.#records.values()]
        .filter((each) => each.profile === profile)
        .map((each) => each.request)
        .reverse(),
    request_cancel: ({ request }: { request: RequestId }) => {
      const found = this.#records.get(request);
      if (found) this.change(found.profile, { ...found.request, state: { state: 'cancelled' } });
      return null;
    },
    replies_save: ({ profile, rules }: { profile: ProfileId; rules: ReplyRule[] }) => {
      this.#engine.profiles = this.#engine.profiles.map((each) =>
        each.id === profile ? { ...each, replies: rules } : each,
      );
      this.#engine.tell([{ event: 'profiles' }]);
      return null;
    },
    replies_state: ({ profile }: { profile: ProfileId }) => this.states.get(profile) ?? [],
    reply_preview: ({ rule, message }: { rule: ReplyRule; message: MessageRef }) =>
      this.#preview(rule, message),
  };

  /** A request is like this now. */
  change(profile: ProfileId, request: RequestRecord): void {
    this.#records.set(request.id, { profile, request });
    this.#engine.tell([{ event: 'request', profile, request }]);
  }

  /** Rules have done this. */
  tellStates(profile: ProfileId, states: ReplyState[]): void {
    this.states.set(profile, states);
    this.#engine.tell([{ event: 'replies', profile, states }]);
  }

  /** Only topic and payload as a whole are filled in; the rest of the templates is the engine's. */
  #preview(rule: ReplyRule, { id }: MessageRef): Publish {
    if (this.noPreview !== null) throw userError('internal', this.noPreview);
    const row = this.#engine.rows.find((each) => each.id === id);
    if (!row) throw userError('history.message_not_found');
    const fill = (text: string) =>
      text.replaceAll('{{payload}}', row.preview).replaceAll('{{topic}}', row.topic);
    return {
      topic: fill(rule.topic) || 'reply/bench',
      payload: { text: fill(rule.payload) },
      qos: rule.reply_qos,
      retain: rule.retain,
      properties: [{ name: 'correlation_data', value: { text: 'c-1' } }],
    };
  }
}
