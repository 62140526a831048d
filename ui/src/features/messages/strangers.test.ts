import { mount, unmount, type Component } from 'svelte';
import { afterEach, expect, it } from 'vitest';

import type { Row } from '$src/bindings/engine';
import { useBackend, type Backend } from '$src/backend';
import PayloadText from '$src/features/inspector/PayloadText.svelte';
import PayloadTree from '$src/features/inspector/PayloadTree.svelte';
import { PayloadPieces } from '$src/state/pieces.svelte';

import { columnsFor } from './columns';
import MessageRow from './MessageRow.svelte';

const HOSTILE = '<img src=x onerror="globalThis.ran = 1"><script>globalThis.ran = 1</script>';

let mounted: object | null = null;

function show<P extends Record<string, unknown>>(component: Component<P>, props: P): HTMLElement {
  const target = document.createElement('div');
  document.body.append(target);
  mounted = mount(component, { target, props });
  return target;
}

afterEach(async () => {
  if (mounted) await unmount(mounted);
  document.body.replaceChildren();
});

function rowOf(part: Partial<Row>): Row {
  return {
    index: 0,
    id: 1,
    time_us: 0,
    direction: 'sent',
    topic: 't',
    qos: 1,
    retain: true,
    dup: false,
    size: 3,
    preview: 'x',
    outcome: null,
    bookmark: null,
    ...part,
  };
}

function showRow(part: Partial<Row>): HTMLElement {
  const columns = columnsFor(800, 1);
  return show(MessageRow, {
    row: rowOf(part),
    columns,
    index: 0,
    slot: 0,
    id: 'r',
    selected: false,
  });
}

const text = (target: HTMLElement, testid: string) =>
  target.querySelector(`[data-testid="${testid}"]`)?.textContent?.trim().replace(/\s+/g, ' ');

it('shows a topic and a payload that look like HTML as text', () => {
  const target = showRow({ topic: HOSTILE, preview: HOSTILE });
  expect(text(target, 'message-preview')).toBe(HOSTILE);
  expect(text(target, 'message-topic')).toBe(HOSTILE);
  expect(target.querySelector('img, script')).toBeNull();
  expect(globalThis).not.toHaveProperty('ran');
});

it('shows what would hide in a row or turn it around', () => {
  const target = showRow({ preview: 'a\u202eb\0c\nd' });
  expect(text(target, 'message-preview')).toBe('a‹U+202E›b␀c↵d');
});

it('names direction, retain and outcome for those who do not see signs', () => {
  const target = showRow({ outcome: { state: 'refused', reason: 0x87 } });
  expect(target.querySelector('[aria-label="Sent"]')).not.toBeNull();
  expect(target.querySelector('[aria-label="Retained"]')).not.toBeNull();
  expect(text(target, 'message-outcome')).toBe('✕ refused: Not authorized (0x87)');
});

it.each([
  ['text', PayloadText],
  ['json', PayloadText],
  ['json', PayloadTree],
] as const)(
  'shows a hostile payload as %s without making elements of it',
  async (kind, component) => {
    const payload = JSON.stringify({ [HOSTILE]: HOSTILE });
    useBackend({
      call: () =>
        Promise.resolve({
          text: payload,
          fault: null,
          offset: 0,
          next_offset: null,
          total_bytes: 9,
        }),
    } as unknown as Backend);
    const view = new PayloadPieces('p', 1, kind);
    await view.more();
    const target = show(component, { view });
    expect(target.querySelector('img, script')).toBeNull();
    expect(globalThis).not.toHaveProperty('ran');
    if (component === PayloadText) expect(text(target, 'inspector-text')).toBe(payload);
  },
);
