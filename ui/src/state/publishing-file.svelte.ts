/**
 * The file that is to be published, as far as the window knows it: its name and its length.
 *
 * Its bytes never pass through the window. The length is asked for again whenever the file is chosen or is about to be sent.
 */
import { call, toUserError } from '$src/backend';
import type { UserError } from '$src/bindings/engine';

export class FileFacts {
  path = $state.raw('');
  /** Bytes; null while it is not known. */
  size = $state.raw<number | null>(null);
  error = $state.raw<UserError | null>(null);

  async look(path: string): Promise<void> {
    if (path !== this.path) {
      this.size = null;
      this.error = null;
    }
    this.path = path;
    if (path === '') return;
    try {
      const size = await call('publish_file_size', { path });
      if (this.path !== path) return;
      this.size = size;
      this.error = null;
    } catch (error) {
      if (this.path !== path) return;
      this.size = null;
      this.error = toUserError(error);
    }
  }
}

/** A path's last part, on every system. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== '') ?? path;
}
