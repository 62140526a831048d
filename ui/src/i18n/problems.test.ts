/** A problem's words come from the catalogues; a provider's reason comes with the problem. */
import { expect, test } from 'vitest';

import en from '../../messages/en.json';
import type { Problem } from '$src/bindings/engine';

import { problemText } from './problems';

const problem = (fields: Partial<Problem>): Problem => ({
  field: 'keep_alive',
  weight: 'warning',
  code: 'required',
  limit: '',
  source: '',
  reason: null,
  ...fields,
});

test('a provider gives its own reason, without the address of its page', () => {
  const reason = { en: 'Only 30 to 1200 s.', zh: '仅限 30 至 1200 秒。' };
  const given = problem({ code: 'provider_rule', reason, source: 'https://example.com/a' });
  expect(problemText(given)).toBe(reason.en);
});

test('a format is told by its own words', () => {
  for (const limit of ['json', 'hex', 'base64', 'pem', 'pem_key', 'sha256'] as const) {
    const words = problemText(problem({ code: 'not_in_format', limit }));
    expect(words).toBe(en[`problem_not_in_format_${limit}`]);
  }
});

test('a format without words of its own is told of in general', () => {
  const words = problemText(problem({ code: 'not_in_format', limit: 'morse' }));
  expect(words).toBe(en.problem_not_in_format);
});

test('the source of a rule stands beside it', () => {
  const words = problemText(problem({ source: 'RFC 6335' }));
  expect(words).toBe(`${en.problem_required} [RFC 6335]`);
});
