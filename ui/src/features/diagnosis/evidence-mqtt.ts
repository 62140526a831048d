/** What was seen of MQTT: what was sent, the broker's words, what it offers, subscriptions and keep-alive cycles. */
import type {
  BrokerAnswer,
  ConnackInfo,
  MqttFacts,
  ProtocolVersion,
  StayingFacts,
  SubscribeFacts,
} from '$src/bindings/engine';
import { reasonText } from '$src/features/messages/words';
import { getLocale, m } from '$src/i18n';
import { formats } from '$src/lib/format';

import { fact, ours, present, seen, yesNo, type Block, type Cell } from './blocks';
import { answerWord, endWord, spanWord } from './words';

/** Session Expiry Interval that never ends (MQTT 5.0, 3.1.2.11.2). */
const NEVER = 0xffff_ffff;

export function mqttBlocks(mqtt: MqttFacts): Block[] {
  const sent = present([
    fact(m.diagnosis_mqtt_version(), seen(mqtt.version)),
    fact(
      m.diagnosis_mqtt_client_id(),
      mqtt.client_id === '' ? ours(m.diagnosis_mqtt_client_id_empty()) : seen(mqtt.client_id),
    ),
    fact(m.diagnosis_mqtt_user_name(), ours(yesNo(mqtt.with_user_name))),
    fact(m.diagnosis_mqtt_password(), ours(yesNo(mqtt.with_password))),
    mqtt.end !== null && fact(m.diagnosis_mqtt_end(), ours(endWord(mqtt.end), 'bad')),
  ]);
  const blocks: Block[] = [{ kind: 'facts', title: m.diagnosis_mqtt_sent(), facts: sent }];
  if (mqtt.connack) blocks.push(...answerBlocks('CONNACK', mqtt.connack, mqtt.version));
  if (mqtt.offer) blocks.push(offerBlock(mqtt.offer, mqtt.version));
  if (mqtt.disconnect) blocks.push(...answerBlocks('DISCONNECT', mqtt.disconnect, mqtt.version));
  return blocks;
}

function answerBlocks(packet: string, answer: BrokerAnswer, version: ProtocolVersion): Block[] {
  const bad = packet === 'DISCONNECT' || answer.reason !== 0;
  const facts = present([
    fact(m.diagnosis_mqtt_reason(), ours(answerWord(answer, version), bad ? 'bad' : 'ok')),
    answer.reason_string !== null &&
      fact(m.diagnosis_mqtt_reason_string(), seen(answer.reason_string)),
    answer.server_reference !== null &&
      fact(m.diagnosis_mqtt_server_reference(), seen(answer.server_reference)),
  ]);
  const said = ['Reason String', 'Server Reference'];
  for (const { name, value } of answer.properties) {
    if (!said.includes(name)) facts.push({ name, value: seen(value), nameSeen: true });
  }
  return [{ kind: 'facts', title: packet, facts }];
}

/** What the broker offers. What it does not say has the specification's meaning (MQTT 5.0, 3.2.2.3). */
function offerBlock(offer: ConnackInfo, version: ProtocolVersion): Block {
  const format = formats(getLocale());
  const is5 = version === '5.0';
  const can = (value: boolean | null): Cell =>
    value === false ? ours(m.connection_no(), 'warn') : ours(m.connection_yes());
  const most = (value: number | null, words: (value: number) => string, unset: string): Cell =>
    value === null ? ours(unset) : seen(words(value));
  const row = (name: string, value: Cell): Cell[] => [ours(name), value];
  const keepAlive =
    offer.keep_alive === 0 ? ours(m.connection_off()) : seen(format.seconds(offer.keep_alive));
  const rows = [
    row(m.connection_fact_session_present(), ours(yesNo(offer.session_present))),
    row(m.connection_fact_keep_alive(), keepAlive),
  ];
  if (is5) {
    const unlimited = m.diagnosis_offer_unlimited();
    const expiry = (seconds: number) =>
      seconds === NEVER ? m.connection_never() : format.seconds(seconds);
    rows.push(
      row(m.connection_fact_maximum_qos(), seen(String(offer.maximum_qos ?? 2))),
      row(m.connection_fact_retain(), can(offer.retain_available)),
      row(m.diagnosis_offer_wildcards(), can(offer.wildcard_available)),
      row(m.diagnosis_offer_shared(), can(offer.shared_available)),
      row(m.diagnosis_offer_identifiers(), can(offer.subscription_identifiers_available)),
      row(
        m.connection_fact_packet_size(),
        most(offer.maximum_packet_size, format.bytes, unlimited),
      ),
      row(m.connection_fact_receive_maximum(), seen(format.count(offer.receive_maximum ?? 65_535))),
      row(m.connection_fact_topic_alias(), seen(format.count(offer.topic_alias_maximum ?? 0))),
      row(
        m.connection_fact_session_expiry(),
        most(offer.session_expiry, expiry, m.diagnosis_offer_as_asked()),
      ),
    );
    if (offer.assigned_client_id !== null) {
      rows.push(row(m.connection_fact_client_id(), seen(offer.assigned_client_id)));
    }
    if (offer.response_information !== null) {
      rows.push(row(m.diagnosis_offer_response(), seen(offer.response_information)));
    }
  }
  const columns = [m.diagnosis_offer_what(), m.diagnosis_offer_value()];
  return { kind: 'table', title: m.diagnosis_offer(), columns, rows };
}

export function subscribeBlocks(subscribe: SubscribeFacts): Block[] {
  const rows = subscribe.answers.map((answer): Cell[] => {
    switch (answer.state) {
      case 'granted': {
        const less = answer.granted < answer.wanted.qos;
        const text = m.diagnosis_subscribe_granted({ qos: String(answer.granted) });
        return [
          seen(answer.wanted.filter),
          seen(String(answer.wanted.qos)),
          ours(text, less ? 'warn' : 'ok'),
        ];
      }
      case 'refused':
        return [
          seen(answer.wanted.filter),
          seen(String(answer.wanted.qos)),
          ours(reasonText(answer.reason), 'bad'),
        ];
      default:
        return [
          seen(answer.wanted.filter),
          seen(String(answer.wanted.qos)),
          ours(m.diagnosis_subscribe_unanswered(), 'bad'),
        ];
    }
  });
  const columns = [m.diagnosis_subscribe_filter(), 'QoS', m.diagnosis_answer()];
  const format = formats(getLocale());
  const watched = subscribe.closed_after_ms;
  const facts = [
    fact(
      m.diagnosis_subscribe_watched(),
      watched === null
        ? ours(m.diagnosis_subscribe_stayed({ time: format.duration(subscribe.watched_ms) }), 'ok')
        : ours(m.diagnosis_subscribe_closed({ time: format.duration(watched) }), 'bad'),
    ),
  ];
  return [
    { kind: 'table', title: '', columns, rows },
    { kind: 'facts', title: '', facts },
  ];
}

export function stayingBlocks({ keep_alive, pings_us }: StayingFacts): Block[] {
  const format = formats(getLocale());
  const facts = present([
    fact(
      m.connection_fact_keep_alive(),
      keep_alive === 0 ? ours(m.connection_off()) : seen(format.seconds(keep_alive)),
    ),
    fact(
      m.diagnosis_staying_pings(),
      pings_us.length > 0 ? seen(pings_us.map(spanWord).join(', ')) : ours(m.diagnosis_none()),
    ),
  ]);
  return [{ kind: 'facts', title: '', facts }];
}
