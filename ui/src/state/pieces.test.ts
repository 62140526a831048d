import { beforeEach, describe, expect, it } from 'vitest';

import { useBackend, type Backend } from '$src/backend';
import type { PayloadView, ViewKind } from '$src/bindings/engine';

import { Inspection } from './inspection.svelte';
import { PayloadPieces } from './pieces.svelte';

let payload = '';
let fault: PayloadView['fault'] = null;
let asked: { kind: ViewKind; offset: number; limit: number }[] = [];
const slow = new Map<number, () => void>();

beforeEach(() => {
  payload = '{"temp": 127.0}';
  fault = null;
  asked = [];
  slow.clear();
  useBackend({
    call: async (
      name: string,
      args: { kind: ViewKind; offset: number; limit: number; id: number },
    ) => {
      if (name === 'history_message') {
        if (args.id === 1) await new Promise<void>((resolve) => slow.set(args.id, resolve));
        return { row: { id: args.id, outcome: null }, properties: [] };
      }
      asked.push(args);
      const end = args.offset + args.limit;
      return {
        kind: args.kind,
        text: payload.slice(args.offset, end),
        fault: args.kind === 'json' ? fault : null,
        offset: args.offset,
        next_offset: end < payload.length ? end : null,
        total_bytes: payload.length,
      };
    },
  } as unknown as Backend);
});

describe('pieces of a payload', () => {
  it('loads one piece of a large payload, and the next only when asked', async () => {
    payload = `[${'1,'.repeat(10_000_000)}1]`;
    const view = new PayloadPieces('p', 1, 'json');
    await view.more();
    expect(asked).toHaveLength(1);
    expect(view.done).toBe(false);
    expect(view.shownBytes).toBeLessThan(100_000);
    await Promise.all([view.more(), view.more()]);
    expect(asked).toHaveLength(2);
  });

  it('joins up to the whole', async () => {
    payload = 'x'.repeat(100_000);
    const view = new PayloadPieces('p', 1, 'text');
    await view.more();
    expect(view.whole).toBeNull();
    expect(await view.all()).toBe(payload);
    while (!view.done) await view.more();
    expect(view.whole).toBe(payload);
  });

  it('grows the tree with numbers as they were sent', async () => {
    const view = new PayloadPieces('p', 1, 'json');
    await view.more();
    expect(view.tree?.nodes.map((node) => [node.key, node.text])).toEqual([
      [null, ''],
      ['temp', '127.0'],
    ]);
  });
});

describe('the inspection', () => {
  const at = { byte: 1, line: 1, column: 2 };

  it.each<[string, PayloadView['fault'], ViewKind]>([
    ['{"a": 1}', null, 'json'],
    ['21.5 °C', { code: 'trailing', ...at }, 'text'],
    ['{"a": }', { code: 'value_expected', ...at }, 'json'],
    ['\ufffd', { code: 'not_utf8', ...at }, 'hex'],
  ])('shows %j in the way that suits', async (text, problem, kind) => {
    payload = text;
    fault = problem;
    const inspection = new Inspection('p');
    await inspection.show(2);
    expect(inspection.kind).toBe(kind);
  });

  it('stays with the view that the person chose', async () => {
    const inspection = new Inspection('p');
    await inspection.show(2);
    await inspection.choose('base64');
    await inspection.show(3);
    expect(inspection.kind).toBe('base64');
  });

  it('does not show an answer that comes after the next message was chosen', async () => {
    const inspection = new Inspection('p');
    const first = inspection.show(1);
    await inspection.show(2);
    slow.get(1)?.();
    await first;
    expect(inspection.detail?.row.id).toBe(2);
  });
});
