/** Import, export and "copy as" for the engine in memory. What an import finds is what a test says it finds. */
import type {
  Commands,
  ExportOptions,
  ImportItem,
  ImportPreview,
  ImportResult,
  ItemChoice,
  Profile,
  ProfileId,
} from '$src/bindings/engine';

import { userError } from './errors';

export function itemOf(index: number, part: Partial<ImportItem> = {}): ImportItem {
  return {
    index,
    name: `found ${index}`,
    address: `mqtt://host-${index}:1883`,
    folder: [],
    state: { state: 'new' },
    suggested: 'add',
    notes: [],
    problems: [],
    secrets: [],
    messages: 0,
    ...part,
  };
}

export class MemoryExchange {
  /** What is found in the next text or file. Without items it is not recognised. */
  found: Omit<ImportPreview, 'import'> = {
    format: 'mqttx_json',
    file: '',
    items: [],
    folders: 0,
    notes: [],
    locked: false,
  };
  /** The passphrase of locked secrets. */
  passphrase = 'open';
  /** What was written last. */
  written: ExportOptions | null = null;
  #next = 1;
  #open = new Map<number, ImportPreview>();
  #before = new Map<number, Profile[]>();

  read(file: string): ImportPreview {
    const found = { ...this.found, file };
    if (found.items.length === 0) {
      throw userError('internal', 'This is none of the formats that can be imported.', {
        file,
        place: 'line 1',
      });
    }
    const preview = { ...found, import: this.#next++ };
    this.#open.set(preview.import, preview);
    return preview;
  }

  unlock(id: number, passphrase: string): ImportPreview {
    const preview = this.#preview(id);
    if (passphrase !== this.passphrase) throw userError('internal', 'The passphrase is wrong.');
    return { ...preview, locked: false };
  }

  run(
    id: number,
    choices: ItemChoice[],
    profiles: Profile[],
    make: (item: ImportItem) => Profile,
  ): { result: ImportResult; profiles: Profile[] } {
    const { items } = this.#preview(id);
    const result = { added: 0, merged: 0, replaced: 0, skipped: 0, messages: 0 };
    const added: Profile[] = [];
    for (const item of items) {
      const choice = choices.find(({ index }) => index === item.index)?.choice ?? 'skip';
      if (choice === 'merge') result.merged += 1;
      else if (choice === 'replace') result.replaced += 1;
      else if (choice === 'skip') result.skipped += 1;
      else {
        result.added += 1;
        added.push(make(item));
      }
      if (choice !== 'skip') result.messages += item.messages;
    }
    this.#before.set(id, profiles);
    this.#open.delete(id);
    return { result, profiles: [...profiles, ...added] };
  }

  /** The profiles as they were before. */
  undo(id: number): Profile[] {
    const before = this.#before.get(id);
    if (!before) throw userError('internal', 'There is no such import.');
    this.#before.delete(id);
    return before;
  }

  cancel(id: number): void {
    this.#open.delete(id);
  }

  save(path: string, options: ExportOptions, all: number): Commands['export_save']['result'] {
    this.written = options;
    const profiles = options.profiles.length || all;
    return {
      path,
      profiles,
      secrets: options.passphrase === null ? 0 : profiles,
      bytes: profiles * 1_234,
      notes:
        options.passphrase === null
          ? [{ field: 'password', value: '', code: 'secret_left_out' }]
          : [],
    };
  }

  copy(profile: ProfileId, target: string): Commands['copy_as']['result'] {
    const shell = `mosquitto_sub -h gw.plant-a.example -p 8883 \\\n  -i ${profile} -u gateway -P "$MQTT_PASSWORD" \\\n  -t 'plant-a/+/telemetry' -q 0`;
    return {
      text: target.startsWith('mosquitto') ? shell : `# ${target}\nimport os\n`,
      language: target.startsWith('mosquitto') ? 'shell' : 'python',
      needs: [{ variable: 'MQTT_PASSWORD', slot: 'password' }],
      notes: [{ field: 'reconnect', value: 'true', code: 'no_counterpart' }],
    };
  }

  #preview(id: number): ImportPreview {
    const preview = this.#open.get(id);
    if (!preview) throw userError('internal', 'There is no such import.');
    return preview;
  }
}
