/** The requests of each profile. They outlive the pane, because answers come while another is shown. */
import type { Event, ProfileId } from '$src/bindings/engine';

import { outliving } from './reactive.svelte';
import { Requests } from './requests.svelte';

const known = new Map<ProfileId, Requests>();

/** The requests of a profile, made when they are first asked for. */
export function requestsOf(profile: ProfileId): Requests {
  let requests = known.get(profile);
  if (!requests) {
    requests = outliving(() => new Requests(profile));
    known.set(profile, requests);
  }
  return requests;
}

/** Takes in an event of the engine. */
export function requestChanged({ profile, request }: Extract<Event, { event: 'request' }>): void {
  requestsOf(profile).changed(request);
}

/** Builds all of them anew: events were missed. */
export function reloadRequests(): void {
  for (const requests of known.values()) void requests.load();
}
