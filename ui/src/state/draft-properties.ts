/**
 * The properties of MQTT 5.0 in the publish box, as they are typed, and as they are sent.
 *
 * Texts stay as a person types them, so that half a number or half a byte can stand there while it is written; what is wrong is
 * told field by field. Null is a property that is not sent: an empty Content Type and empty Correlation Data can be.
 */
import type { Bytes, Property, UserProperty } from '$src/bindings/engine';
import {
  decodeBase64,
  decodeHex,
  encodeBase64,
  encodeHex,
  type BytesProblem,
} from '$src/lib/bytes';
import { checkName, MAX_TOPIC_BYTES, utf8Length, type TopicProblem } from '$src/lib/topic';

export type BytesFormat = 'text' | 'hex' | 'base64';

export interface DraftProperties {
  /** Payload Format Indicator. */
  payloadFormat: 0 | 1 | null;
  /** Message Expiry Interval in seconds; empty is not sent. */
  expiry: string;
  contentType: string | null;
  /** Empty is not sent: a topic has at least one character. */
  responseTopic: string;
  correlation: string | null;
  correlationFormat: BytesFormat;
  /** Empty is not sent. */
  topicAlias: string;
  user: UserProperty[];
}

export type PropertyField =
  'expiry' | 'contentType' | 'responseTopic' | 'correlation' | 'topicAlias' | 'user';

/** What is wrong with a property. */
export type PropertyProblem =
  | { field: PropertyField; code: 'number'; min: number; max: number }
  | { field: PropertyField; code: 'alias_none' }
  | { field: PropertyField; code: 'alias_too_high'; max: number }
  | { field: PropertyField; code: 'topic'; problem: TopicProblem }
  | { field: PropertyField; code: 'bytes'; problem: BytesProblem | 'surrogate'; column: number }
  | { field: PropertyField; code: 'text'; row: number | null; problem: TextProblem };

/** Why a text cannot be a UTF-8 Encoded String (MQTT 5.0, section 1.5.4). */
export type TextProblem = 'too_long' | 'null' | 'surrogate';

export interface ReadProperties {
  properties: Property[];
  problems: PropertyProblem[];
}

/** Four bytes (MQTT 5.0, section 3.3.2.3.3). */
const MOST_SECONDS = 0xffff_ffff;

export function noProperties(): DraftProperties {
  return {
    payloadFormat: null,
    expiry: '',
    contentType: null,
    responseTopic: '',
    correlation: null,
    correlationFormat: 'text',
    topicAlias: '',
    user: [],
  };
}

/** The properties of a message, to be edited. */
export function editable(properties: readonly Property[]): DraftProperties {
  const draft = noProperties();
  for (const property of properties) put(draft, property);
  return draft;
}

function put(draft: DraftProperties, property: Property): void {
  switch (property.name) {
    case 'payload_format_indicator':
      if (property.value === 0 || property.value === 1) draft.payloadFormat = property.value;
      break;
    case 'message_expiry_interval':
      draft.expiry = String(property.value);
      break;
    case 'content_type':
      draft.contentType = property.value;
      break;
    case 'response_topic':
      draft.responseTopic = property.value;
      break;
    case 'correlation_data':
      Object.assign(draft, typedCorrelation(property.value));
      break;
    case 'topic_alias':
      draft.topicAlias = String(property.value);
      break;
    case 'user_property': {
      const [name, value] = property.value;
      draft.user.push({ name, value });
      break;
    }
    case 'subscription_identifier':
      break;
  }
}

/** Bytes as a person edits them without loss: as text where a field of one line can hold it. */
export function typedCorrelation(
  bytes: Bytes,
): Pick<DraftProperties, 'correlation' | 'correlationFormat'> {
  // eslint-disable-next-line no-control-regex -- what a field of one line would change or hide
  if ('text' in bytes && !/[\u0000-\u001f\u007f]/.test(bytes.text)) {
    return { correlation: bytes.text, correlationFormat: 'text' };
  }
  if ('text' in bytes) {
    const encoded = new TextEncoder().encode(bytes.text);
    return { correlation: encodeHex(encoded), correlationFormat: 'hex' };
  }
  const decoded = decodeBase64(bytes.base64);
  if (!decoded.ok) return { correlation: bytes.base64, correlationFormat: 'base64' };
  return { correlation: encodeHex(decoded.bytes), correlationFormat: 'hex' };
}

