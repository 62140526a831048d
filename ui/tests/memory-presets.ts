/** Presets for the engine in memory: one provider with questions, choices and a secret, and one's own. */
import type {
  Commands,
  Preset,
  PresetId,
  PresetList,
  Problem,
  Profile,
} from '$src/bindings/engine';

import { userError } from './errors';

type Apply = Commands['preset_apply']['args'];

/** Written as the data files write it. */
const UIOT = {
  id: 'ucloud-uiot',
  name: { en: 'UCloud UIoT', zh: 'UCloud 物联网 UIoT' },
  note: {
    en: 'Devices sign in with product serial, device serial and device secret.',
    zh: '设备使用产品序列号、设备序列号和设备密钥登录。',
  },
  source: 'https://docs.ucloud.cn/uiot-core',
  domains: ['mqtt-cn-sh2.iot.ucloud.cn'],
  asks: [
    {
      id: 'region',
      label: { en: 'Region', zh: '地域' },
      example: '',
      choices: [
        { value: 'cn-sh2', label: { en: 'Shanghai 2', zh: '上海二' } },
        { value: 'cn-gd', label: { en: 'Guangzhou', zh: '广州' } },
      ],
      secret: null,
    },
    {
      id: 'product',
      label: { en: 'Product serial', zh: '产品序列号' },
      example: 'hcvxvp5dbvlnqdac',
      choices: [],
      secret: null,
    },
    {
      id: 'device',
      label: { en: 'Device serial', zh: '设备序列号' },
      example: 'sensor-07',
      choices: [],
      secret: null,
    },
    {
      id: 'secret',
      label: { en: 'Device secret', zh: '设备密钥' },
      example: '',
      choices: [],
      secret: 'password',
    },
  ],
  fill: {
    endpoint: { scheme: 'mqtts', host: 'mqtt-{{region}}.iot.ucloud.cn', port: 8883 },
    client_id: '{{product}}.{{device}}',
    user_name: '{{product}}|{{device}}|1',
    version: '3.1.1',
    keep_alive: 60,
  },
  rules: [],
} as unknown as Preset;

const REASONS: Record<string, { en: string; zh: string }> = {
  version: {
    en: 'UIoT speaks MQTT 3.1.1 only.',
    zh: 'UIoT 仅支持 MQTT 3.1.1。',
  },
  will: { en: 'UIoT has no Will Message.', zh: 'UIoT 不支持遗嘱消息。' },
};

export class MemoryPresets {
  own: Preset[] = [];

  list(): PresetList {
    return { providers: [UIOT], own: this.own };
  }

  apply({ preset, answers, profile }: Apply): Profile {
    const found = [UIOT, ...this.own].find(({ id }) => id === preset);
    if (!found) throw userError('internal', 'there is no such preset');
    const text = JSON.stringify(found.fill).replaceAll(
      /\{\{(\w+)\}\}/g,
      (_, id: string) => answers[id] ?? '',
    );
    return { ...(merge(profile, JSON.parse(text)) as Profile), preset };
  }

  save(name: string, profile: Profile): Preset {
    const { endpoint, version, keep_alive, tls } = profile;
    const id = `own-${this.own.length + 1}`;
    const preset: Preset = {
      id,
      name: { en: name, zh: name },
      note: { en: '', zh: '' },
      source: '',
      domains: [],
      asks: [],
      fill: { endpoint, version, keep_alive, tls },
      rules: [],
    };
    this.own = [...this.own, preset];
    return preset;
  }

  remove(id: PresetId): void {
    this.own = this.own.filter((preset) => preset.id !== id);
  }

  /** What UIoT's rules say of a profile that is held against them. */
  judge(profile: Profile): Problem[] {
    if (profile.preset !== UIOT.id) return [];
    const broken = [
      ...(profile.version === '3.1.1' ? [] : ['version']),
      ...(profile.will === null ? [] : ['will']),
    ];
    return broken.map((field) => ({
      field,
      weight: 'warning',
      code: 'provider_rule',
      limit: UIOT.name.en,
      source: UIOT.source,
      reason: REASONS[field] ?? null,
    }));
  }
}

/** A JSON merge patch (RFC 7396). */
function merge(target: unknown, patch: unknown): unknown {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject(patch)) return patch;
  const merged = { ...(isObject(target) ? target : {}) };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged[name] = null;
    else merged[name] = merge(merged[name], value);
  }
  return merged;
}
