import { describe, expect, it } from 'vitest';
import * as windowing from './windowing';
import { CAP, type Extent } from './windowing';

const extent = (rows: number, viewport = 600): Extent => ({ rows, rowHeight: 24, viewport });

describe('a list below the cap', () => {
  const list = extent(1_000);

  it('moves pixel for pixel with its scrollbar', () => {
    expect(windowing.isScaled(list)).toBe(false);
    expect(windowing.spacerHeight(list)).toBe(24_000);
    expect(windowing.topFromScroll(1_234.5, list)).toBe(1_234.5);
    expect(windowing.scrollFromTop(1_234.5, list)).toBe(1_234.5);
  });

  it('shows the rows that touch the viewport and no other', () => {
    expect(windowing.visible(0, list)).toEqual({ first: 0, count: 25, cut: 0 });
    expect(windowing.visible(10, list)).toEqual({ first: 0, count: 26, cut: 10 });
    expect(windowing.visible(24, list)).toEqual({ first: 1, count: 25, cut: 0 });
    expect(windowing.visible(1e9, list)).toEqual({ first: 975, count: 25, cut: 0 });
  });

  it('shows all of a list that is shorter than the viewport', () => {
    expect(windowing.visible(50, extent(3))).toEqual({ first: 0, count: 3, cut: 0 });
    expect(windowing.visible(0, extent(0))).toEqual({ first: 0, count: 0, cut: 0 });
  });
});

describe.each([1_000_000, 50_000_000, 1_000_000_000])('a list of %d rows', (rows) => {
  const list = extent(rows);

  it('keeps its spacer below what browsers can lay out', () => {
    expect(windowing.isScaled(list)).toBe(true);
    expect(windowing.spacerHeight(list)).toBe(CAP);
  });

  it('meets both ends of the scrollbar exactly', () => {
    expect(windowing.topFromScroll(0, list)).toBe(0);
    expect(windowing.topFromScroll(CAP - 600, list)).toBe(windowing.maxTop(list));
    expect(windowing.scrollFromTop(windowing.maxTop(list), list)).toBe(CAP - 600);
    const last = windowing.visible(windowing.maxTop(list), list);
    expect(last.first + last.count).toBe(rows);
  });

  it('reaches every row, and moves by single pixels, wherever it stands', () => {
    for (const row of [0, 1, 77, rows / 2 + 1, rows - 26]) {
      const top = row * 24;
      expect(windowing.visible(top, list).first).toBe(row);
      expect(windowing.visible(top + 1, list)).toMatchObject({ first: row, cut: 1 });
    }
  });

  it('comes back to the same row within a scrollbar pixel', () => {
    const top = (rows / 3) * 24;
    const back = windowing.topFromScroll(windowing.scrollFromTop(top, list), list);
    expect(Math.abs(back - top)).toBeLessThan(1);
  });
});

describe('moving about', () => {
  const list = extent(1_000);

  it('reveals a row by the shortest way', () => {
    expect(windowing.reveal(10, 0, list)).toBe(0);
    expect(windowing.reveal(25, 0, list)).toBe(24);
    expect(windowing.reveal(2, 240, list)).toBe(48);
    expect(windowing.reveal(999, 0, list)).toBe(windowing.maxTop(list));
  });

  it('pages by what is wholly visible, less one for the eye', () => {
    expect(windowing.pageRows(list)).toBe(24);
    expect(windowing.pageRows(extent(10, 10))).toBe(1);
  });

  it('reads wheels that count in lines or pages', () => {
    expect(windowing.wheelPixels({ deltaY: 3, deltaMode: 0 }, list)).toBe(3);
    expect(windowing.wheelPixels({ deltaY: 3, deltaMode: 1 }, list)).toBe(72);
    expect(windowing.wheelPixels({ deltaY: -1, deltaMode: 2 }, list)).toBe(-600);
  });
});
