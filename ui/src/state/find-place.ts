/** Going to a number or a time in what a list shows, and what there was. */
import { call } from '$src/backend';
import type { PageFrom, ProfileId, Row, ViewId } from '$src/bindings/engine';

/** Where a person wants to go. */
export type Wish = { kind: 'number'; id: number } | { kind: 'time'; us: number };

/** Where the list went: to what was asked for, to the next one behind it, or to the newest because there is none. */
export type Landing = { at: 'there' | 'next' | 'newest'; row: Row } | { at: 'nowhere' };

interface Goable {
  readonly profile: ProfileId;
  readonly view: ViewId | null;
  reveal(id: number, how: { select: boolean }): Promise<unknown> | unknown;
}

/** Brings a list to what is wished for. Rejects with a `UserError`. */
export async function goTo(list: Goable, wish: Wish): Promise<Landing> {
  const landing = await look(list, wish);
  if (landing.at !== 'nowhere') await list.reveal(landing.row.id, { select: true });
  return landing;
}

async function look(list: Goable, wish: Wish): Promise<Landing> {
  const row = await rowAt(
    list,
    wish.kind === 'number'
      ? { kind: 'message', id: wish.id, before: 0 }
      : { kind: 'time', time_us: wish.us, before: 0 },
  );
  const isBehind = row && (wish.kind === 'number' ? row.id >= wish.id : row.time_us >= wish.us);
  if (row && isBehind) {
    const isThere = wish.kind === 'time' || row.id === wish.id;
    return { at: isThere ? 'there' : 'next', row };
  }
  const newest = await rowAt(list, { kind: 'end' });
  return newest ? { at: 'newest', row: newest } : { at: 'nowhere' };
}

async function rowAt({ profile, view }: Goable, from: PageFrom): Promise<Row | undefined> {
  const page = await call('history_page', { profile, view, from, count: 1 });
  return page.rows[0];
}
