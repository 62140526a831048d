/** A test tries the draft as it stands and saves nothing; fixes go into the draft, marked, and are tried at once. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { useBackend } from '$src/backend';
import type { Commands, Diagnosis, Fix, Problem, Profile, Report } from '$src/bindings/engine';
import { app } from '$src/state/app.svelte';

import { MemoryEngine, profileOf, userError } from '../../../tests/memory';
import { Draft } from './draft.svelte';
import ProfileForm from './ProfileForm.svelte';

type Asked = Commands['diagnosis_start']['args'];

const OTHER_PORT: Fix = {
  code: 'use_port',
  message: 'Use port 8883.',
  details: { port: '8883' },
  changes: [{ field: 'endpoint.port', before: 1884, after: 8883 }],
  field: null,
};

const FAILED: Diagnosis = { verdict: 'failed', stage: 'tcp', causes: [], fixes: [OTHER_PORT] };
const OK: Diagnosis = { verdict: 'ok', stage: null, causes: [], fixes: [] };

/** An engine whose diagnoses end as told. */
class DiagnosingEngine extends MemoryEngine {
  asked: Asked[] = [];
  cancelled: number[] = [];
  /** What comes of the diagnosis of a port; none as long as it runs. */
  outcome: (port: number) => Diagnosis | null = () => null;

  override async call<K extends keyof Commands>(
    name: K,
    args: Commands[K]['args'],
  ): Promise<Commands[K]['result']> {
    const answer = this.#answer(name, structuredClone(args));
    return answer === undefined ? super.call(name, args) : (answer as Commands[K]['result']);
  }

  #answer(name: keyof Commands, args: unknown): unknown {
    if (name === 'diagnosis_start') {
      this.asked.push(args as Asked);
      return this.asked.length;
    }
    if (name === 'diagnosis_report') {
      return this.#report((args as Commands['diagnosis_report']['args']).diagnosis);
    }
    if (name === 'diagnosis_cancel') {
      this.cancelled.push((args as Commands['diagnosis_cancel']['args']).diagnosis);
      return null;
    }
    if (name === 'fix_apply') {
      const { profile } = args as Commands['fix_apply']['args'];
      return { ...profile, endpoint: { ...profile.endpoint, port: 8883 } };
    }
    return undefined;
  }

  #report(id: number): Report {
    const asked = this.asked[id - 1];
    if (!asked) throw userError('internal');
    const { profile, options } = asked;
    return {
      endpoint: profile.endpoint,
      options,
      problems: [],
      account: null,
      diagnosis: this.outcome(profile.endpoint.port),
    };
  }

  finish(): void {
    this.tell([{ event: 'diagnosis', diagnosis: this.asked.length, finished: true }]);
  }
}

let engine: DiagnosingEngine;
let form: Record<string, unknown> | null = null;

beforeEach(async () => {
  engine = new DiagnosingEngine();
  useBackend(engine);
  await app.start();
});

afterEach(() => {
  if (form) void unmount(form);
  form = null;
});

const profile: Partial<Profile> = {
  name: '',
  endpoint: { scheme: 'mqtts', host: 'broker.example', port: 1884, path: '/mqtt' },
};

function open(part: Partial<Profile> = profile): Draft {
  const draft = new Draft(profileOf('f', part), true);
  form = mount(ProfileForm, { target: document.body, props: { draft } });
  flushSync();
  return draft;
}

function find<T extends HTMLElement>(testid: string): T {
  const found = document.querySelector<T>(`[data-testid="${testid}"]`);
  if (!found) throw new Error(`there is no ${testid}`);
  return found;
}

const has = (testid: string) => document.querySelector(`[data-testid="${testid}"]`) !== null;

async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
  flushSync();
}

async function click(testid: string): Promise<void> {
  find(testid).click();
  await settled();
}

async function finish(): Promise<void> {
  engine.finish();
  await settled();
}

const required = (field: string): Problem => ({
  field,
  weight: 'error',
  code: 'required',
  limit: '',
  source: '',
  reason: null,
});

