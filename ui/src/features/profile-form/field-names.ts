/**
 * Where a field of the form is and what it is called elsewhere: in the specification, in MQTTX, in MQTT.js, in
 * mosquitto's commands. People search by the name they know.
 */
import { m } from '$src/i18n';

import { MORE_FIELDS } from './field-names-more';
import { SUBSCRIPTION_FIELDS } from './field-names-subscriptions';

export interface FieldName {
  /** The field's path in the profile. */
  field: string;
  label: () => string;
  section: () => string;
  /** Its control's test id, then those of the controls that make it show up, next one first. */
  testids: readonly [string, ...string[]];
  names: readonly string[];
}

const section = {
  broker: m.profile_section_address,
  identity: m.profile_section_identity,
  mqtt: m.profile_section_mqtt,
  properties: m.profile_section_properties,
  authentication: m.profile_section_authentication,
  reconnect: m.profile_section_reconnect,
};

const VERSION = 'profile-version';
const RECONNECT = 'profile-reconnect-on';
const METHOD = 'profile-authentication';

export const FIELDS: readonly FieldName[] = [
  {
    field: 'name',
    label: m.profile_name,
    section: section.broker,
    testids: ['profile-name'],
    names: ['name'],
  },
  {
    field: 'colour',
    label: m.profile_colour,
    section: section.broker,
    testids: ['profile-colour'],
    names: ['colour', 'color'],
  },
  {
    field: 'preset',
    label: m.preset_title,
    section: m.preset_title,
    testids: ['profile-preset'],
    names: ['preset', 'provider', 'template'],
  },
  {
    field: 'endpoint.scheme',
    label: m.profile_scheme,
    section: section.broker,
    testids: ['profile-scheme'],
    names: ['protocol', 'scheme', 'ssl', 'tls', 'mqtts', 'wss', 'websocket', 'url'],
  },
  {
    field: 'endpoint.host',
    label: m.profile_host,
    section: section.broker,
    testids: ['profile-host'],
    names: ['host', 'hostname', 'brokerUrl', 'server', 'address', '--host', '-h', '-L', '--url'],
  },
  {
    field: 'endpoint.port',
    label: m.profile_port,
    section: section.broker,
    testids: ['profile-port'],
    names: ['port', '--port', '-p'],
  },
  {
    field: 'endpoint.path',
    label: m.profile_path,
    section: section.broker,
    testids: ['profile-path', 'profile-scheme'],
    names: ['path', 'query', 'wsOptions.path'],
  },
  {
    field: 'version',
    label: m.profile_version,
    section: section.broker,
    testids: [VERSION],
    names: [
      'Protocol Version',
      'mqttVersion',
      'protocolVersion',
      'protocolId',
      '--protocol-version',
      '-V',
    ],
  },
  {
    field: 'client_id',
    label: m.profile_client_id,
    section: section.identity,
    testids: ['profile-client-id'],
    names: ['Client Identifier', 'clientId', '--id', '-i', '--id-prefix', '-I'],
  },
  {
    field: 'user_name',
    label: m.profile_user_name,
    section: section.identity,
    testids: ['profile-user-name'],
    names: ['User Name', 'username', '--username', '-u'],
  },
  {
    field: 'password',
    label: m.profile_password,
    section: section.identity,
    testids: ['profile-password', 'profile-password-change'],
    names: ['password', '--pw', '-P'],
  },
  {
    field: 'keep_alive',
    label: m.profile_keep_alive,
    section: section.mqtt,
    testids: ['profile-keep-alive'],
    names: ['Keep Alive', 'keepalive', 'keepAlive', '--keepalive', '-k', 'pingInterval'],
  },
  {
    field: 'clean_start',
    label: () => m.profile_clean_start(),
    section: section.mqtt,
    testids: ['profile-clean-start'],
    names: ['Clean Start', 'Clean Session', 'clean', '--disable-clean-session', '-c'],
  },
  {
    field: 'session_expiry',
    label: m.profile_session_expiry,
    section: section.mqtt,
    testids: ['profile-session-expiry', VERSION],
    names: [
      'Session Expiry Interval',
      'sessionExpiryInterval',
      'properties.sessionExpiryInterval',
      '--session-expiry-interval',
      '-x',
    ],
  },
  {
    field: 'connect_timeout',
    label: m.profile_connect_timeout,
    section: section.mqtt,
    testids: ['profile-connect-timeout'],
    names: ['connectTimeout', 'timeout'],
  },
  {
    field: 'connect_properties.receive_maximum',
    label: m.profile_receive_maximum,
    section: section.properties,
    testids: ['profile-receive-maximum', VERSION],
    names: ['Receive Maximum', 'receiveMaximum', 'properties.receiveMaximum'],
  },
  {
    field: 'connect_properties.maximum_packet_size',
    label: m.profile_maximum_packet_size,
    section: section.properties,
    testids: ['profile-maximum-packet-size', VERSION],
    names: ['Maximum Packet Size', 'maximumPacketSize', 'properties.maximumPacketSize'],
  },
  {
    field: 'connect_properties.topic_alias_maximum',
    label: m.profile_topic_alias_maximum,
    section: section.properties,
    testids: ['profile-topic-alias-maximum', VERSION],
    names: ['Topic Alias Maximum', 'topicAliasMaximum', 'properties.topicAliasMaximum'],
  },
  {
    field: 'automatic_topic_alias',
    label: m.profile_topic_alias_automatic,
    section: section.properties,
    testids: ['profile-topic-alias-automatic', VERSION],
    names: ['Topic Alias', 'autoUseTopicAlias', 'autoAssignTopicAlias', 'automatic topic alias'],
  },
  {
    field: 'connect_properties.request_response_information',
    label: m.profile_request_response,
    section: section.properties,
    testids: ['profile-request-response-information', VERSION],
    names: [
      'Request Response Information',
      'requestResponseInformation',
      'properties.requestResponseInformation',
    ],
  },
  {
    field: 'connect_properties.request_problem_information',
    label: m.profile_request_problem,
    section: section.properties,
    testids: ['profile-request-problem-information', VERSION],
    names: [
      'Request Problem Information',
      'requestProblemInformation',
      'properties.requestProblemInformation',
    ],
  },
  {
    field: 'connect_properties.user_properties',
    label: m.profile_user_properties,
    section: section.properties,
    testids: ['profile-user-property-add', VERSION],
    names: ['User Property', 'userProperties', 'properties.userProperties', '--property', '-D'],
  },
  {
    field: 'authentication',
    label: m.profile_authentication_method,
    section: section.authentication,
    testids: [METHOD, VERSION],
    names: [
      'Authentication Method',
      'Enhanced Authentication',
      'authenticationMethod',
      'properties.authenticationMethod',
      'SCRAM',
      'AUTH',
    ],
  },
  {
    field: 'authentication.hash',
    label: m.profile_authentication_hash,
    section: section.authentication,
    testids: ['profile-authentication-hash', METHOD, VERSION],
    names: ['SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
  },
  {
    field: 'authentication.name',
    label: m.profile_authentication_name,
    section: section.authentication,
    testids: ['profile-authentication-name', METHOD, VERSION],
    names: ['Authentication Method', 'authenticationMethod'],
  },
  {
    field: 'authentication.data',
    label: m.profile_authentication_data,
    section: section.authentication,
    testids: ['profile-authentication-data', 'profile-authentication-data-change', METHOD, VERSION],
    names: ['Authentication Data', 'authenticationData', 'properties.authenticationData'],
  },
  ...SUBSCRIPTION_FIELDS,
  {
    field: 'reconnect.enabled',
    label: m.profile_reconnect_on,
    section: section.reconnect,
    testids: [RECONNECT],
    names: ['reconnect', 'autoReconnect', 'reconnectOnConnackError'],
  },
  {
    field: 'reconnect.first_delay_ms',
    label: m.profile_reconnect_first,
    section: section.reconnect,
    testids: ['profile-reconnect-first', RECONNECT],
    names: ['reconnectPeriod'],
  },
  {
    field: 'reconnect.max_delay_ms',
    label: m.profile_reconnect_max,
    section: section.reconnect,
    testids: ['profile-reconnect-max', RECONNECT],
    names: ['maxReconnectDelay', 'backoff'],
  },
  {
    field: 'reconnect.jitter_percent',
    label: m.profile_reconnect_jitter,
    section: section.reconnect,
    testids: ['profile-reconnect-jitter', RECONNECT],
    names: ['jitter'],
  },
  {
    field: 'reconnect.max_attempts',
    label: m.profile_reconnect_attempts,
    section: section.reconnect,
    testids: ['profile-reconnect-attempts', RECONNECT],
    names: ['maxReconnectTimes', 'retries'],
  },
  ...MORE_FIELDS,
];
