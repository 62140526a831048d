/**
 * A preset while it is chosen for a draft: its questions, the answers, and what filling in changed. The engine
 * fills in; answers that are secrets do not go there but into the draft's secrets.
 */
import { call } from '$src/backend';
import type { Ask, Preset, PresetId, PresetList, Words } from '$src/bindings/engine';
import { getLocale } from '$src/i18n';

import type { Draft } from './draft.svelte';
import { entryOf } from './field-search';
import { at, differences } from './paths';

/** A field that a preset filled in, and what now stands there. */
export interface Change {
  label: string;
  value: string;
}

/** A text in the language of the window. */
export function inWords(words: Words): string {
  return words[getLocale()];
}

/** The values that a question offers. */
export function offers(ask: Ask): { value: string; label: string }[] {
  return ask.choices.map(({ value, label }) => ({ value, label: inWords(label) }));
}

export class PresetChoice {
  list = $state.raw<PresetList>({ providers: [], own: [] });
  chosen = $state.raw<Preset | null>(null);
  answers = $state<Record<string, string>>({});
  /** The questions are shown: the preset was just chosen, or is to fill in once more. */
  asking = $state(false);
  /** What the last filling in changed; none before. */
  changes = $state.raw<Change[] | null>(null);

  readonly #draft: Draft;

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  async load(): Promise<void> {
    this.list = await call('presets_list', {});
    this.#take(this.#draft.profile.preset);
  }

  get isOwn(): boolean {
    return this.list.own.some(({ id }) => id === this.chosen?.id);
  }

  /** The profile is held against the preset's rules from now on; nothing is filled in yet. */
  choose(id: PresetId | null): void {
    this.#take(id);
    this.#draft.profile.preset = id;
    this.asking = this.chosen !== null;
  }

  #take(id: PresetId | null): void {
    const { providers, own } = this.list;
    const preset = [...providers, ...own].find((each) => each.id === id) ?? null;
    this.chosen = preset;
    this.changes = null;
    const begin = (ask: Ask) => [ask.id, this.#known(ask)] as const;
    this.answers = Object.fromEntries((preset?.asks ?? []).map(begin));
  }

  /** What an answer begins with: the first that is offered, or what the profile has under the question's name. */
  #known(ask: Ask): string {
    const [first] = offers(ask);
    if (first) return first.value;
    const { endpoint, user_name } = this.#draft.profile;
    const known: Record<string, string> = { host: endpoint.host, path: endpoint.path, user_name };
    return ask.secret === null ? (known[ask.id] ?? '') : '';
  }

  /** Questions without whose answer nothing can be filled in. A secret can be given later. */
  get open(): Ask[] {
    const asks = this.chosen?.asks ?? [];
    return asks.filter(({ id, secret }) => secret === null && !this.answers[id]?.trim());
  }

  async fillIn(): Promise<void> {
    const preset = this.chosen;
    if (!preset) return;
    const draft = this.#draft;
    const before = draft.toProfile();
    const plain = preset.asks.filter(({ secret }) => secret === null);
    const answers = Object.fromEntries(
      plain.map(({ id }) => [id, (this.answers[id] ?? '').trim()]),
    );
    const after = await call('preset_apply', { preset: preset.id, answers, profile: before });
    draft.load(after);
    const changes = differences(before, draft.toProfile())
      .filter((path) => path !== 'preset')
      .map((path) => ({ label: labelOf(path), value: valueOf(at(after, path)) }));
    for (const { id, label, secret } of preset.asks) {
      const answer = this.answers[id] ?? '';
      if (secret === null || answer === '') continue;
      draft.setSecret(secret, answer);
      changes.push({ label: inWords(label), value: '••••••' });
    }
    this.changes = changes;
    this.asking = false;
  }

  /** Keeps the draft's settings as a preset of one's own. The draft stays with the preset that it has. */
  async save(name: string): Promise<void> {
    await call('preset_save', { name, profile: this.#draft.toProfile() });
    this.list = await call('presets_list', {});
  }

  /** Removes the chosen preset, which is one's own. */
  async remove(): Promise<void> {
    const { chosen } = this;
    if (!chosen || !this.isOwn) return;
    await call('preset_delete', { id: chosen.id });
    this.list = await call('presets_list', {});
    this.choose(null);
  }
}

function labelOf(path: string): string {
  return entryOf(path)?.label() ?? path;
}

/** A value in a few characters. */
function valueOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
