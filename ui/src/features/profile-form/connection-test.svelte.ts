/**
 * The test of a draft as it stands, typed secrets and all: a diagnosis beside whatever runs. Nothing is saved. A fix
 * goes into the draft, where the fields that it changed are marked, and the test is made again.
 */
import { call } from '$src/backend';
import type { DiagnosisOptions, Fix, Problem, Profile } from '$src/bindings/engine';
import { differenceOf, shortened, type Difference } from '$src/features/diagnosis/changes';
import { m } from '$src/i18n';
import { DiagnosisRun, NO_OPTIONS } from '$src/state/diagnosis.svelte';

import type { Draft } from './draft.svelte';
import { at, put } from './paths';

export class ConnectionTest {
  readonly run = new DiagnosisRun();
  /** Whether its report is shown. */
  open = $state(false);
  /** Whether the other schemes are tried on the port after a failure: only with the person's consent. */
  otherSchemes = $state(false);
  /** What the last fix changed, as long as it can be taken back. */
  changes = $state.raw<Difference[]>([]);

  /** The profile that the report is about. */
  profile = $state.raw<Profile | null>(null);

  readonly #draft: Draft;
  /** What was tested, to know whether the draft is another one by now. */
  #tested = $state.raw('');
  #before: Profile | null = null;

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  /** What must be mended first. A connection needs no name. */
  get blocking(): Problem[] {
    return this.#draft.errors.filter(({ field }) => field !== 'name');
  }

  /** Whether the report is about an older state of the draft. */
  get stale(): boolean {
    return this.open && this.#tested !== this.#draft.written;
  }

  /** Begins it, or begins it anew. False where something must be mended first, which the form then shows. */
  async start(): Promise<boolean> {
    const draft = this.#draft;
    await draft.judge();
    if (this.blocking.length > 0) {
      draft.verdicts.showAll();
      return false;
    }
    this.open = true;
    this.#tested = draft.written;
    const profile = draft.toProfile();
    if (draft.errors.length > 0) profile.name = profile.endpoint.host;
    this.profile = profile;
    await this.run.start(profile, draft.secretEdits(), this.#options);
    return true;
  }

  /** Puts a fix into the draft and tests again. */
  async apply(fix: Fix): Promise<void> {
    const draft = this.#draft;
    const before = draft.toProfile();
    const after = await call('fix_apply', { profile: before, fix });
    draft.load(after);
    this.#before = before;
    this.changes = fix.changes.map((change) => differenceOf(change, this.run.report));
    draft.verdicts.mark(
      this.changes.map(({ field, before: old }) => ({
        field,
        words: m.form_changed_from({ before: shortened(old) }),
      })),
    );
    await this.start();
  }

  /** Takes the last fix out of the draft again; what was edited elsewhere stays. */
  undo(): void {
    const profile = this.#draft.toProfile();
    for (const { field } of this.changes) put(profile, field, at(this.#before, field));
    this.#draft.load(profile);
    this.#forget();
  }

  /** Ends the attempt, and forgets what was seen. */
  async close(): Promise<void> {
    this.open = false;
    this.#forget();
    await this.run.close();
  }

  #forget(): void {
    this.#before = null;
    this.changes = [];
    this.#draft.verdicts.mark([]);
  }

  /** The engine itself sees to it that a running session of the profile is not thrown out. */
  get #options(): DiagnosisOptions {
    return { ...NO_OPTIONS, subscribe: true, other_schemes: this.otherSchemes };
  }
}
