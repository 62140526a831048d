/** The colours that profiles and folders can have, in words; their tones are tokens. */
import type { Colour } from '$src/bindings/engine';
import { m } from '$src/i18n';

export const COLOURS: readonly Colour[] = [
  'red',
  'orange',
  'yellow',
  'green',
  'teal',
  'blue',
  'purple',
  'grey',
];

export function colourWord(colour: Colour): string {
  const words: Record<Colour, () => string> = {
    red: m.profiles_colour_red,
    orange: m.profiles_colour_orange,
    yellow: m.profiles_colour_yellow,
    green: m.profiles_colour_green,
    teal: m.profiles_colour_teal,
    blue: m.profiles_colour_blue,
    purple: m.profiles_colour_purple,
    grey: m.profiles_colour_grey,
  };
  return words[colour]();
}

/** The token of a colour; none where there is none. */
export function tone(colour: Colour | null | undefined): string | undefined {
  return colour ? `var(--colour-${colour})` : undefined;
}
