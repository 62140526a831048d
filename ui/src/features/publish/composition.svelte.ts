/** A message or a request while it is written: what is wrong with it, and why it cannot be sent. */
import type { ProfileId, Property, Publish, RequestToSend } from '$src/bindings/engine';
import { propertyFact } from '$src/features/inspector/facts';
import { getLocale, m } from '$src/i18n';
import { errorLine } from '$src/i18n/error-line';
import { decodeBase64, isUtf8 } from '$src/lib/bytes';
import { formats } from '$src/lib/format';
import { packetSize } from '$src/lib/packet-size';
import { encodePayload } from '$src/lib/payload';
import { checkName } from '$src/lib/topic';
import { app } from '$src/state/app.svelte';
import { countOf, readProperties, type PropertyField } from '$src/state/draft-properties';
import { draftOf } from '$src/state/drafts';
import { FileFacts } from '$src/state/publishing-file.svelte';
import { publishingOf } from '$src/state/publishings';
import { requestsOf } from '$src/state/requests-of';
import { usualResponseTopic } from '$src/state/requests.svelte';

import { payloadText, propertyText, topicText } from './problems';

/** What something can be wrong with. */
export type Part = 'topic' | 'payload' | 'qos' | 'retain' | 'size' | 'timeout' | PropertyField;

/** Bytes of Correlation Data that the engine makes up. */
const MADE_UP = 16;

const MOST_SECONDS = 86_400;

export class Composition {
  readonly profile: ProfileId;
  readonly file = new FileFacts();

