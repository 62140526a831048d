/** Reports for the preview: `failed`, `waiting` and `connected` have one, and the scenes `diagnose*` show the page. */
import { flushSync } from 'svelte';

import { app } from '$src/state/app.svelte';
import { diagnosingOf } from '$src/state/diagnosing.svelte';

import type { MemoryEngine } from './memory';
import { allWell, loginPage, unknownCa } from './reports';

export function giveReports(engine: MemoryEngine, scene: string): void {
  engine.diagnosis.sessions.set('a', scene === 'connected' ? allWell() : unknownCa());
  engine.diagnosis.outcome =
    { 'diagnose-failed': unknownCa(), 'diagnose-page': loginPage() }[scene] ?? allWell();
}

/** The scenes `diagnose` (before it begins), `-running`, `-failed`, `-page` and `-ok`; &unfold opens all stages. */
export async function showDiagnosis(
  engine: MemoryEngine,
  scene: string,
  unfold: boolean,
): Promise<void> {
  if (scene.startsWith('diagnose')) {
    app.go({ at: 'diagnose', id: 'a' });
    const profile = app.profiles.byId('a');
    if (scene !== 'diagnose' && profile) {
      await diagnosingOf('a').start(profile, scene === 'diagnose-ok');
      if (scene === 'diagnose-running') engine.diagnosis.reach(4);
      else engine.diagnosis.finish();
    }
  }
  if (!unfold) return;
  await new Promise((shown) => setTimeout(shown, 200));
  const folds = '[data-testid^=diagnosis-stage-][aria-expanded=false]';
  for (const fold of document.querySelectorAll<HTMLElement>(folds)) fold.click();
  flushSync();
}
