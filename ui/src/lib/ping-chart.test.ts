import { expect, it } from 'vitest';

import { chartOf } from './ping-chart';

const pings = (...times: (number | null)[]) => times.map((took_us) => ({ took_us }));

it('draws a line from nought to the longest round trip', () => {
  const chart = chartOf(pings(1_000, 2_000, 4_000), 100, 40);
  expect(chart.lines).toEqual(['0,30 50,20 100,0']);
  expect(chart).toMatchObject({ min: 1_000, max: 4_000, median: 2_000, last: 4_000, answered: 3 });
});

it('breaks the line where an answer is missing', () => {
  const chart = chartOf(pings(1_000, null, 1_000, 1_000), 90, 10);
  expect(chart.lines).toEqual(['0,0', '60,0 90,0']);
  expect(chart.missing).toEqual([30]);
  expect(chart).toMatchObject({ unanswered: 1, waits: false });
});

it('does not miss the answer that the newest ping still waits for', () => {
  const chart = chartOf(pings(1_000, null), 90, 10);
  expect(chart).toMatchObject({ missing: [], unanswered: 0, waits: true, last: 1_000 });
});

it('stands with one ping, and with none', () => {
  expect(chartOf(pings(500), 90, 10).lines).toEqual(['45,0']);
  expect(chartOf([], 90, 10)).toMatchObject({ lines: [], min: null, max: null, median: null });
});