  readonly #profile = $derived.by(() => app.profiles.byId(this.profile));
  readonly draft = $derived.by(() =>
    draftOf(this.profile, this.#profile?.follows_local_broker ?? false),
  );
  readonly publishing = $derived.by(() => publishingOf(this.profile));
  readonly requests = $derived.by(() => requestsOf(this.profile));
  readonly isRequest = $derived.by(() => this.draft.mode === 'request');

  /** Whether the profile's version of MQTT has properties. */
  readonly takesProperties = $derived.by(() => (this.#profile?.version ?? '5.0') === '5.0');
  /** The profile lets the session give Topic Aliases by itself. */
  readonly aliasesByItself = $derived.by(() => this.#profile?.automatic_topic_alias ?? false);

  readonly #session = $derived.by(() => {
    const session = app.sessions.state(this.profile);
    return session.state === 'connected' ? session : null;
  });
  readonly connack = $derived.by(() => this.#session?.connack ?? null);
  /** The broker's Topic Alias Maximum; null while it is not known. Left out of CONNACK it is 0. */
  readonly aliases = $derived.by(() =>
    this.connack ? (this.connack.topic_alias_maximum ?? 0) : null,
  );

  readonly #read = $derived.by(() => readProperties(this.draft.properties, this.aliases));
  /** How many properties go out besides those that a request has a field for. */
  readonly count = $derived.by(() => {
    const { responseTopic, correlation } = this.draft.properties;
    const of = countOf(this.draft.properties);
    const fields = Number(responseTopic !== '') + Number(correlation !== null);
    return this.isRequest ? of - fields : of;
  });

  /** The properties in words. */
  readonly summary = $derived.by(() => {
    const format = formats(getLocale());
    const properties = this.isRequest ? this.#properties() : this.#read.properties;
    return properties
      .map((property) => propertyFact(property, format))
      .map(({ name, value }) => `${name}: ${value}`);
  });

  readonly encoded = $derived.by(() =>
    this.draft.format === 'file' ? null : encodePayload(this.draft.format, this.draft.text),
  );
  /** Whether the payload is UTF-8; null where that is not known. */
  readonly isUtf8 = $derived.by(() => {
    if (!this.encoded?.ok) return null;
    const { payload } = this.encoded;
    if ('text' in payload) return true;
    const decoded = decodeBase64(payload.base64);
    return decoded.ok && isUtf8(decoded.bytes);
  });
  /** The payload's bytes; null where there is no payload yet. */
  readonly size = $derived.by(() => {
    if (this.encoded) return this.encoded.ok ? this.encoded.size : null;
    return this.file.size;
  });
  /** The packet's bytes; null where there is no payload yet, or it is longer than any packet can be. */
  readonly packet = $derived.by(() => {
    const { topic, qos } = this.draft;
    if (this.size === null) return null;
    const properties = this.takesProperties ? this.#sized() : null;
    return packetSize({ topic, qos, payload: this.size, properties });
  });

  /** Where the answer of a request comes if nothing else is said. */
  readonly usualResponseTopic = $derived.by(() => usualResponseTopic(this.#profile, this.connack));

  /** The topic that an alias without one stands for; undefined where this window did not set it. */
  readonly aliasStandsFor = $derived.by(() => {
    const alias = Number(this.draft.properties.topicAlias);
    return this.publishing.aliasOf(alias, this.#session?.since_ms ?? 0);
  });

  readonly #topicProblem = $derived.by(() => {
    const problem = checkName(this.draft.topic);
    const byAlias = this.takesProperties && this.draft.properties.topicAlias.trim() !== '';
    return problem === 'empty' && byAlias && !this.isRequest ? null : problem;
  });

  /** What is wrong, by part. */
  readonly problems = $derived.by(() => {
    const found: Partial<Record<Part, string>> = {};
    const { draft, encoded } = this;
    const format = formats(getLocale());
    if (this.#topicProblem && draft.topic !== '') found.topic = topicText(this.#topicProblem);
    if (encoded && !encoded.ok) found.payload = payloadText(encoded.problem);
    if (draft.format === 'file') {
      if (this.isRequest) found.payload = m.request_no_file();
      else if (this.file.error) found.payload = errorLine(this.file.error);
    }
    const maximum = this.connack?.maximum_qos ?? 2;
    if (draft.qos > maximum) found.qos = m.publish_qos_too_high({ qos: maximum });
    if (draft.retain && this.connack?.retain_available === false) {
      found.retain = m.publish_retain_unavailable();
    }
    for (const problem of this.#read.problems) {
      const { field } = problem;
      const asked = this.isRequest && field === 'responseTopic';
      if (this.takesProperties || asked) found[field] ??= propertyText(problem, format);
    }
    if (this.isRequest && this.#timeout === null) {
      found.timeout = m.request_timeout_range({ max: format.count(MOST_SECONDS) });
    }
    const size = this.#sizeProblem();
    if (size !== null) found.size = size;
    return found;
  });

  readonly badTopic = $derived.by(() => this.problems.topic !== undefined);
  readonly badPayload = $derived.by(() => this.problems.payload !== undefined);
  /** The rows of User Properties with something wrong in them. */
  readonly badRows = $derived.by(() =>
    this.#read.problems.flatMap((each) => ('row' in each && each.row !== null ? [each.row] : [])),
  );

  /** What is wrong with what was typed or chosen. */
  readonly mistake = $derived.by(() => Object.values(this.problems)[0] ?? null);

  /** Why it cannot be sent. */
  readonly hindrance = $derived.by(() => {
    if (!this.connack) return m.publish_not_connected();
    if (this.mistake !== null) return this.mistake;
    if (this.#topicProblem) return m.publish_no_topic();
    if (this.draft.format === 'file' && this.size === null) return m.publish_no_file();
    return null;
  });

  readonly busy = $derived.by(() => (this.isRequest ? this.requests.busy : this.publishing.busy));

  constructor(profile: ProfileId) {
    this.profile = profile;
  }

  /** Looks at the file that is to be sent. */
  look(): void {
    if (this.draft.format === 'file') void this.file.look(this.draft.path);
  }

  send(): void {
    if (this.hindrance !== null || this.busy) return;
    if (this.isRequest) this.#request();
    else void this.#publish();
  }

  async #publish(): Promise<void> {
    const { publishing, encoded } = this;
    const message = this.#message();
    const since = this.#session?.since_ms ?? 0;
    if (encoded?.ok) await publishing.send({ ...message, payload: encoded.payload });
    else if (!encoded) await publishing.sendFile(message, this.draft.path);
    const alias = message.properties?.find(({ name }) => name === 'topic_alias')?.value;
    if (typeof alias === 'number' && publishing.error === null) {
      publishing.aliasSet(alias, message.topic, since);
    }
  }

  #request(): void {
    const { encoded } = this;
    if (!encoded?.ok || this.#timeout === null) return;
    const request: RequestToSend = {
      publish: { ...this.#message(), payload: encoded.payload },
      response_topic: this.draft.properties.responseTopic || this.usualResponseTopic,
      correlation: this.#correlation()?.value ?? null,
      timeout_ms: this.#timeout,
    };
    void this.requests.send(request);
  }

  #message(): Omit<Publish, 'payload'> {
    const { topic, qos, retain } = this.draft;
    const properties = this.takesProperties ? this.#properties() : [];
    return properties.length > 0 ? { topic, qos, retain, properties } : { topic, qos, retain };
  }

  /** The properties of the message; those that a request has fields for are not among a request's. */
  #properties(): Property[] {
    const { properties } = this.#read;
    if (!this.isRequest) return properties;
    return properties.filter(
      ({ name }) => name !== 'response_topic' && name !== 'correlation_data',
    );
  }

  /** The properties as they will be on the wire. */
  #sized(): Property[] {
    if (!this.isRequest) return this.#read.properties;
    const value = this.draft.properties.responseTopic || this.usualResponseTopic;
    return [
      ...this.#properties(),
      { name: 'response_topic', value },
      this.#correlation() ?? { name: 'correlation_data', value: { text: '0'.repeat(MADE_UP) } },
    ];
  }

  #correlation() {
    if (!this.takesProperties) return undefined;
    return this.#read.properties.find((each) => each.name === 'correlation_data');
  }

  /** How long a request waits, in milliseconds; null where what was typed is no such time. */
  get #timeout(): number | null {
    const plain = this.draft.timeout.trim().replace(',', '.');
    if (!/^\d{1,5}(\.\d{1,3})?$/.test(plain)) return null;
    const milliseconds = Math.round(Number(plain) * 1_000);
    return milliseconds > 0 && milliseconds <= MOST_SECONDS * 1_000 ? milliseconds : null;
  }

  #sizeProblem(): string | null {
    if (this.size === null) return null;
    if (this.packet === null) return m.publish_too_large();
    const maximum = this.connack?.maximum_packet_size ?? null;
    if (maximum === null || this.packet <= maximum) return null;
    const format = formats(getLocale());
    const of = { size: format.count(this.packet), max: format.count(maximum) };
    return m.publish_packet_too_large(of);
  }
}
