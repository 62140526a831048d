/** The Will Message while it is edited: switched off, or with its payload from a file, what was typed stays. */
import type { TypedBytes, UserProperty, Will, WillPayload } from '$src/bindings/engine';

export class WillDraft {
  on = $state(false);
  topic = $state('');
  qos = $state<Will['qos']>(0);
  retain = $state(false);
  from = $state<WillPayload['from']>('typed');
  typed = $state<TypedBytes>({ format: 'text', text: '' });
  path = $state('');

  payloadIsUtf8 = $state<boolean | null>(null);
  contentType = $state('');
  responseTopic = $state('');
  correlation = $state<TypedBytes>({ format: 'text', text: '' });
  userProperties = $state<UserProperty[]>([]);

  load(will: Will | null): void {
    this.on = will !== null;
    if (!will) return;
    const { payload, properties } = will;
    this.topic = will.topic;
    this.qos = will.qos;
    this.retain = will.retain;
    this.from = payload.from;
    if (payload.from === 'typed') this.typed = { ...payload.typed };
    else this.path = payload.path;
    this.payloadIsUtf8 = properties.payload_is_utf8;
    this.contentType = properties.content_type ?? '';
    this.responseTopic = properties.response_topic ?? '';
    if (properties.correlation_data) this.correlation = { ...properties.correlation_data };
    else this.correlation.text = '';
    this.userProperties = structuredClone(properties.user_properties);
  }

  /** The Will Message without its numbers, which the number fields put in. An empty text is not sent. */
  toWill(): Will | null {
    if (!this.on) return null;
    const { topic, qos, retain } = this;
    const payload: WillPayload =
      this.from === 'typed'
        ? { from: 'typed', typed: $state.snapshot(this.typed) }
        : { from: 'file', path: this.path };
    const properties: Will['properties'] = {
      delay_interval: null,
      payload_is_utf8: this.payloadIsUtf8,
      message_expiry: null,
      content_type: this.contentType || null,
      response_topic: this.responseTopic || null,
      correlation_data: this.correlation.text === '' ? null : $state.snapshot(this.correlation),
      user_properties: $state.snapshot(this.userProperties),
    };
    return { topic, payload, qos, retain, properties };
  }
}
