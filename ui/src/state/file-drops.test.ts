/** A file that is dropped goes to the place under it, and only while that place takes one. */
import { expect, it, vi } from 'vitest';

import { placeAt, takesFiles } from './file-drops';

it('goes to the place under the pointer', () => {
  const pane = document.createElement('div');
  vi.spyOn(pane, 'getBoundingClientRect').mockReturnValue(new DOMRect(10, 20, 100, 50));
  const take = vi.fn();
  const end = takesFiles(pane, take);
  expect(placeAt(10, 20)).toBe(take);
  expect(placeAt(109, 69)).toBe(take);
  expect(placeAt(110, 30)).toBeNull();
  expect(placeAt(50, 19)).toBeNull();
  end();
  expect(placeAt(50, 30)).toBeNull();
});
