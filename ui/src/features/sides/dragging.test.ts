/** A message is dragged only once the pointer moved, falls on the other side only, and stays where it was otherwise. */
import { beforeEach, expect, it } from 'vitest';

import { RowDrag, sideAt, type Held } from './dragging.svelte';

const HELD: Held = { message: { profile: 'a', id: 7 }, from: 'left', topic: 'plant/t' };
const at = (clientX: number, clientY = 10) => ({ clientX, clientY });

let drag: RowDrag;

beforeEach(() => {
  drag = new RowDrag();
  drag.press(HELD, at(100));
});

it('is a click until the pointer moved', () => {
  drag.move(at(103), 'left');
  expect(drag.held).toBeNull();
  expect(drag.release()).toBeNull();
  drag.move(at(300), 'right');
  expect(drag.held).toBeNull();
});

it('falls on the other side', () => {
  drag.move(at(110), 'left');
  expect([drag.held, drag.over]).toEqual([HELD, false]);
  drag.move(at(300), 'right');
  expect([drag.at, drag.over]).toEqual([{ x: 300, y: 10 }, true]);
  expect(drag.release()).toEqual(HELD);
  expect([drag.held, drag.over]).toEqual([null, false]);
});

it('does nothing where it came from, beside both sides, or once it was given up', () => {
  drag.move(at(300), 'right');
  drag.move(at(120), 'left');
  expect(drag.release()).toBeNull();
  drag.press(HELD, at(100));
  drag.move(at(300), 'right');
  drag.move(at(300, 900), null);
  expect(drag.release()).toBeNull();
  drag.press(HELD, at(100));
  drag.move(at(300), 'right');
  drag.cancel();
  expect(drag.release()).toBeNull();
});

it('knows the side that the pointer is on', () => {
  const box = (left: number, right: number) =>
    ({ getBoundingClientRect: () => ({ left, right, top: 0, bottom: 50 }) }) as HTMLElement;
  const elements = { left: box(0, 100), right: box(100, 200) };
  expect([0, 99, 100, 200].map((x) => sideAt(at(x), elements))).toEqual([
    ...['left', 'left', 'right', null],
  ]);
  expect(sideAt(at(10, 50), elements)).toBeNull();
  expect(sideAt(at(150), { left: elements.left, right: undefined })).toBeNull();
});
