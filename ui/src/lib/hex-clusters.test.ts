import { expect, it } from 'vitest';

import { bytesOfDump, clustersOf, rowsOf, shown } from './hex-clusters';

const run = (
  before: number,
  before_length: number,
  after = before,
  after_length = before_length,
) => ({
  ...{ before, before_length, after, after_length },
});

it('gathers runs that lie near each other, with a row around them', () => {
  const clusters = clustersOf([run(20, 2), run(30, 1), run(500, 4)], {
    before: 1_000,
    after: 1_000,
  });
  expect(clusters.map(({ runs, before }) => [runs.length, before])).toEqual([
    [2, { from: 8, length: 32 }],
    [1, { from: 488, length: 24 }],
  ]);
});

it('stays within both strings', () => {
  const [cluster] = clustersOf([run(9, 0, 9, 3)], { before: 9, after: 12 });
  expect(cluster?.before).toEqual({ from: 0, length: 9 });
  expect(cluster?.after).toEqual({ from: 0, length: 12 });
});

it('cuts a long piece and says by how much', () => {
  const [cluster] = clustersOf([run(0, 10_000, 0, 5)], { before: 10_000, after: 5 });
  expect(cluster?.before.length).toBe(256);
  expect(cluster?.after.length).toBe(5);
  expect(cluster?.cut).toBe(10_000 - 256);
});

it('marks the bytes that differ', () => {
  const [cluster] = clustersOf([run(2, 1)], { before: 10, after: 10 });
  if (!cluster) throw new Error('none');
  const rows = rowsOf(cluster, 'before', Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
  expect(rows.map(({ offset }) => offset)).toEqual([0, 8]);
  expect(rows[0]?.cells.map((cell) => cell?.differs)).toEqual(
    [0, 1, 2, 3, 4, 5, 6, 7].map((at) => at === 2),
  );
  expect(rows[1]?.cells.filter(Boolean)).toHaveLength(2);
});

it('reads the bytes out of a dump, whatever stands beside them', () => {
  const dump =
    '00000000  7b 22 6f 6e 22 3a 20 74  72 75 65 7d 00 ff 0a 61 |{"on": true}...a|\n' +
    '00000010  62 63                                            |bc|\n';
  expect([...bytesOfDump(dump)]).toEqual([
    ...[
      0x7b, 0x22, 0x6f, 0x6e, 0x22, 0x3a, 0x20, 0x74, 0x72, 0x75, 0x65, 0x7d, 0, 0xff, 0x0a, 0x61,
    ],
    ...[0x62, 0x63],
  ]);
});

it('shows what is printable', () => {
  expect([0x41, 0x20, 0x7e, 0x7f, 0, 0xe4].map(shown).join('')).toBe('A ~...');
});
