/** Text reaches contrast AA (4.5:1) on every ground that it stands on, in both themes. */
import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

const css = readFileSync('src/styles/tokens.css', 'utf8');

function theme(name: string): Record<string, string> {
  const block = css.split(`[data-theme='${name}'] {`)[1]?.split('}')[0] ?? '';
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((hit) => [hit[1] ?? '', hit[2] ?? '']),
  );
}

/** Relative luminance (WCAG 2.2). */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const plain = ['fg', 'fg-2', 'fg-3', 'accent', 'ok', 'warn', 'bad'].flatMap((text) =>
  ['bg', 'bg-2', 'bg-3'].map((ground) => [text, ground]),
);
const code = ['key', 'string', 'number', 'literal', 'sent', 'received'].flatMap((text) =>
  ['bg', 'bg-2', 'sel'].map((ground) => [text, ground]),
);
const given = ['red', 'orange', 'yellow', 'green', 'teal', 'blue', 'purple', 'grey'].flatMap(
  (colour) => ['bg', 'bg-2', 'bg-3', 'sel'].map((ground) => [`colour-${colour}`, ground]),
);
const pairs = [
  ...plain,
  ...given,
  ...code,
  ['fg', 'sel'],
  ['fg-2', 'sel'],
  ['fg-3', 'sel'],
  ['accent', 'accent-bg'],
  ['on-accent', 'accent'],
  ['on-accent', 'accent-hover'],
  ['on-bad', 'bad'],
  ['on-bad', 'bad-hover'],
  ['bad', 'bad-bg'],
  ['fg', 'bad-bg'],
  ['fg-2', 'bad-bg'],
  ['warn', 'warn-bg'],
  ['fg-2', 'warn-bg'],
  ['ok', 'ok-bg'],
];

test.each(['light', 'dark'])('text can be read in the %s theme', (name) => {
  const tokens = theme(name);
  const poor = pairs
    .map(([text = '', ground = '']) => {
      const ratio = contrast(tokens[text] ?? '#000000', tokens[ground] ?? '#000000');
      return { pair: `${text} on ${ground}`, ratio: Math.round(ratio * 100) / 100 };
    })
    .filter(({ ratio }) => ratio < 4.5);
  expect(poor).toEqual([]);
});

test.each(['light', 'dark'])(
  'every colour that can be given has a tone in the %s theme',
  (name) => {
    const colours = readFileSync('src/bindings/engine.ts', 'utf8').match(
      /type Colour = (.*);/,
    )?.[1];
    const wanted = [...(colours ?? '').matchAll(/"(\w+)"/g)].map((hit) => `colour-${hit[1] ?? ''}`);
    expect(wanted).toHaveLength(8);
    expect(wanted.filter((colour) => !(colour in theme(name)))).toEqual([]);
  },
);

test('both themes name the same colours', () => {
  expect(Object.keys(theme('dark')).sort()).toEqual(Object.keys(theme('light')).sort());
});
