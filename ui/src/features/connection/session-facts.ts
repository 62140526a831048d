/** What CONNECT asked and CONNACK answered, side by side and in words (MQTT 5.0, 3.1.2.11 and 3.2.2.3). */
import type { ConnackInfo, ConnectInfo } from '$src/bindings/engine';
import { getLocale, m } from '$src/i18n';
import { formats, type Formats } from '$src/lib/format';
import { oneLine } from '$src/lib/visible';

/** Session Expiry Interval that never ends (MQTT 5.0, 3.1.2.11.2). */
export const NEVER = 0xffff_ffff;

/** What holds where Receive Maximum is not said (MQTT 5.0, 3.1.2.11.3). */
const RECEIVE_MAXIMUM = 65_535;

export interface Cell {
  text: string;
  /** It was not said; this is what the specification then takes. */
  implied?: boolean;
}

export interface SessionFact {
  name: string;
  /** One sentence. */
  about?: string;
  /** Null where CONNECT asks nothing of the kind. */
  asked: Cell | null;
  answered: Cell;
  /** The broker decided otherwise, or forbids something. */
  differs?: boolean;
}

/** A Session Expiry Interval in words. */
export function expiryWords(seconds: number, format: Formats = formats(getLocale())): string {
  return seconds === NEVER ? m.connection_never() : format.span(seconds);
}

/** A value, or what holds where none was said. */
function or<T>(value: T | null, implied: T, words: (value: T) => string): Cell {
  return value === null ? { text: words(implied), implied: true } : { text: words(value) };
}

export function sessionFacts(connect: ConnectInfo, connack: ConnackInfo): SessionFact[] {
  const format = formats(getLocale());
  const facts = [...identity(connect, connack, format)];
  if (connect.version !== '5.0') return facts;
  return [...facts, ...limits(connect, connack, format), ...abilities(connack), ...said(connack)];
}

function yesNo(yes: boolean): string {
  return yes ? m.connection_yes() : m.connection_no();
}

function identity(connect: ConnectInfo, connack: ConnackInfo, format: Formats): SessionFact[] {
  const is5 = connect.version === '5.0';
  const seconds = (value: number) => (value === 0 ? m.connection_off() : format.seconds(value));
  const keepAlive = seconds(connack.keep_alive);
  const facts: SessionFact[] = [
    {
      name: 'Session Present',
      about: m.session_about_present(),
      asked: { text: connect.clean_start ? m.session_clean() : m.session_resume() },
      answered: { text: yesNo(connack.session_present) },
    },
    {
      name: is5 ? 'Assigned Client Identifier' : 'Client Identifier',
      asked: { text: oneLine(connect.client_id) || m.session_generated() },
      answered: connack.assigned_client_id
        ? { text: oneLine(connack.assigned_client_id) }
        : { text: m.session_as_asked(), implied: true },
    },
    {
      name: is5 ? 'Server Keep Alive' : 'Keep Alive',
      asked: { text: seconds(connect.keep_alive) },
      answered: connack.keep_alive_is_the_servers
        ? { text: m.session_the_brokers({ value: keepAlive }) }
        : { text: m.session_as_asked(), implied: true },
      differs: connack.keep_alive_is_the_servers && connack.keep_alive !== connect.keep_alive,
    },
  ];
  if (!is5) return facts;
  const expiry = connack.session_expiry;
  return [
    ...facts,
    {
      name: 'Session Expiry Interval',
      about: m.session_about_expiry(),
      asked: or(connect.session_expiry, 0, (value) => expiryWords(value, format)),
      answered:
        expiry === null
          ? { text: m.session_as_asked(), implied: true }
          : { text: m.session_the_brokers({ value: expiryWords(expiry, format) }) },
      differs: expiry !== null && expiry !== (connect.session_expiry ?? 0),
    },
  ];
}

function limits(connect: ConnectInfo, connack: ConnackInfo, format: Formats): SessionFact[] {
  const size = (value: number | null): Cell =>
    value === null ? { text: m.session_no_limit(), implied: true } : { text: format.bytes(value) };
  return [
    {
      name: 'Receive Maximum',
      about: m.session_about_receive(),
      asked: or(connect.receive_maximum, RECEIVE_MAXIMUM, format.count),
      answered: or(connack.receive_maximum, RECEIVE_MAXIMUM, format.count),
    },
    {
      name: 'Maximum Packet Size',
      about: m.session_about_size(),
      asked: size(connect.maximum_packet_size),
      answered: size(connack.maximum_packet_size),
    },
    {
      name: 'Topic Alias Maximum',
      about: m.session_about_alias(),
      asked: or(connect.topic_alias_maximum, 0, format.count),
      answered: or(connack.topic_alias_maximum, 0, format.count),
    },
  ];
}

function abilities(connack: ConnackInfo): SessionFact[] {
  const able = (name: string, value: boolean | null): SessionFact => ({
    name,
    asked: null,
    answered: or(value, true, yesNo),
    differs: value === false,
  });
  return [
    {
      name: 'Maximum QoS',
      asked: null,
      answered: or(connack.maximum_qos, 2, String),
      differs: connack.maximum_qos !== null && connack.maximum_qos < 2,
    },
    able('Retain Available', connack.retain_available),
    able('Wildcard Subscription Available', connack.wildcard_available),
    able('Shared Subscription Available', connack.shared_available),
    able('Subscription Identifiers Available', connack.subscription_identifiers_available),
  ];
}

function said(connack: ConnackInfo): SessionFact[] {
  const text = (name: string, value: string | null, about?: string): SessionFact => ({
    name,
    ...(about && { about }),
    asked: null,
    answered: value ? { text: oneLine(value) } : { text: m.session_none(), implied: true },
  });
  return [
    text('Response Information', connack.response_information, m.session_about_response()),
    text('Reason String', connack.reason_string),
    text('Server Reference', connack.server_reference, m.session_about_reference()),
    ...connack.user_properties.map(({ name, value }) =>
      text(`User Property ${oneLine(name)}`, value),
    ),
  ];
}