/** Correlation Data in another notation: the same bytes, where they are bytes and a text can say them. */
export function inFormat(draft: DraftProperties, format: BytesFormat): string | null {
  const { correlation } = draft;
  const read = readBytes(draft);
  if (correlation === null || correlation === '' || !read || 'problem' in read) return correlation;
  if (format === 'hex') return encodeHex(read.bytes);
  if (format === 'base64') return encodeBase64(read.bytes);
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(read.bytes);
    // eslint-disable-next-line no-control-regex -- what a field of one line would change or hide
    return /[\u0000-\u001f\u007f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

/** How many properties would be sent. */
export function countOf(draft: DraftProperties): number {
  const { payloadFormat, expiry, contentType, responseTopic, correlation, topicAlias } = draft;
  const single = [payloadFormat !== null, expiry !== '', contentType !== null];
  const texts = [responseTopic !== '', correlation !== null, topicAlias !== ''];
  return [...single, ...texts].filter(Boolean).length + draft.user.length;
}

/**
 * The properties in the order of the specification, and what is wrong with them. `aliases` is the broker's Topic Alias Maximum;
 * null where it is not known.
 */
export function readProperties(draft: DraftProperties, aliases: number | null): ReadProperties {
  const properties: Property[] = [];
  const problems: PropertyProblem[] = [];
  if (draft.payloadFormat !== null) {
    properties.push({ name: 'payload_format_indicator', value: draft.payloadFormat });
  }
  readNumber(draft.expiry, 0, MOST_SECONDS, 'expiry', problems, (value) =>
    properties.push({ name: 'message_expiry_interval', value }),
  );
  if (draft.topicAlias !== '') readAlias(draft.topicAlias, aliases, properties, problems);
  if (draft.responseTopic !== '') {
    const problem = checkName(draft.responseTopic);
    if (problem) problems.push({ field: 'responseTopic', code: 'topic', problem });
    else properties.push({ name: 'response_topic', value: draft.responseTopic });
  }
  readCorrelation(draft, properties, problems);
  draft.user.forEach(({ name, value }, row) => {
    const problem = textProblem(name) ?? textProblem(value);
    if (problem) problems.push({ field: 'user', code: 'text', row, problem });
    else properties.push({ name: 'user_property', value: [name, value] });
  });
  if (draft.contentType !== null) {
    const problem = textProblem(draft.contentType);
    if (problem) problems.push({ field: 'contentType', code: 'text', row: null, problem });
    else properties.push({ name: 'content_type', value: draft.contentType });
  }
  return { properties, problems };
}

function readNumber(
  text: string,
  min: number,
  max: number,
  field: PropertyField,
  problems: PropertyProblem[],
  take: (value: number) => void,
): void {
  const plain = text.trim();
  if (plain === '') return;
  const value = /^\d{1,10}$/.test(plain) ? Number(plain) : -1;
  if (value < min || value > max) problems.push({ field, code: 'number', min, max });
  else take(value);
}

function readAlias(
  text: string,
  aliases: number | null,
  properties: Property[],
  problems: PropertyProblem[],
): void {
  readNumber(text, 1, 65_535, 'topicAlias', problems, (value) => {
    if (aliases === 0) problems.push({ field: 'topicAlias', code: 'alias_none' });
    else if (aliases !== null && value > aliases) {
      problems.push({ field: 'topicAlias', code: 'alias_too_high', max: aliases });
    } else properties.push({ name: 'topic_alias', value });
  });
}

function readCorrelation(
  draft: DraftProperties,
  properties: Property[],
  problems: PropertyProblem[],
): void {
  const read = readBytes(draft);
  if (!read) return;
  if ('problem' in read) {
    problems.push({ field: 'correlation', code: 'bytes', ...read });
  } else if (read.bytes.length > MAX_TOPIC_BYTES) {
    problems.push({ field: 'correlation', code: 'text', row: null, problem: 'too_long' });
  } else {
    const value: Bytes =
      draft.correlationFormat === 'text'
        ? { text: draft.correlation ?? '' }
        : { base64: encodeBase64(read.bytes) };
    properties.push({ name: 'correlation_data', value });
  }
}

type ReadBytes = { bytes: Uint8Array } | { problem: BytesProblem | 'surrogate'; column: number };

/** What was typed as Correlation Data, as bytes; null where none is sent. */
function readBytes({ correlation, correlationFormat }: DraftProperties): ReadBytes | null {
  if (correlation === null) return null;
  if (correlationFormat === 'text') {
    const half = correlation.search(/\p{Surrogate}/u);
    if (half >= 0) return { problem: 'surrogate', column: half + 1 };
    return { bytes: new TextEncoder().encode(correlation) };
  }
  const decoded = correlationFormat === 'hex' ? decodeHex(correlation) : decodeBase64(correlation);
  if (decoded.ok) return { bytes: decoded.bytes };
  return { problem: decoded.error.problem, column: decoded.error.offset + 1 };
}

/** Why a text cannot be sent, or null. */
export function textProblem(text: string): TextProblem | null {
  if (text.includes('\0')) return 'null';
  if (/\p{Surrogate}/u.test(text)) return 'surrogate';
  return text.length > MAX_TOPIC_BYTES || utf8Length(text) > MAX_TOPIC_BYTES ? 'too_long' : null;
}
