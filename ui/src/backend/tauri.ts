import { Channel, invoke } from '@tauri-apps/api/core';
import { getCurrentWebview } from '@tauri-apps/api/webview';
import { open, save } from '@tauri-apps/plugin-dialog';

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
    const filters = filtersOf(extensions);
    const picked = await open({ title, multiple: false, directory: false, filters });
    return typeof picked === 'string' ? picked : null;
  },
  saveFile({ title, extensions, name }) {
    return save({ title, defaultPath: name, filters: filtersOf(extensions) });
  },
  async watchFiles(handler) {
    await getCurrentWebview().onDragDropEvent(({ payload }) => {
      if (payload.type === 'drop') handler({ at: 'dropped', paths: payload.paths });
      else if (payload.type === 'leave') handler({ at: 'left' });
      else if (payload.type === 'enter' && payload.paths.length > 0) handler({ at: 'over' });
    });
  },
  async copyText(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch (refused) {
      if (!copySelected(text)) throw refused;
    }
  },
};

function filtersOf(extensions: string[]) {
  return extensions.length > 0 ? [{ name: extensions.join(', '), extensions }] : [];
}

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
