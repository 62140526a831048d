import { describe, expect, it } from 'vitest';
import { PullScheduler, type Clock } from './pull';

class SetClock implements Clock {
  time = 0;
  #timers: { at: number; run: () => void }[] = [];
  now = () => this.time;
  after = (ms: number, run: () => void) => {
    const timer = { at: this.time + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };
  async pass(ms: number): Promise<void> {
    this.time += ms;
    const due = this.#timers.filter((timer) => timer.at <= this.time);
    this.#timers = this.#timers.filter((timer) => timer.at > this.time);
    due.forEach((timer) => timer.run());
    await settle();
  }
}

const settle = async () => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};

function setUp() {
  const clock = new SetClock();
  const starts: number[] = [];
  const ends: (() => void)[] = [];
  const scheduler = new PullScheduler(
    () => {
      starts.push(clock.time);
      return new Promise((resolve) => ends.push(resolve));
    },
    80,
    clock,
  );
  const end = async () => {
    ends.shift()?.();
    await settle();
  };
  return { clock, starts, end, scheduler };
}

describe('the pull scheduler', () => {
  it('starts the first pull at once', () => {
    const { scheduler, starts } = setUp();
    scheduler.request('soon');
    expect(starts).toEqual([0]);
  });

  it('has one pull in flight, however slow it is', async () => {
    const { scheduler, starts, clock, end } = setUp();
    scheduler.request('soon');
    scheduler.request('now');
    await clock.pass(500);
    expect(starts).toEqual([0]);
    await end();
    expect(starts).toEqual([0, 500]);
  });

  it('keeps the interval between pulls that follow', async () => {
    const { scheduler, starts, clock, end } = setUp();
    scheduler.request('soon');
    await end();
    for (let ms = 0; ms < 200; ms += 10) {
      scheduler.request('soon');
      await clock.pass(10);
      await end();
    }
    expect(starts).toEqual([0, 80, 160]);
  });

  it('does not wait when the person scrolls', async () => {
    const { scheduler, starts, clock, end } = setUp();
    scheduler.request('soon');
    await end();
    await clock.pass(10);
    scheduler.request('soon');
    expect(starts).toEqual([0]);
    scheduler.request('now');
    expect(starts).toEqual([0, 10]);
    await end();
    await clock.pass(500);
    expect(starts).toEqual([0, 10]);
  });

  it('goes on after a pull that failed', async () => {
    const clock = new SetClock();
    let calls = 0;
    const scheduler = new PullScheduler(
      () => {
        calls += 1;
        return Promise.reject(new Error('no'));
      },
      80,
      clock,
    );
    scheduler.request('soon');
    await settle();
    scheduler.request('now');
    await settle();
    expect(calls).toBe(2);
  });

  it('starts nothing after it was stopped', async () => {
    const { scheduler, starts, clock, end } = setUp();
    scheduler.request('soon');
    scheduler.request('soon');
    scheduler.stop();
    await end();
    await clock.pass(500);
    scheduler.request('now');
    expect(starts).toEqual([0]);
  });
});
