/** The words of import, export and copying that depend on a value. */
import type {
  CopyTarget,
  ImportFormat,
  ImportItem,
  NoteCode,
  SecretSlot,
} from '$src/bindings/engine';
import { m } from '$src/i18n';
import type { ImportChoice } from '$src/state/importing.svelte';

/** Product names, which no language translates. */
const FORMATS: Record<ImportFormat, string> = {
  mqttscope: 'MQTTScope',
  mqttx_json: 'MQTTX (JSON)',
  mqttx_xml: 'MQTTX (XML)',
  mqttx_csv: 'MQTTX (CSV)',
  mqttx_excel: 'MQTTX (Excel)',
  mqttx_database: 'MQTTX.db',
  mqtt_explorer: 'MQTT Explorer',
  mosquitto_options: 'mosquitto',
  mosquitto_command: 'mosquitto_sub / mosquitto_pub',
  url: 'URL',
  hivemq_cli: 'HiveMQ CLI',
  mqtt_analyzer: 'MQTTAnalyzer',
  mqtt_fx: 'MQTT.fx',
  mqtt_spy: 'mqtt-spy',
};

export function formatWord(format: ImportFormat): string {
  return FORMATS[format];
}

export function choiceWord(choice: ImportChoice | 'suggested'): string {
  switch (choice) {
    case 'suggested':
      return m.import_choice_suggested();
    case 'add':
      return m.import_choice_add();
    case 'merge':
      return m.import_choice_merge();
    case 'replace':
      return m.import_choice_replace();
    case 'copy':
      return m.import_choice_copy();
    case 'skip':
      return m.import_choice_skip();
  }
}

export function stateWord(item: ImportItem): string {
  switch (item.state.state) {
    case 'new':
      return m.import_state_new();
    case 'same':
      return m.import_state_same();
    case 'exists':
      return m.import_state_exists();
  }
}

export function slotWord(slot: SecretSlot): string {
  switch (slot) {
    case 'password':
      return m.exchange_slot_password();
    case 'private_key':
      return m.exchange_slot_private_key();
    case 'pkcs12':
      return m.exchange_slot_pkcs12();
    case 'key_passphrase':
      return m.exchange_slot_key_passphrase();
    case 'proxy_password':
      return m.exchange_slot_proxy_password();
    case 'authentication_data':
      return m.exchange_slot_authentication_data();
    default:
      return m.exchange_slot_header({ name: slot.slice('header:'.length) });
  }
}

/** The words of a note. Each code has some; a test demands it. */
export function noteWord(code: NoteCode): string {
  const words = m as unknown as Record<string, (() => string) | undefined>;
  return words[`note_${code}`]?.() ?? code;
}

export function targets(): { value: CopyTarget; label: string }[] {
  return [
    { value: 'mosquitto_sub', label: 'mosquitto_sub' },
    { value: 'mosquitto_pub', label: 'mosquitto_pub' },
    { value: 'mqttx_json', label: 'MQTTX (JSON)' },
    { value: 'url', label: 'URL' },
    { value: 'python', label: 'Python (paho-mqtt 2)' },
    { value: 'javascript', label: 'JavaScript (MQTT.js 5)' },
    { value: 'rust', label: 'Rust (rumqttc)' },
    { value: 'go', label: 'Go (paho.golang)' },
    { value: 'java', label: 'Java (HiveMQ)' },
    { value: 'csharp', label: 'C# (MQTTnet)' },
  ];
}
