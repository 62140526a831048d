/** The language of the filter bar: what it reads, how it explains mistakes, and that it reads what it writes. */
import { describe, expect, it, test } from 'vitest';

import { isEverything, noConditions, type Conditions, type MistakeCode } from './filter';
import { formatFilter } from './filter-format';
import { parseFilter } from './filter-parse';

/** 2026-11-21, 14:30:00.5, local time. */
const NOW = new Date(2026, 10, 21, 14, 30, 0, 500).getTime() * 1_000;
const AROUND = { now_us: NOW, subscriptions: ['plant/+/t', '$share/g/cmd/#', 'two words'] };

const local = (...fields: [number, number, number, number, number, number?]) =>
  new Date(...fields).getTime() * 1_000;

function read(text: string): Partial<Conditions> {
  const parsed = parseFilter(text, AROUND);
  if (!parsed.ok) throw new Error(`${text}: ${JSON.stringify(parsed.mistake)}`);
  const empty = noConditions();
  const said = Object.entries(parsed.conditions).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(empty[name as keyof Conditions]),
  );
  return Object.fromEntries(said);
}

const text = (value: string, case_sensitive = false) => ({
  kind: 'text' as const,
  text: value,
  case_sensitive,
});
const regex = (pattern: string, case_sensitive = true) => ({
  kind: 'regex' as const,
  pattern,
  case_sensitive,
});
const json = (path: string, comparison: string, value = '') => ({
  ...{ kind: 'json', path, comparison, value },
});

describe('reading', () => {
  const cases: [string, object][] = [
    ['', {}],
    ['   ', {}],
    ['plant/#', { topics: ['plant/#'] }],
    ['plant/# lab/+/t', { topics: ['plant/#', 'lab/+/t'] }],
    ['# -plant/+/raw', { topics: ['#'], without_topics: ['plant/+/raw'] }],
    ['$SYS/#', { topics: ['$SYS/#'] }],
    ['/leading/slash', { topics: ['/leading/slash'] }],
    ['topic:lab', { topics: ['lab'] }],
    ['topic:"two words"', { topics: ['two words'] }],
    ['-topic:lab', { without_topics: ['lab'] }],
    ['sub:plant/+/t', { topics: ['plant/+/t'] }],
    ['sub:$share/g/cmd/#', { topics: ['cmd/#'] }],
    ['sub:"two words"', { topics: ['two words'] }],
    ['door', { payload: [text('door')] }],
    ['door open', { payload: [text('door'), text('open')] }],
    ['"door open"', { payload: [text('door open')] }],
    [String.raw`"a \"b\" \\ \n \d"`, { payload: [text('a "b" \\ \n \\d')] }],
    ['"plant/#"', { payload: [text('plant/#')] }],
    ['text:in', { payload: [text('in')] }],
    ['exact:ERROR', { payload: [text('ERROR', true)] }],
    ['EXACT:"A b"', { payload: [text('A b', true)] }],
    ['温度', { payload: [text('温度')] }],
    ['/temp.*[0-9]/', { payload: [regex('temp.*[0-9]')] }],
    ['/a b/i', { payload: [regex('a b', false)] }],
    [String.raw`/a\/b\d/`, { payload: [regex(String.raw`a/b\d`)] }],
    ['/plant /x/', { topics: ['/plant'], payload: [regex('x')] }],
    [String.raw`regex:"a/b \d"`, { payload: [regex(String.raw`a/b \d`)] }],
    ['regexi:a', { payload: [regex('a', false)] }],
    ['$.temp', { payload: [json('$.temp', 'exists')] }],
    ['$.temp>30', { payload: [json('$.temp', 'greater', '30')] }],
    ['$.temp > 30 in', { direction: 'received', payload: [json('$.temp', 'greater', '30')] }],
    ['$.a >= -1.5e3', { payload: [json('$.a', 'at_least', '-1.5e3')] }],
    ['$.a<1', { payload: [json('$.a', 'less', '1')] }],
    ['$.a <=1', { payload: [json('$.a', 'at_most', '1')] }],
    ['$.a != on', { payload: [json('$.a', 'not_equal', 'on')] }],
    ['$.a == "a b"', { payload: [json('$.a', 'equal', '"a b"')] }],
    ['$.a = {"b": [1, 2]}', { payload: [json('$.a', 'equal', '{"b": [1, 2]}')] }],
    ['$.a ~ lab', { payload: [json('$.a', 'contains', 'lab')] }],
    ['$ = 5', { payload: [json('$', 'equal', '5')] }],
    ["$['a b'][*].t", { payload: [json("$['a b'][*].t", 'exists')] }],
    ['$.v[?(@.t > 3)] x', { payload: [json('$.v[?(@.t > 3)]', 'exists'), text('x')] }],
    ['qos:1,2', { qos: [1, 2] }],
    ['qos:2 QoS:0', { qos: [0, 2] }],
    ['retain -dup', { retain: true, dup: false }],
    ['-retain dup', { retain: false, dup: true }],
    ['in', { direction: 'received' }],
    ['out', { direction: 'sent' }],
    ['size>1k', { min_size: 1_001 }],
    ['size>=1ki size < 2MB', { min_size: 1_024, max_size: 1_999_999 }],
    ['size=0', { min_size: 0, max_size: 0 }],
    ['type:json', { content_type: 'json' }],
    ['prop:site', { user_properties: [{ name: 'site', value: '' }] }],
    ['prop:site=a=b', { user_properties: [{ name: 'site', value: 'a=b' }] }],
    ['prop:=7', { user_properties: [{ name: '', value: '7' }] }],
    ['prop:"a =b"="c d"', { user_properties: [{ name: 'a =b', value: 'c d' }] }],
    ['after:14:05', { from_us: local(2026, 10, 21, 14, 5) }],
    ['after:23:50', { from_us: local(2026, 10, 20, 23, 50) }],
    ['after:9:00:00.25', { from_us: local(2026, 10, 21, 9, 0) + 250_000 }],
    ['before:2026-11-21T09:00', { until_us: local(2026, 10, 21, 9, 0) }],
    ['after:2026-11-20', { from_us: local(2026, 10, 20, 0, 0) }],
    ['after:2026-11-21T09:00:00.000001Z', { from_us: Date.UTC(2026, 10, 21, 9) * 1_000 + 1 }],
    ['after:2026-11-21T09:00+02:00', { from_us: Date.UTC(2026, 10, 21, 7) * 1_000 }],
    [
      'before:00:10 after:23:50',
      { from_us: local(2026, 10, 20, 23, 50), until_us: local(2026, 10, 21, 0, 10) },
    ],
    ['last:15m', { from_us: NOW - 900_000_000 }],
    ['last:1.5h', { from_us: NOW - 5_400_000_000 }],
  ];
  test.each(cases)('%s', (from, expected) => expect(read(from)).toEqual(expected));
});

