/** The timelines that the window has looked at, one for each profile, kept while it is open. */
import type { ProfileId } from '$src/bindings/engine';

import { Timeline, type PacketsEvent } from './packets.svelte';
import { outliving } from './reactive.svelte';

const timelines = new Map<ProfileId, Timeline>();

/** The timeline of a profile; made, and loaded, when it is first asked for. */
export function timelineOf(profile: ProfileId): Timeline {
  let timeline = timelines.get(profile);
  if (!timeline) {
    timeline = outliving(() => new Timeline(profile));
    timelines.set(profile, timeline);
    void timeline.load();
  }
  return timeline;
}

/** Passes an event to the timeline it is about, where the window has one. */
export function packetsChanged(event: PacketsEvent): void {
  timelines.get(event.profile)?.changed(event);
}

/** Builds all timelines anew: after a gap in the events. */
export function reloadTimelines(): void {
  for (const timeline of timelines.values()) void timeline.load();
}
