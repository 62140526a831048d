/**
 * An import from the file to its undo. What is to be done with each profile is chosen here; everything else is the engine's.
 *
 * The last import stays known after the page was left, so that it can be taken back.
 */
import { call, toUserError } from '$src/backend';
import type {
  ImportId,
  ImportItem,
  ImportPreview,
  ImportProgress,
  ImportResult,
  ImportUndone,
  ItemChoice,
  UserError,
} from '$src/bindings/engine';

/** What is done with one profile. */
export type ImportChoice = ItemChoice['choice'];

export type Step = 'source' | 'reading' | 'preview' | 'running' | 'result';

/** An import that can be taken back. */
export interface Done {
  id: ImportId;
  result: ImportResult;
}

const USUAL: Record<ImportItem['state']['state'], ImportChoice[]> = {
  new: ['add', 'skip'],
  same: ['skip', 'copy'],
  exists: ['merge', 'replace', 'copy', 'skip'],
};

/** What can be done with a profile of an import. The suggestion is always among them. */
export function choicesFor(item: ImportItem): ImportChoice[] {
  const usual = USUAL[item.state.state];
  return usual.includes(item.suggested) ? usual : [item.suggested, ...usual];
}

/** What `wanted` for all means for one: what cannot be done with it leaves it as it is. */
export function chosenForAll(
  item: ImportItem,
  wanted: ImportChoice | 'suggested',
  now: ImportChoice,
): ImportChoice {
  if (wanted === 'suggested') return item.suggested;
  return choicesFor(item).includes(wanted) ? wanted : now;
}

export class Importing {
  /** What was typed or pasted. */
  text = $state('');
  path = $state('');
  step = $state.raw<Step>('source');
  preview = $state.raw<ImportPreview | null>(null);
  /** Whether stored messages come too. */
  messages = $state(true);
  progress = $state.raw<ImportProgress | null>(null);
  /** The import that was done last, until it was taken back or put away. */
  done = $state.raw<Done | null>(null);
  /** What taking the last import back did, where that was the last thing that happened. */
  undone = $state.raw<ImportUndone | null>(null);
  error = $state.raw<UserError | null>(null);
  /** Files that were dropped together and are still to be read. */
  waiting = $state.raw<string[]>([]);
  #choices = $state.raw<ReadonlyMap<number, ImportChoice>>(new Map());
  /** Which reading counts; an earlier one that answers late does not. */
  #reading = 0;

  /** How many profiles are brought in, and how many messages come with them. */
  readonly wanted = $derived.by(() => {
    const items = (this.preview?.items ?? []).filter((item) => this.choice(item) !== 'skip');
    return {
      profiles: items.length,
      messages: items.reduce((sum, item) => sum + item.messages, 0),
    };
  });

  choice(item: ImportItem): ImportChoice {
    return this.#choices.get(item.index) ?? item.suggested;
  }

  choose(item: ImportItem, choice: ImportChoice): void {
    this.#choices = new Map(this.#choices).set(item.index, choice);
  }

  chooseAll(wanted: ImportChoice | 'suggested'): void {
    const items = this.preview?.items ?? [];
    this.#choices = new Map(
      items.map((item) => [item.index, chosenForAll(item, wanted, this.choice(item))]),
    );
  }

  /** Reads files that were dropped, one after the other. */
  async readFiles(paths: string[]): Promise<void> {
    const [first, ...rest] = paths;
    if (first === undefined) return;
    this.waiting = rest;
    this.path = first;
    await this.readFile();
  }

  async readFile(): Promise<void> {
    const { path } = this;
    await this.#read(() => call('import_file', { path: path.trim() }));
  }

  async readText(): Promise<void> {
    const { text } = this;
    await this.#read(() => call('import_text', { text }));
  }

  /** Opens the secrets that come with it. What was chosen stays. */
  async unlock(passphrase: string): Promise<void> {
    const { preview } = this;
    if (!preview) return;
    this.error = null;
    try {
      this.preview = await call('import_unlock', { import: preview.import, passphrase });
    } catch (error) {
      this.error = toUserError(error);
    }
  }

  async run(): Promise<void> {
    const { preview } = this;
    if (!preview) return;
    const choices = preview.items.map((item) => ({
      index: item.index,
      choice: this.choice(item),
    }));
    this.error = null;
    this.undone = null;
    this.progress = null;
    this.step = 'running';
    try {
      const { messages } = this;
      const result = await call('import_run', { import: preview.import, choices, messages });
      this.done = { id: preview.import, result };
      this.#forget();
      this.step = 'result';
    } catch (error) {
      this.error = toUserError(error);
      // An import that was ended is not known any more; one that failed can be tried again.
      if (this.error.code === 'cancelled') this.#forget();
      this.step = this.error.code === 'cancelled' ? 'source' : 'preview';
    }
  }

  /** Takes in an event of the engine. */
  progressed(progress: ImportProgress): void {
    if (this.step === 'running' && progress.import === this.preview?.import) {
      this.progress = progress;
    }
  }

  /** Ends what runs, or leaves the preview for another source. */
  async cancel(): Promise<void> {
    const { preview, step } = this;
    this.#reading += 1;
    this.error = null;
    if (step !== 'running') {
      this.step = 'source';
      this.preview = null;
      this.waiting = [];
    }
    if (preview) await call('import_cancel', { import: preview.import });
  }

  /** Takes the last import back. */
  async undo(): Promise<void> {
    const { done } = this;
    if (!done) return;
    this.undone = await call('import_undo', { import: done.id });
    this.done = null;
    if (this.step === 'result') this.step = 'source';
  }

  /** The chance to take it back was not wanted. */
  forgetDone(): void {
    this.done = null;
  }

  /** The page is left: the next time it begins anew. The result can still be taken back from the sidebar. */
  async leave(): Promise<void> {
    this.undone = null;
    if (this.step === 'result') this.step = 'source';
    else if (this.step !== 'running') await this.cancel();
  }

  /** From the result to the next import: the next dropped file, or an empty page. */
  async next(): Promise<void> {
    this.step = 'source';
    await this.readFiles(this.waiting);
  }

  #forget(): void {
    this.preview = null;
    this.progress = null;
    this.text = '';
    this.path = '';
  }

  async #read(ask: () => Promise<ImportPreview>): Promise<void> {
    const stale = this.preview;
    const reading = (this.#reading += 1);
    this.preview = null;
    this.error = null;
    this.undone = null;
    this.step = 'reading';
    try {
      if (stale) await call('import_cancel', { import: stale.import });
      const preview = await ask();
      if (reading !== this.#reading) {
        // Nobody waits for it any more.
        await call('import_cancel', { import: preview.import });
        return;
      }
      this.#choices = new Map();
      this.messages = true;
      this.preview = preview;
      this.step = 'preview';
    } catch (error) {
      if (reading !== this.#reading) return;
      this.error = toUserError(error);
      this.step = 'source';
    }
  }
}
