import { expect, test } from 'vitest';

import en from '../../messages/en.json';
import zh from '../../messages/zh.json';
import { localeOf } from '.';

test('both catalogues hold the same keys', () => {
  expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
});

test('no wording is empty and placeholders agree', () => {
  const placeholders = (text: string) =>
    [...text.matchAll(/\{(\w+)\}/g)].map((hit) => hit[1]).sort();
  for (const [key, text] of Object.entries(en)) {
    const other = (zh as Record<string, unknown>)[key];
    if (typeof text !== 'string' || typeof other !== 'string') continue;
    if (key === '$schema') continue;
    expect(text, key).not.toBe('');
    expect(other, key).not.toBe('');
    expect([...new Set(placeholders(other))], key).toEqual([...new Set(placeholders(text))]);
  }
});

test('the language follows the system, and English is the fallback', () => {
  expect(localeOf(['zh-Hans-CN', 'en'])).toBe('zh');
  expect(localeOf(['de-DE', 'zh-TW'])).toBe('zh');
  expect(localeOf(['fr-FR'])).toBe('en');
});
