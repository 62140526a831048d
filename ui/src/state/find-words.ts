/** What is looked for and in which list, as a person says it and as the engine takes it. */
import { call } from '$src/backend';
import type {
  FindId,
  FindRequest,
  FindStep,
  MessageId,
  ProfileId,
  Towards,
  ViewId,
} from '$src/bindings/engine';

/** The list that is searched. */
export interface Searched {
  readonly profile: ProfileId;
  readonly view: ViewId | null;
  readonly selected: { readonly id: MessageId } | null;
  reveal(id: MessageId, how: { select: boolean }): unknown;
}

export interface Words {
  text: string;
  regex: boolean;
  caseSensitive: boolean;
  topics: boolean;
}

/** What there is to say of the last step. */
export type StepNote = 'from_newest' | 'from_oldest' | 'none' | null;

/** From 1 for people; not before everything has been looked at. */
export function numberOf(number: number | null, complete: boolean): number | null {
  return complete && number !== null ? number + 1 : null;
}

export function requestOf({ text, regex, caseSensitive, topics }: Words): FindRequest {
  const test: FindRequest['test'] = regex
    ? { kind: 'regex', pattern: text, case_sensitive: caseSensitive }
    : { kind: 'text', text, case_sensitive: caseSensitive };
  return { test, topics };
}

/** The next match on one side; behind the last one it begins at the other end, and `note` says so. */
export async function stepRound(
  find: FindId,
  from: MessageId | null,
  towards: Towards,
): Promise<FindStep & { note: StepNote }> {
  const step = await call('find_step', { find, from, towards });
  if (step.at || from === null) return { ...step, note: null };
  const around = await call('find_step', { find, from: null, towards });
  return { ...around, note: towards === 'older' ? 'from_newest' : 'from_oldest' };
}
