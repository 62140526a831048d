/**
 * A message of a history, put into the publish box to be changed and sent.
 *
 * Its payload becomes what a person can edit without loss: JSON and text where they are, else hex, and Base64 where hex would be
 * long. A text field knows no carriage return, so a text with one is shown as hex; in JSON it is only white space, and
 * is left as it is until the person types.
 */
import { call, payload } from '$src/backend';
import type { MessageDetail, MessageRef, Property, Row } from '$src/bindings/engine';
import { encodeBase64, encodeHex } from '$src/lib/bytes';
import { checkJson } from '$src/lib/json-check';

import { editable } from './draft-properties';
import { newDraft, type Draft } from './drafts';

/** The largest payload that is edited, in bytes. Larger ones are published as they are. */
export const MOST_EDITED = 1_000_000;

/** Beyond this many bytes hex is too long to find one's way in. */
const MOST_HEX = 64_000;

/** What belongs to one delivery and is not a publisher's to say. */
const OF_ONE_DELIVERY: readonly string[] = ['subscription_identifier', 'topic_alias'];

/** A payload as something that can be typed. */
export function typedOf(bytes: Uint8Array): Pick<Draft, 'text' | 'format'> {
  const text = textOf(bytes);
  if (text !== null) {
    if (text.trim() !== '' && checkJson(text) === null) return { text, format: 'json' };
    // eslint-disable-next-line no-control-regex -- what a text field would change or hide
    if (!/[\r\u0000]/.test(text)) return { text, format: 'text' };
  }
  return bytes.length <= MOST_HEX
    ? { text: encodeHex(bytes), format: 'hex' }
    : { text: encodeBase64(bytes), format: 'base64' };
}

/** The properties that can be published with a message. */
export function publishable(properties: readonly Property[]): Property[] {
  return properties.filter(({ name }) => !OF_ONE_DELIVERY.includes(name));
}

/** Whether a message is too large to be edited. */
export function isTooLarge(row: Pick<Row, 'size'>): boolean {
  return row.size > MOST_EDITED;
}

/** The answer to a message: to its Response Topic, with its Correlation Data (MQTT 5.0, section 4.10.1). Null where it wants none. */
export function answerTo({ row, properties }: MessageDetail): Draft | null {
  const topic = properties.find(({ name }) => name === 'response_topic')?.value;
  if (typeof topic !== 'string' || topic === '') return null;
  const correlation = properties.filter(({ name }) => name === 'correlation_data');
  return newDraft({ topic, qos: row.qos, properties: editable(correlation) });
}

/** A message as a draft. */
export async function draftFrom({ profile, id }: MessageRef): Promise<Draft> {
  const [detail, bytes] = await Promise.all([
    call('history_message', { profile, id }),
    payload(profile, id),
  ]);
  const { topic, qos, retain } = detail.row;
  const properties = editable(publishable(detail.properties));
  return newDraft({ topic, qos, retain, properties, ...typedOf(new Uint8Array(bytes)) });
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
