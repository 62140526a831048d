/**
 * The settings, and what follows from them and from the system: the language and the theme in force.
 *
 * Sizes of panes move with the pointer before they are saved. They are the one thing that the window knows
 * better than the engine for a moment; once the pointer rests they are saved, and the engine's word counts.
 */
import { MediaQuery } from 'svelte/reactivity';

import { call } from '$src/backend';
import type { Settings as Saved } from '$src/bindings/engine';
import { localeOf, type Locale } from '$src/i18n';

export class Settings {
  saved = $state.raw<Saved>({
    language: 'system',
    theme: 'system',
    packet_memory_mb: 64,
    layout: {},
    saved_filters: [],
    recent_filters: [],
  });
  #moving = $state.raw<Record<string, number>>({});
  readonly #systemIsDark = new MediaQuery('(prefers-color-scheme: dark)');

  readonly locale: Locale = $derived.by(() =>
    this.saved.language === 'system' ? localeOf(navigator.languages) : this.saved.language,
  );

  readonly theme: 'light' | 'dark' = $derived.by(() => {
    if (this.saved.theme !== 'system') return this.saved.theme;
    return this.#systemIsDark.current ? 'dark' : 'light';
  });

  async load(): Promise<void> {
    this.changed(await call('settings_get', {}));
  }

  /** Takes in an event of the engine. */
  changed(settings: Saved): void {
    this.saved = settings;
  }

  /** The size of a pane in pixels. */
  size(pane: string, usual: number): number {
    return this.#moving[pane] ?? this.saved.layout[pane] ?? usual;
  }

  /** A pane's size while the pointer moves it. */
  move(pane: string, size: number): void {
    this.#moving = { ...this.#moving, [pane]: size };
  }

  /** Saves a pane's size. */
  async rest(pane: string, size: number): Promise<void> {
    await this.change({ layout: { ...this.saved.layout, [pane]: size } });
    this.#moving = Object.fromEntries(
      Object.entries(this.#moving).filter(([name]) => name !== pane),
    );
  }

  async change(part: Partial<Saved>): Promise<void> {
    const settings = { ...this.saved, ...part };
    await call('settings_set', { settings });
    this.changed(settings);
  }
}