test('the draft is tried with what was typed for its secrets, and nothing is saved', async () => {
  engine.outcome = () => OK;
  const draft = open();
  draft.profile.user_name = 'lin';
  draft.secrets.set('password', 'hunter2');
  await click('profile-test');
  await finish();
  const [asked] = engine.asked;
  expect(asked?.profile).toMatchObject({ user_name: 'lin', endpoint: { port: 1884 } });
  expect(asked?.secrets).toEqual([{ slot: 'password', value: 'hunter2' }]);
  expect(asked?.options).toMatchObject({ subscribe: true, other_schemes: false });
  expect(find('diagnosis-report').dataset['verdict']).toBe('ok');
  expect(engine.calls.some(({ name }) => name === 'profile_save')).toBe(false);
});

test('a name is not needed for a test', async () => {
  engine.judge = ({ name }) => (name === '' ? [required('name')] : []);
  open();
  await click('profile-test');
  expect(engine.asked[0]?.profile.name).toBe('broker.example');
});

test('a draft with errors is not tried, and the button says what to mend', async () => {
  engine.judge = () => [required('endpoint.host')];
  const draft = open();
  await draft.judge();
  flushSync();
  const button = find<HTMLButtonElement>('profile-test');
  expect(button.disabled).toBe(true);
  expect(button.title).toContain('Host');
  engine.judge = () => [];
  await draft.judge();
  flushSync();
  expect(button.disabled).toBe(false);
});

test('an error that the engine finds only on the click shows the field', async () => {
  open();
  engine.judge = () => [required('endpoint.host')];
  await click('profile-test');
  expect(engine.asked).toEqual([]);
  expect(has('connection-test')).toBe(false);
  expect(find('profile-host-problem').textContent).toBeTruthy();
});

test('a fix goes into the draft, is marked there, and is tried at once', async () => {
  engine.outcome = (port) => (port === 8883 ? OK : FAILED);
  const draft = open();
  await click('profile-test');
  await finish();
  await click('fix-apply');
  expect(draft.toProfile().endpoint.port).toBe(8883);
  expect(find('profile-port-problem').textContent).toContain('1884');
  expect(find('connection-test-changes').textContent).toContain('8883');
  expect(engine.asked.map(({ profile: { endpoint } }) => endpoint.port)).toEqual([1884, 8883]);
  await finish();
  expect(find('diagnosis-report').dataset['verdict']).toBe('ok');
  expect(engine.calls.some(({ name }) => name === 'profile_save')).toBe(false);
});

test('a fix can be taken back without losing what was edited since', async () => {
  engine.outcome = () => FAILED;
  const draft = open();
  await click('profile-test');
  await finish();
  await click('fix-apply');
  draft.profile.user_name = 'lin';
  await click('connection-test-undo');
  expect(draft.toProfile()).toMatchObject({ user_name: 'lin', endpoint: { port: 1884 } });
  expect(has('profile-port-problem')).toBe(false);
  expect(has('connection-test-changed')).toBe(false);
});

test('a mark goes when its field is edited', async () => {
  engine.outcome = () => FAILED;
  const draft = open();
  await click('profile-test');
  await finish();
  await click('fix-apply');
  expect(draft.say('endpoint.port').tone).toBe('changed');
  draft.touch('endpoint.port');
  expect(draft.say('endpoint.port')).toEqual({});
});

test('a report of an older state of the form says so', async () => {
  engine.outcome = () => OK;
  const draft = open();
  await click('profile-test');
  await finish();
  expect(has('connection-test-stale')).toBe(false);
  draft.profile.user_name = 'lin';
  flushSync();
  expect(has('connection-test-stale')).toBe(true);
  await click('connection-test-again');
  expect(has('connection-test-stale')).toBe(false);
});

test('other schemes are tried only with consent', async () => {
  engine.outcome = () => FAILED;
  open();
  await click('profile-test');
  await finish();
  await click('connection-test-schemes');
  await click('connection-test-again');
  expect(engine.asked.map(({ options }) => options.other_schemes)).toEqual([false, true]);
});

test('an attempt ends when its panel is closed, and when the form is left', async () => {
  open();
  await click('profile-test');
  await click('connection-test-close');
  expect(engine.cancelled).toEqual([1]);
  expect(has('connection-test')).toBe(false);
  await click('profile-test');
  if (form) await unmount(form);
  form = null;
  await settled();
  expect(engine.cancelled).toEqual([1, 2]);
});
