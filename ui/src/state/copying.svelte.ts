/** A profile as text for elsewhere, while its dialog is open. */
import { call, copyText, toUserError } from '$src/backend';
import type { Copied, CopyTarget, ProfileId, UserError } from '$src/bindings/engine';

export class Copying {
  readonly profile: ProfileId;
  target = $state.raw<CopyTarget>('mosquitto_sub');
  copied = $state.raw<Copied | null>(null);
  error = $state.raw<UserError | null>(null);
  /** Whether the text that is shown lies in the clipboard. */
  taken = $state(false);

  constructor(profile: ProfileId) {
    this.profile = profile;
  }

  async show(target: CopyTarget): Promise<void> {
    this.target = target;
    this.error = null;
    this.taken = false;
    try {
      const copied = await call('copy_as', { profile: this.profile, target });
      if (this.target === target) this.copied = copied;
    } catch (error) {
      if (this.target !== target) return;
      this.copied = null;
      this.error = toUserError(error);
    }
  }

  async take(): Promise<void> {
    if (!this.copied) return;
    await copyText(this.copied.text);
    this.taken = true;
  }
}
