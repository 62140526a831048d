/**
 * The next message on the same topic. The engine names the one before; the one behind is found with a view of the topic
 * from that moment on, which is closed again. Where the clock was set back meanwhile, messages of before are passed over.
 */
import { call } from '$src/backend';
import type { MessageId, ProfileId, Row, ViewId } from '$src/bindings/engine';

/** How long to wait before asking again how far the view is, in milliseconds. */
const SOON = 30;

const wait = () => new Promise<void>((resolve) => setTimeout(resolve, SOON));

/** The message behind another one with the same Topic Name; null where there is none. */
export async function nextOnTopic(
  profile: ProfileId,
  row: Pick<Row, 'id' | 'topic' | 'time_us'>,
  pause: () => Promise<void> = wait,
): Promise<MessageId | null> {
  const { view, state } = await call('view_open', {
    profile,
    filter: {
      ...{ topics: [row.topic], without_topics: [], direction: null, qos: [], retain: null },
      ...{ dup: null, from_us: row.time_us, until_us: null, min_size: null, max_size: null },
      ...{ payload: [], user_properties: [], content_type: '' },
    },
  });
  try {
    for (let { complete } = state; !complete; complete = (await stateOf(view)).complete) {
      await pause();
    }
    const from = { kind: 'message' as const, id: row.id + 1, before: 0 };
    const page = await call('history_page', { profile, view, from, count: 1 });
    return page.rows[0]?.id ?? null;
  } finally {
    void call('view_close', { view }).catch(() => undefined);
  }
}

async function stateOf(view: ViewId) {
  const state = await call('view_state', { view });
  if (state.fault) throw state.fault;
  return state;
}
