/** The conditions of a filter as the fields of a form, and back, with what is wrong field by field. */
import type { Comparison, Conditions, PayloadCondition } from '$src/lib/filter';
import { Scanner } from '$src/lib/filter-scan';
import { formatMoment, parseClock, parseMoment, parseSize } from '$src/lib/filter-time';
import { checkFilter, type TopicProblem } from '$src/lib/topic';

export type Tristate = 'any' | 'yes' | 'no';
export type PayloadKind = 'text' | 'exact' | 'regex' | 'regexi' | 'json';

export interface PayloadFields {
  kind: PayloadKind;
  /** The text, the expression, or the path. */
  text: string;
  comparison: Comparison;
  value: string;
}

export interface Fields {
  /** One Topic Filter a line. */
  topics: string;
  without: string;
  direction: 'any' | 'received' | 'sent';
  qos: [boolean, boolean, boolean];
  retain: Tristate;
  dup: Tristate;
  from: string;
  until: string;
  minSize: string;
  maxSize: string;
  payload: PayloadFields[];
  properties: { name: string; value: string }[];
  contentType: string;
}

/** What is wrong, by field: a rule for topics, or that a time, a size or a path cannot be read. */
export type FieldProblems = Partial<{
  topics: TopicProblem;
  without: TopicProblem;
  from: 'time';
  until: 'time' | 'order';
  minSize: 'size';
  maxSize: 'size' | 'order';
  /** By the number of the condition. */
  payload: Record<number, 'path' | 'value'>;
}>;

export function fieldsOf(conditions: Conditions): Fields {
  const { from_us, until_us, min_size, max_size, qos } = conditions;
  const moment = (us: number | null) => (us === null ? '' : formatMoment(us));
  return {
    topics: conditions.topics.join('\n'),
    without: conditions.without_topics.join('\n'),
    direction: conditions.direction ?? 'any',
    qos: [qos.includes(0), qos.includes(1), qos.includes(2)],
    retain: tristate(conditions.retain),
    dup: tristate(conditions.dup),
    from: moment(from_us),
    until: moment(until_us),
    minSize: min_size === null ? '' : String(min_size),
    maxSize: max_size === null ? '' : String(max_size),
    payload: conditions.payload.map(payloadFields),
    properties: conditions.user_properties.map((each) => ({ ...each })),
    contentType: conditions.content_type,
  };
}

/** The conditions that the fields say; they count only where nothing is wrong. */
export function conditionsOf(fields: Fields, now_us: number) {
  const problems: FieldProblems = {};
  const topics = lines(fields.topics);
  const without_topics = lines(fields.without);
  const [wrong, wrongWithout] = [firstProblem(topics), firstProblem(without_topics)];
  if (wrong) problems.topics = wrong;
  if (wrongWithout) problems.without = wrongWithout;

  const from_us = moment(fields.from, now_us, null);
  if (from_us === undefined) problems.from = 'time';
  const until_us = moment(fields.until, now_us, from_us ?? null);
  if (until_us === undefined) problems.until = 'time';
  else if (until_us !== null && (from_us ?? until_us - 1) >= until_us) problems.until = 'order';

  const min_size = size(fields.minSize);
  if (min_size === undefined) problems.minSize = 'size';
  const max_size = size(fields.maxSize);
  if (max_size === undefined) problems.maxSize = 'size';
  else if (max_size !== null && (min_size ?? 0) > max_size) problems.maxSize = 'order';

  const payload: PayloadCondition[] = [];
  for (const [at, test] of fields.payload.entries()) {
    const read = payloadOf(test);
    if (typeof read === 'string') problems.payload = { ...problems.payload, [at]: read };
    else if (read) payload.push(read);
  }
  const conditions: Conditions = {
    topics,
    without_topics,
    direction: fields.direction === 'any' ? null : fields.direction,
    qos: ([0, 1, 2] as const).filter((level) => fields.qos[level]),
    retain: fromTristate(fields.retain),
    dup: fromTristate(fields.dup),
    from_us: from_us ?? null,
    until_us: until_us ?? null,
    min_size: min_size ?? null,
    max_size: max_size ?? null,
    payload,
    user_properties: fields.properties.filter(({ name, value }) => name !== '' || value !== ''),
    content_type: fields.contentType.trim(),
  };
  return { conditions, problems };
}

function payloadFields(test: PayloadCondition): PayloadFields {
  const empty = { comparison: 'exists' as const, value: '' };
  switch (test.kind) {
    case 'text':
      return { kind: test.case_sensitive ? 'exact' : 'text', text: test.text, ...empty };
    case 'regex':
      return { kind: test.case_sensitive ? 'regex' : 'regexi', text: test.pattern, ...empty };
    case 'json':
      return { kind: 'json', text: test.path, comparison: test.comparison, value: test.value };
  }
}

/** The condition; null where nothing is filled in. */
function payloadOf(fields: PayloadFields): PayloadCondition | 'path' | 'value' | null {
  const { kind, text, comparison, value } = fields;
  if (text === '') return null;
  const case_sensitive = kind === 'exact' || kind === 'regex';
  if (kind === 'text' || kind === 'exact') return { kind: 'text', text, case_sensitive };
  if (kind !== 'json') return { kind: 'regex', pattern: text, case_sensitive };
  const path = text.startsWith('$') ? text.trim() : `$.${text.trim()}`;
  if (new Scanner(path, 1).path() !== path.slice(1)) return 'path';
  if (comparison === 'exists') return { kind: 'json', path, comparison, value: '' };
  return value.trim() === '' ? 'value' : { kind: 'json', path, comparison, value: value.trim() };
}

function lines(text: string): string[] {
  const all = text.split('\n').map((line) => line.trim());
  return all.filter((line) => line !== '');
}

function firstProblem(filters: string[]): TopicProblem | null {
  for (const filter of filters) {
    const problem = checkFilter(filter);
    if (problem) return problem;
  }
  return null;
}

/** Null where nothing is said, undefined where it cannot be read. */
function moment(text: string, now_us: number, after_us: number | null): number | null | undefined {
  const said = text.trim().replace(' ', 'T');
  if (said === '') return null;
  return parseMoment(said) ?? parseClock(said, now_us, after_us) ?? undefined;
}

function size(text: string): number | null | undefined {
  const said = text.replaceAll(/[\s,]/g, '');
  return said === '' ? null : (parseSize(said) ?? undefined);
}

function tristate(value: boolean | null): Tristate {
  return value === null ? 'any' : value ? 'yes' : 'no';
}

function fromTristate(value: Tristate): boolean | null {
  return value === 'any' ? null : value === 'yes';
}
