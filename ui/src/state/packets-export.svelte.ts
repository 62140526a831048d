/** Packets that become a file, while the dialog for it is open. The work is a job of the engine and goes on without it. */
import { call, saveFile } from '$src/backend';
import type { PacketFilter, PacketFormat, Profile } from '$src/bindings/engine';

import type { Jobs } from './jobs.svelte';
import { NO_FILTER } from './packets-filter';
import { fileName, Transfer } from './transfers.svelte';

const ENDINGS = { json_lines: 'jsonl', pcapng: 'pcapng' } as const;

export class PacketsExport extends Transfer {
  readonly profile: Profile;
  /** The filter of what is shown, where that is not everything. */
  readonly filter: PacketFilter | null;
  what = $state<'all' | 'shown'>('all');
  format = $state<PacketFormat>('pcapng');
  /** Passwords and Authentication Data are written too. */
  secrets = $state(false);

  constructor(jobs: Jobs, profile: Profile, filter: PacketFilter | null) {
    super(jobs);
    this.profile = profile;
    this.filter = filter;
    if (filter) this.what = 'shown';
  }

  /** Also gives the path the format's ending, where it had the other one. */
  setFormat(format: PacketFormat): void {
    this.format = format;
    this.path = this.path.replace(/\.(jsonl|pcapng)$/i, `.${ENDINGS[format]}`);
  }

  async choosePath(title: string): Promise<void> {
    const ending = ENDINGS[this.format];
    const name = this.path.trim() || fileName(this.profile.name, ending);
    this.path = (await saveFile({ title, name, extensions: [ending] })) ?? this.path;
  }

  async start(): Promise<void> {
    const { format, secrets } = this;
    const filter = this.what === 'shown' && this.filter ? this.filter : NO_FILTER;
    const asked = { profile: this.profile.id, path: this.path.trim() };
    await this.begin(() =>
      call('packets_export', { ...asked, export: { filter, format, secrets } }),
    );
  }
}
