/** Writes conditions as a text of the filter bar that reads as the same conditions, in the shortest way that does. */
import { noConditions, type Comparison, type Conditions, type PayloadCondition } from './filter';
import { says } from './filter-parse';
import { quote, Scanner, word } from './filter-scan';
import { formatMoment } from './filter-time';

const SIGNS: Record<Comparison, string> = {
  exists: '',
  equal: '=',
  not_equal: '!=',
  less: '<',
  at_most: '<=',
  greater: '>',
  at_least: '>=',
  contains: '~',
};

export function formatFilter(conditions: Conditions): string {
  const { direction, qos, retain, dup, from_us, until_us, content_type } = conditions;
  const parts = [
    ...conditions.topics.map(topic),
    ...conditions.without_topics.map(without),
    direction === null ? '' : direction === 'received' ? 'in' : 'out',
    qos.length > 0 ? `qos:${qos.join(',')}` : '',
    retain === null ? '' : retain ? 'retain' : '-retain',
    dup === null ? '' : dup ? 'dup' : '-dup',
    from_us === null ? '' : `after:${formatMoment(from_us)}`,
    until_us === null ? '' : `before:${formatMoment(until_us)}`,
    ...sizes(conditions),
    content_type === '' ? '' : `type:${word(content_type)}`,
    ...conditions.user_properties.map(property),
    ...conditions.payload.map(payload),
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function topic(filter: string): string {
  return says(filter, { ...noConditions(), topics: [filter] }) ? filter : `topic:${word(filter)}`;
}

function without(filter: string): string {
  const bare = `-${filter}`;
  const expected = { ...noConditions(), without_topics: [filter] };
  return says(bare, expected) ? bare : `-topic:${word(filter)}`;
}

function sizes({ min_size, max_size }: Conditions): string[] {
  if (min_size !== null && min_size === max_size) return [`size=${min_size}`];
  return [
    min_size === null ? '' : `size>=${min_size}`,
    max_size === null ? '' : `size<=${max_size}`,
  ];
}

function property({ name, value }: { name: string; value: string }): string {
  const plain = /["=\s]/.test(name) ? quote(name) : name;
  return `prop:${plain}${value === '' ? '' : `=${word(value)}`}`;
}

function payload(test: PayloadCondition): string {
  switch (test.kind) {
    case 'text':
      if (test.case_sensitive) return `exact:${word(test.text)}`;
      // A sign of comparison would belong to the path before it.
      return meant(test.text, test) && !/^[<>=!~]/.test(test.text) ? test.text : quote(test.text);
    case 'regex': {
      const { pattern, case_sensitive } = test;
      const short = `/${pattern.replaceAll('/', '\\/')}/${case_sensitive ? '' : 'i'}`;
      return meant(short, test) ? short : `regex${case_sensitive ? '' : 'i'}:${quote(pattern)}`;
    }
    case 'json': {
      const { path, comparison, value } = test;
      if (comparison === 'exists') return path;
      return `${path} ${SIGNS[comparison]} ${isWhole(value) ? value : JSON.stringify(value)}`;
    }
  }
}

function meant(text: string, test: PayloadCondition): boolean {
  return says(text, { ...noConditions(), payload: [test] });
}

/** Whether a value is read as it stands. */
function isWhole(value: string): boolean {
  return value !== '' && !/^\s/.test(value) && new Scanner(value).json() === value;
}
