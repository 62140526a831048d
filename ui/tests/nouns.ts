/** Nouns of the engine with everything that a test does not care about. */
import type {
  ConnackInfo,
  ConnectInfo,
  Profile,
  ProfileId,
  QoS,
  SessionSnapshot,
  SessionState,
  Settings,
  Subscription,
} from '$src/bindings/engine';
import { newSubscription } from '$src/state/subscription';

export function profileOf(id: ProfileId, part: Partial<Profile> = {}): Profile {
  return {
    id,
    name: '',
    colour: null,
    preset: null,
    endpoint: { scheme: 'mqtt', host: '', port: 1883, path: '/mqtt' },
    follows_local_broker: false,
    client_id: 'mqttscope-4f9a1c7e',
    user_name: '',
    password: null,
    version: '5.0',
    keep_alive: 60,
    connect_timeout: 10,
    clean_start: true,
    session_expiry: 0,
    connect_properties: {
      receive_maximum: null,
      maximum_packet_size: null,
      topic_alias_maximum: null,
      request_response_information: null,
      request_problem_information: null,
      user_properties: [],
    },
    authentication: null,
    reconnect: {
      enabled: true,
      first_delay_ms: 1_000,
      max_delay_ms: 30_000,
      jitter_percent: 20,
      max_attempts: null,
    },
    address_family: 'any',
    proxy: { kind: 'none' },
    tls: {
      roots: { kind: 'system' },
      client_certificate: null,
      server_name: '',
      alpn: [],
      verify: true,
      min_version: '1.2',
      max_version: '1.3',
      key_log_file: '',
    },
    websocket: { headers: [], subprotocols: [], require_subprotocol: true },
    will: null,
    automatic_topic_alias: false,
    subscriptions: [],
    replies: [],
    retention: { max_bytes: 2 ** 30, max_messages: null, max_age_s: null },
    ...part,
  };
}

export function snapshotOf(
  profile: ProfileId,
  state: SessionState = { state: 'disconnected' },
  part: Partial<SessionSnapshot> = {},
): SessionSnapshot {
  return {
    profile,
    state,
    connect: state.state === 'connected' ? connectOf() : null,
    last_attempt: null,
    subscriptions: [],
    traffic: {
      received: 0,
      sent: 0,
      not_recorded: 0,
      bytes_received: 0,
      bytes_sent: 0,
      received_per_second: 0,
      sent_per_second: 0,
      reconnects: 0,
      queued: 0,
      held_back: false,
      held_back_ms: 0,
      store_delay_us: null,
    },
    in_flight: {
      sent: 0,
      sent_limit: 100,
      sent_waiting: 0,
      received: 0,
      received_limit: 65_535,
      received_most: 0,
    },
    resumed: null,
    ...part,
  };
}

export function subscriptionOf(
  filter: string,
  qos: QoS = 0,
  part: Partial<Subscription> = {},
): Subscription {
  return { ...newSubscription(filter, qos), ...part };
}

export function connectOf(part: Partial<ConnectInfo> = {}): ConnectInfo {
  return {
    version: '5.0',
    client_id: 'mqttscope-4f9a1c7e',
    clean_start: true,
    keep_alive: 60,
    session_expiry: null,
    receive_maximum: null,
    maximum_packet_size: null,
    topic_alias_maximum: null,
    ...part,
  };
}

export function connackOf(part: Partial<ConnackInfo> = {}): ConnackInfo {
  return {
    session_present: false,
    assigned_client_id: null,
    keep_alive: 60,
    keep_alive_is_the_servers: false,
    session_expiry: null,
    maximum_qos: null,
    retain_available: null,
    maximum_packet_size: null,
    receive_maximum: null,
    topic_alias_maximum: null,
    wildcard_available: null,
    shared_available: null,
    subscription_identifiers_available: null,
    response_information: null,
    reason_string: null,
    server_reference: null,
    user_properties: [],
    ...part,
  };
}

export function settingsOf(part: Partial<Settings> = {}): Settings {
  return {
    language: 'system',
    theme: 'system',
    packet_memory_mb: 64,
    layout: {},
    saved_filters: [],
    recent_filters: [],
    ...part,
  };
}
