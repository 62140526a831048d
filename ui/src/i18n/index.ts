/**
 * Words come from messages/{en,zh}.json, compiled by Paraglide into functions. The locale is a
 * function that the state layer gives, so that a change of language redraws in place: nothing that
 * a person has typed is lost, which Paraglide's own way (a reload) would do.
 */
import { overwriteGetLocale, type Locale } from './paraglide/runtime';

export { m } from './paraglide/messages';
export { getLocale, type Locale } from './paraglide/runtime';

/** Lets the words follow `read`, which may be reactive. */
export function followLocale(read: () => Locale): void {
  overwriteGetLocale(read);
}

/** The catalogue for the system's languages, most wanted first. */
export function localeOf(languages: readonly string[]): Locale {
  for (const language of languages) {
    const primary = language.toLowerCase().split('-')[0];
    if (primary === 'zh') return 'zh';
    if (primary === 'en') return 'en';
  }
  return 'en';
}
