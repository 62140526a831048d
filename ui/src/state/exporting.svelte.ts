/** An export while its dialog is open. */
import { call, saveFile, toUserError } from '$src/backend';
import type {
  Certificates,
  ExportFormat,
  ExportReport,
  ProfileId,
  UserError,
} from '$src/bindings/engine';

export type Secrets = 'left_out' | 'encrypted';

export class Exporting {
  /** The profiles that were chosen; empty where only all can be meant. */
  readonly chosen: readonly ProfileId[];
  scope = $state<'chosen' | 'all'>('all');
  format = $state<ExportFormat>('json');
  certificates = $state<Certificates>('paths');
  secrets = $state<Secrets>('left_out');
  passphrase = $state('');
  again = $state('');
  path = $state('');
  busy = $state(false);
  report = $state.raw<ExportReport | null>(null);
  error = $state.raw<UserError | null>(null);

  /** Whether what was typed twice differs; not said before the second one was begun. */
  readonly differs = $derived(
    this.secrets === 'encrypted' && this.again !== '' && this.again !== this.passphrase,
  );
  readonly ready = $derived(
    !this.busy &&
      this.path.trim() !== '' &&
      (this.secrets === 'left_out' || (this.passphrase !== '' && this.passphrase === this.again)),
  );

  constructor(chosen: readonly ProfileId[]) {
    this.chosen = chosen;
    if (chosen.length > 0) this.scope = 'chosen';
  }

  /** Also gives the path the format's ending, where it had the other one. */
  setFormat(format: ExportFormat): void {
    this.format = format;
    this.path = this.path.replace(/\.(json|ya?ml)$/i, `.${format}`);
  }

  /** Asks where to write it. */
  async choosePath(title: string): Promise<void> {
    const extensions = this.format === 'json' ? ['json'] : ['yaml', 'yml'];
    const name = this.path.trim() || `mqttscope-profiles.${this.format}`;
    this.path = (await saveFile({ title, name, extensions })) ?? this.path;
  }

  async save(): Promise<void> {
    if (!this.ready) return;
    this.busy = true;
    this.error = null;
    try {
      this.report = await call('export_save', {
        path: this.path.trim(),
        options: {
          profiles: this.scope === 'chosen' ? [...this.chosen] : [],
          format: this.format,
          certificates: this.certificates,
          passphrase: this.secrets === 'encrypted' ? this.passphrase : null,
        },
      });
      this.passphrase = '';
      this.again = '';
    } catch (error) {
      this.error = toUserError(error);
    } finally {
      this.busy = false;
    }
  }
}
