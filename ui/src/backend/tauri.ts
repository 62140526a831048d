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
    // Only what comes in tells whether it is files; a text that is dragged is none of this.
    let hasFiles = false;
    await getCurrentWebview().onDragDropEvent(({ payload }) => {
      if (payload.type === 'leave') {
        handler({ at: 'left' });
        return;
      }
      if (payload.type === 'enter') hasFiles = payload.paths.length > 0;
      const place = onPage(payload.position);
      if (payload.type === 'drop') handler({ at: 'dropped', paths: payload.paths, ...place });
      else if (hasFiles) handler({ at: 'over', ...place });
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

/** Windows tells the place in pixels of the screen, the others in those of the page, whatever the type says. */
function onPage({ x, y }: { x: number; y: number }) {
  const scale = navigator.userAgent.includes('Windows') ? window.devicePixelRatio : 1;
  return { x: x / scale, y: y / scale };
}

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
