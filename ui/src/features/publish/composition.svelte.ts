/** A message while it is written: what is wrong with it, and why it cannot be sent. */
import type { ProfileId, Property, Publish } from '$src/bindings/engine';
import { m } from '$src/i18n';
import { encodePayload } from '$src/lib/payload';
import { checkName } from '$src/lib/topic';
import { app } from '$src/state/app.svelte';
import { draftOf } from '$src/state/drafts';
import { publishingOf } from '$src/state/publishings';

import { payloadText, topicText } from './problems';

/** The largest MQTT packet less what its header and topic may take [MQTT 5.0, 2.1.4]. */
const MOST_BYTES = 268_435_455 - 65_600;

export class Composition {
  readonly profile: ProfileId;
  /** Not part of the draft: a page may hold a file only while it is open. */
  file = $state.raw<File | null>(null);

  readonly draft = $derived.by(() => {
    const isLocal = app.profiles.byId(this.profile)?.follows_local_broker ?? false;
    return draftOf(this.profile, isLocal);
  });
  readonly publishing = $derived.by(() => publishingOf(this.profile));

  /** Whether the profile's version of MQTT has properties. */
  readonly takesProperties = $derived.by(
    () => (app.profiles.byId(this.profile)?.version ?? '5.0') === '5.0',
  );

  readonly #connack = $derived.by(() => {
    const session = app.sessions.state(this.profile);
    return session.state === 'connected' ? session.connack : null;
  });
  readonly #topicProblem = $derived.by(() => checkName(this.draft.topic));
  readonly encoded = $derived.by(() =>
    this.draft.format === 'file' ? null : encodePayload(this.draft.format, this.draft.text),
  );

  /** Whether the topic was typed and is wrong. */
  readonly badTopic = $derived.by(() => this.#topicProblem !== null && this.draft.topic !== '');
  readonly badPayload = $derived.by(() => this.encoded !== null && !this.encoded.ok);

  /** The payload's bytes; null where there is no payload yet. */
  readonly size = $derived.by(() => {
    if (this.encoded) return this.encoded.ok ? this.encoded.size : null;
    return this.file?.size ?? null;
  });

  /** What is wrong with what was typed or chosen. */
  readonly mistake = $derived.by(() => {
    if (this.badTopic && this.#topicProblem) return topicText(this.#topicProblem);
    if (this.encoded && !this.encoded.ok) return payloadText(this.encoded.problem);
    if ((this.size ?? 0) > MOST_BYTES) return m.publish_too_large();
    const { qos, retain } = this.draft;
    const maximum = this.#connack?.maximum_qos ?? 2;
    if (qos > maximum) return m.publish_qos_too_high({ qos: maximum });
    if (retain && this.#connack?.retain_available === false) return m.publish_retain_unavailable();
    return null;
  });

  /** Why it cannot be sent. */
  readonly hindrance = $derived.by(() => {
    if (!this.#connack) return m.publish_not_connected();
    if (this.mistake !== null) return this.mistake;
    if (this.#topicProblem) return m.publish_no_topic();
    if (this.draft.format === 'file' && !this.file) return m.publish_no_file();
    return null;
  });

  constructor(profile: ProfileId) {
    this.profile = profile;
  }

  send(): void {
    const { publishing, encoded, file } = this;
    if (this.hindrance !== null || publishing.busy) return;
    const message = this.#message();
    if (encoded?.ok) void publishing.send({ ...message, payload: encoded.payload });
    else if (file) void publishing.sendFile(message, file);
  }

  #message(): Omit<Publish, 'payload'> {
    const { topic, qos, retain } = this.draft;
    const properties: Property[] = this.takesProperties ? (this.draft.properties ?? []) : [];
    return properties.length > 0 ? { topic, qos, retain, properties } : { topic, qos, retain };
  }
}