describe('a mistake is told with its place', () => {
  const cases: [string, MistakeCode, string][] = [
    ['in "door open', 'quote_open', '"door open'],
    ['$.a = "b', 'quote_open', '$.a = "b'],
    ['$.a[0', 'path', '$.a[0'],
    ['x $.a >', 'value', '$.a >'],
    ['text:', 'value', 'text:'],
    ['""', 'value', '""'],
    ['prop:', 'value', 'prop:'],
    ['colour:red', 'unknown', 'colour:red'],
    ['http://x/y', 'unknown', 'http://x/y'],
    ['plant/#/x', 'topic', 'plant/#/x'],
    ['in topic:a+', 'topic', 'a+'],
    ['-a/b+', 'topic', 'a/b+'],
    ['qos:3', 'qos', 'qos:3'],
    ['qos:1,', 'qos', 'qos:1,'],
    ['size>big', 'size', 'size>big'],
    ['size>5g', 'size', 'size>5g'],
    ['size<0', 'size', 'size<0'],
    ['size>5000m', 'size', 'size>5000m'],
    ['after:25:00', 'time', 'after:25:00'],
    ['after:2026-02-30', 'time', 'after:2026-02-30'],
    ['before:soon in', 'time', 'before:soon'],
    ['last:15', 'span', 'last:15'],
    ['-door', 'without', '-door'],
    ['-"a/b"', 'without', '-"a/b"'],
    ['-text:a/b', 'without', '-text:a/b'],
    ['in out', 'twice', 'out'],
    ['retain -retain', 'twice', '-retain'],
    ['last:15m after:14:00', 'twice', 'after:14:00'],
    ['before:1:00 before:2:00', 'twice', 'before:2:00'],
    ['type:a type:b', 'twice', 'type:b'],
    ['size>5 size<5', 'order', 'size<5'],
    ['after:2026-11-21 before:2026-11-20 in', 'order', 'before:2026-11-20'],
    ['sub:lab/#', 'subscription', 'sub:lab/#'],
  ];
  test.each(cases)('%s', (from, code, value) => {
    const parsed = parseFilter(from, AROUND);
    expect(parsed).toMatchObject({ ok: false, mistake: { code, value } });
    if (!parsed.ok) expect(from.indexOf(value)).toBe(parsed.mistake.at);
  });

  it('names the rule for topics', () => {
    expect(parseFilter('a/b+', AROUND)).toMatchObject({ mistake: { rule: 'plus_not_alone' } });
  });
});

