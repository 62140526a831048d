/** Requests and the rules that answer, in memory. Nothing answers by itself; a test tells what came. */
import type {
  Event,
  ProfileId,
  ReplyState,
  RequestId,
  RequestRecord,
  RequestToSend,
} from '$src/bindings/engine';

export class MemoryRequests {
  readonly #tell: (events: Event[]) => void;
  #records = new Map<RequestId, { profile: ProfileId; request: RequestRecord }>();
  states = new Map<ProfileId, ReplyState[]>();

  constructor(tell: (events: Event[]) => void) {
    this.#tell = tell;
  }

  readonly handlers = {
    request_send: ({ profile, request }: { profile: ProfileId; request: RequestToSend }) => {
      const id = this.#records.size + 1;
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
    replies_state: ({ profile }: { profile: ProfileId }) => this.states.get(profile) ?? [],
  };

  /** A request is like this now. */
  change(profile: ProfileId, request: RequestRecord): void {
    this.#records.set(request.id, { profile, request });
    this.#tell([{ event: 'request', profile, request }]);
  }
}
