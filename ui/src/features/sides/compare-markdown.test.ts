/** A comparison as Markdown: counts and rows, and strangers' text that neither leaves its cell nor means anything there. */
import { expect, it } from 'vitest';

import { formats } from '$src/lib/format';
import { USUAL } from '$src/state/sides-comparison-options';

import { profileOf } from '../../../tests/memory';
import { goneMessage, MemorySides, sidesMessage, sidesRow } from '../../../tests/memory-sides';

import { markdownOf } from './compare-markdown';

const both = {
  left: profileOf('a', { name: 'plant *A*' }),
  right: profileOf('b', { name: 'B', version: '3.1.1' }),
};

it('tells the counts, and each row in its cells', () => {
  const sides = new MemorySides(() => undefined);
  sides.rows = [
    sidesRow(1, 'same'),
    sidesRow(2, 'missing_right', {
      topic: 'a|b\n# c',
      left: sidesMessage(2, { preview: '`<img>`|x' }),
    }),
    sidesRow(3, 'missing_right', { left: goneMessage(3) }),
  ];
  const text = markdownOf(
    {
      ...{ both, filter: 'in', patience: USUAL, nowMs: 0 },
      progress: { ...sides.state(), properties: false },
      page: sides.page(['missing_right'], { kind: 'end' }, 100),
    },
    formats('en', 'UTC'),
    'en',
  );
  const lines = text.split('\n');
  expect(lines[0]).toBe('# plant \\*A\\* and B compared');
  expect(lines).toContain('- Filter: `in`');
  expect(lines).toContain('- missing after 5 s');
  expect(lines).toContain('- Properties are not compared: B is MQTT 3.1.1');
  expect(lines).toContain('| Missing on B | 2 |');
  expect(lines).toContain('| Same | 1 |');
  expect(lines).toContain('The newest 2 of 2 rows');
  expect(lines).toContain(
    '| 00:00:00.002 | missing |  | `a\\|b↵ # c` | `` `<img>`\\|x `` | — |'.replace('↵ ', '↵'),
  );
  expect(lines).toContain('| 00:00:00.003 | missing |  | `t/3` | no longer stored | — |');
});