it('tells where a condition stands, for what the engine finds wrong', () => {
  const parsed = parseFilter('in /a(/ $.x[0] > 1', AROUND);
  expect(parsed).toMatchObject({
    ok: true,
    pieces: [
      { at: 3, length: 4, value: 'a(' },
      { at: 8, length: 10, value: '$.x[0]' },
    ],
  });
});

describe('writing', () => {
  const cases: [string, string][] = [
    ['', ''],
    ['in plant/#', 'plant/# in'],
    ['topic:plant/a', 'plant/a'],
    ['topic:"a b"  -topic:x', 'topic:"a b" -topic:x'],
    ['text:"in"', '"in"'],
    ['"door"', 'door'],
    ['regex:a', '/a/'],
    ['$.a>1', '$.a > 1'],
    ['$.a == x', '$.a = x'],
    ['size>1k', 'size>=1001'],
    ['size=7', 'size=7'],
    ['after:14:05', 'after:2026-11-21T14:05'],
    ['QoS:2,1', 'qos:1,2'],
    ['sub:$share/g/cmd/#', 'cmd/#'],
  ];
  test.each(cases)('%s', (from, expected) => {
    const parsed = parseFilter(from, AROUND);
    expect(parsed.ok && formatFilter(parsed.conditions)).toBe(expected);
  });

  it('quotes what a value in JSON needs', () => {
    const value = { ...json('$.a', 'equal', 'a b') } as Conditions['payload'][number];
    expect(formatFilter({ ...noConditions(), payload: [value] })).toBe('$.a = "a b"');
  });
});

/** The same sequence in each run. */
function sequence(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test('conditions that are written read as the same conditions', () => {
  const random = sequence(20_261_121);
  const pick = <T>(values: readonly T[]) => values[random(values.length)] as T;
  const some = <T>(make: () => T) => Array.from({ length: random(3) }, make);
  const maybe = <T>(make: () => T) => (random(3) === 0 ? make() : null);
  const letters = 'a Z é温"\\/+#$-.=:<>~,\'[]{}()*?\n\tin'.split('');
  const words = [
    'in',
    'retain',
    '-dup',
    'qos:1',
    'size>1',
    '$.a',
    '/a/',
    '"',
    'a:b',
    ' ',
    '$',
    '-',
  ];
  const any = () =>
    random(4) === 0
      ? pick(words)
      : Array.from({ length: 1 + random(6) }, () => pick(letters)).join('');
  const level = () => any().replace(/[+#/]/g, '') || 'x';
  const topic = () => [...some(level), pick(['+', '#', level()])].join('/');
  const us = () => NOW - random(2 ** 31) * 1_000 - random(1_000);
  for (let round = 0; round < 1_000; round += 1) {
    const [from_us, until_us] = [maybe(us), maybe(() => NOW + random(2 ** 31))];
    const min_size = maybe(() => random(5_000));
    const conditions: Conditions = {
      topics: some(topic),
      without_topics: some(topic),
      direction: pick([null, 'received', 'sent']),
      qos: pick<Conditions['qos']>([[], [0], [1, 2], [0, 1, 2]]),
      retain: pick([null, true, false]),
      dup: pick([null, true, false]),
      from_us,
      until_us,
      min_size,
      max_size: maybe(() => (min_size ?? 0) + random(100)),
      payload: some(() =>
        pick<() => Conditions['payload'][number]>([
          () => ({ kind: 'text', text: any(), case_sensitive: random(2) === 0 }),
          () => ({ kind: 'regex', pattern: any(), case_sensitive: random(2) === 0 }),
          () => ({ kind: 'json', path: '$.a["b c"]', comparison: 'exists', value: '' }),
          () => ({ kind: 'json', path: '$', comparison: 'less', value: pick(['1', '"a b"', 'x']) }),
        ])(),
      ),
      user_properties: some(() => ({ name: any(), value: random(2) === 0 ? '' : any() })),
      content_type: pick(['', 'json', any()]),
    };
    const written = formatFilter(conditions);
    const parsed = parseFilter(written, AROUND);
    expect(parsed, written).toMatchObject({ ok: true, conditions });
    expect(written === '').toBe(isEverything(conditions));
  }
});
