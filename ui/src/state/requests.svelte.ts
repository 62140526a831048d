/**
 * The requests of a profile's session, as the engine tells them: each record is replaced whole by events.
 *
 * What was asked for is kept beside them as long as the window lives, so that a request can be sent again as it was.
 */
import { call, toUserError } from '$src/backend';
import type {
  ConnackInfo,
  MessageId,
  Profile,
  ProfileId,
  RequestId,
  RequestRecord,
  RequestToSend,
  UserError,
} from '$src/bindings/engine';

/** A request and one of its answers, seen from a message. */
export interface Pairing {
  request: RequestRecord;
  /** Whether the message is the request itself, or an answer to it. */
  is: 'request' | 'answer';
}

export class Requests {
  readonly profile: ProfileId;
  /** The newest first. */
  list = $state.raw<RequestRecord[]>([]);
  /** A command has not been answered yet. */
  busy = $state(false);
  /** Why the last request was not taken. */
  error = $state.raw<UserError | null>(null);

  #sent = new Map<RequestId, RequestToSend>();
  #loaded = false;
  /** How many events came. */
  #told = 0;

  readonly #paired = $derived.by(() => {
    const paired = new Map<MessageId, Pairing>();
    for (const request of this.list) {
      for (const { message } of request.answers) {
        if (message !== null) paired.set(message, { request, is: 'answer' });
      }
      if (request.message !== null) paired.set(request.message, { request, is: 'request' });
    }
    return paired;
  });

  constructor(profile: ProfileId) {
    this.profile = profile;
  }

  /** How many wait for an answer. */
  get waiting(): number {
    return this.list.filter(isOpen).length;
  }

  /** Asks for the list: at first, and after a gap in the events. */
  async load(): Promise<void> {
    this.#loaded = true;
    try {
      const told = this.#told;
      const list = await call('requests_list', { profile: this.profile });
      // What events told meanwhile is newer than the list.
      if (told === this.#told) this.list = list;
      else await this.load();
    } catch (error) {
      this.error = toUserError(error);
    }
  }

  /** Asks for the list once. */
  async need(): Promise<void> {
    if (!this.#loaded) await this.load();
  }

  /** Takes in an event of the engine. */
  changed(request: RequestRecord): void {
    this.#told += 1;
    const at = this.list.findIndex(({ id }) => id === request.id);
    this.list = at < 0 ? [request, ...this.list] : this.list.with(at, request);
  }

  async send(request: RequestToSend): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.error = null;
    try {
      const id = await call('request_send', { profile: this.profile, request });
      this.#sent.set(id, request);
    } catch (error) {
      this.error = toUserError(error);
    } finally {
      this.busy = false;
    }
  }

  /** Whether a request can be sent again as it was. */
  canRepeat({ id }: RequestRecord): boolean {
    return this.#sent.has(id);
  }

  /** Sends a request again, with Correlation Data of its own where it was made up. */
  async repeat({ id }: RequestRecord): Promise<void> {
    const request = this.#sent.get(id);
    if (request) await this.send(request);
  }

  async cancel({ id }: RequestRecord): Promise<void> {
    try {
      await call('request_cancel', { request: id });
    } catch (error) {
      this.error = toUserError(error);
    }
  }

  /** The request that a message is, or that it answers. */
  pairingOf(message: MessageId): Pairing | undefined {
    return this.#paired.get(message);
  }
}

/** What stands for a Client Identifier's placeholders, whose values only the connection knows. */
const WINDOW = Math.random().toString(36).slice(2, 10);

/** Whether a request still waits. */
export function isOpen({ state }: RequestRecord): boolean {
  return state.state === 'subscribing' || state.state === 'waiting';
}

/**
 * Where answers come if a person says nothing else: below what the broker suggests (Response Information, MQTT 5.0,
 * section 3.2.2.3.15), else below a name of ours, and in any case one that no other client has.
 */
export function usualResponseTopic(
  profile: Profile | undefined,
  connack: ConnackInfo | null,
): string {
  const client = connack?.assigned_client_id ?? profile?.client_id ?? '';
  const own =
    client
      .replaceAll(/\{\{(random|hostname|time)\}\}/g, WINDOW)
      .replaceAll(/[+#/\0]|\p{Surrogate}/gu, '-') || 'client';
  const base = connack?.response_information?.replace(/\/+$/, '') ?? '';
  return base !== '' && !/[+#\0]/.test(base) ? `${base}/${own}` : `mqttscope/reply/${own}`;
}
