import { Channel, invoke } from '@tauri-apps/api/core';
import { open } from '@tauri-apps/plugin-dialog';

import type { EventBatch } from '$src/bindings/engine';

import type { Backend } from './door';

/** The engine behind Tauri's invoke. The only file that knows Tauri. */
export const tauri: Backend = {
  call(name, args) {
    return invoke('engine', { name, args });
  },
  payload(profile, id) {
    return invoke<ArrayBuffer>('payload', { profile, id });
  },
  async listen(handler) {
    const channel = new Channel<EventBatch>();
    channel.onmessage = handler;
    await invoke('events', { channel });
  },
  async pickFile({ title, extensions }) {
    const filters = extensions.length > 0 ? [{ name: extensions.join(', '), extensions }] : [];
    const picked = await open({ title, multiple: false, directory: false, filters });
    return typeof picked === 'string' ? picked : null;
  },
  async copyText(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch (refused) {
      if (!copySelected(text)) throw refused;
    }
  },
};

/** The older way to copy, for webviews that refuse the clipboard to a page of their own scheme. */
function copySelected(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'sr';
  document.body.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  return copied;
}
