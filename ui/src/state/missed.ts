/** What is asked for again after a gap in the events, besides what the window asks for at its start. */
import { reloadDiagnoses } from './diagnosis.svelte';
import { reloadHistories } from './histories';
import { reloadTimelines } from './packets-of';
import { reloadProbes } from './probes.svelte';
import { reloadReplies } from './replies.svelte';
import { reloadRequests } from './requests-of';
import { reloadSides } from './sides-comparison-events';

export function reloadMissed(): void {
  reloadHistories();
  reloadTimelines();
  reloadDiagnoses();
  reloadProbes();
  reloadRequests();
  reloadReplies();
  reloadSides();
}
