/** Two messages held against each other: which two, in which way, and that a late answer never wins. */
import { beforeEach, expect, it } from 'vitest';

import { useBackend, type Backend } from '$src/backend';
import type { Compared, MessageId } from '$src/bindings/engine';

import { Comparison } from './compare.svelte';

const ref = (id: MessageId, profile = 'p') => ({ profile, id });

let comparison: Comparison;
let asked: { before: number; after: number; way: string }[];
let views: Set<number>;
let answer: Compared;
let hold: ((release: () => void) => void) | null;

/** Ten messages, the even ones on one topic, the odd ones on another. */
const row = (id: MessageId) => ({ id, topic: `t/${id % 2}`, time_us: id, size: 40 });

const DUMP = Array.from({ length: 16 }, (_, at) => `${(at + 0x41).toString(16)} `);

function engine(name: string, args: Record<string, never>): unknown {
  switch (name) {
    case 'messages_compare': {
      const { before, after, way } = args as unknown as Record<string, { id: number }> & {
        way: string;
      };
      asked.push({ before: before?.id ?? 0, after: after?.id ?? 0, way });
      return answer;
    }
    case 'history_message':
      return { row: row(args['id'] as unknown as number), properties: [] };
    case 'message_previous': {
      const id = args['id'] as unknown as number;
      return id > 2 ? id - 2 : null;
    }
    case 'view_open':
      views.add(1);
      return { view: 1, state: { complete: false } };
    case 'view_state':
      return { complete: true, fault: null };
    case 'history_page': {
      const { id } = args['from'] as unknown as { id: number };
      return { rows: id < 10 ? [row(id + 1)] : [] };
    }
    case 'view_close':
      views.delete(1);
      return null;
    case 'payload_view': {
      const offset = Math.floor((args['offset'] as unknown as number) / 16) * 16;
      const line = `${offset.toString(16).padStart(8, '0')}  ${DUMP.slice(0, 8).join('')} ${DUMP.slice(8).join('')}|ABCDEFGHIJKLMNOP|\n`;
      return { text: line + line + line, offset };
    }
    default:
      throw new Error(name);
  }
}

beforeEach(() => {
  comparison = new Comparison();
  asked = [];
  views = new Set();
  answer = { way: 'equal' };
  hold = null;
  useBackend({
    call: (name: string, args: Record<string, never>) =>
      new Promise((resolve) => {
        const result = engine(name, args);
        if (hold && name === 'messages_compare') hold(() => resolve(result));
        else resolve(result);
      }),
  } as unknown as Backend);
});

it('compares a message with the one before on its topic, or says that there is none', async () => {
  await comparison.withPrevious(ref(8));
  expect(asked).toEqual([{ before: 6, after: 8, way: 'best' }]);
  expect(comparison.shown?.compared).toEqual({ way: 'equal' });
  await comparison.withPrevious(ref(2));
  expect(comparison.shown).toBeNull();
  expect(comparison.missing).toBe('previous');
  expect(comparison.isOpen).toBe(true);
});

it('puts the older one first, unless they are of different histories', async () => {
  comparison.choose(ref(8));
  await comparison.withChosen(ref(3));
  expect(asked.at(-1)).toMatchObject({ before: 3, after: 8 });
  expect(comparison.chosen).toBeNull();
  comparison.choose(ref(8));
  await comparison.withChosen(ref(3, 'q'));
  expect(asked.at(-1)).toMatchObject({ before: 8, after: 3 });
});

it('keeps the way while it swaps and steps', async () => {
  await comparison.compare({ before: ref(4), after: ref(6) });
  await comparison.choseWay('text');
  await comparison.swap();
  expect(asked.at(-1)).toEqual({ before: 6, after: 4, way: 'text' });
  await comparison.previous();
  expect(asked.at(-1)).toEqual({ before: 4, after: 6, way: 'text' });
});

it('steps to the next message on the topic, and leaves no view open', async () => {
  await comparison.compare({ before: ref(4), after: ref(6) });
  await comparison.next();
  expect(asked.at(-1)).toMatchObject({ before: 6, after: 8 });
  await comparison.compare({ before: ref(8), after: ref(10) });
  await comparison.next();
  expect(comparison.missing).toBe('next');
  expect(views.size).toBe(0);
});

it('takes no answer about a pair that is no longer wanted', async () => {
  const late: (() => void)[] = [];
  hold = (release) => late.push(release);
  const first = comparison.compare({ before: ref(2), after: ref(4) });
  const second = comparison.compare({ before: ref(6), after: ref(8) });
  late[1]?.();
  await second;
  late[0]?.();
  await first;
  expect(comparison.shown?.before.id).toBe(6);
  comparison.close();
  expect(comparison.isOpen).toBe(false);
});

it('loads only the bytes around what differs', async () => {
  const run = { before: 20, before_length: 2, after: 20, after_length: 2 };
  answer = { way: 'hex', difference: { runs: [run], more: 0, bytes: 2 } };
  await comparison.compare({ before: ref(4), after: ref(6) }, 'hex');
  const piece = comparison.shown?.bytes?.pieces[0];
  expect(piece?.before.map(({ offset }) => offset)).toEqual([8, 16, 24]);
  expect(piece?.before[0]?.cells[0]?.byte).toBe(0x49);
  expect(piece?.after[1]?.cells.map((cell) => cell?.differs)).toEqual(
    [16, 17, 18, 19, 20, 21, 22, 23].map((at) => at === 20 || at === 21),
  );
  expect(comparison.shown?.bytes?.left).toBe(0);
});
