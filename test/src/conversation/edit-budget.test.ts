import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEditBudget } from '../../../src/conversation/edit-budget.ts';
import { createLiveMessages } from '../../../src/conversation/live-messages.ts';
import type { MessageRef, Messages } from '../../../src/conversation/messages.ts';
import { answerView } from '../../../src/conversation/views.ts';
import { AppError } from '../../../src/errors.ts';
import { createHandClock } from '../../fakes/hand-clock.ts';

describe('the edit budget', () => {
  it('lets through no more edits than the rate and one burst, whatever the pauses', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 100 }),
        async (pauses) => {
          const clock = createHandClock();
          const budget = createEditBudget(60, clock);
          let taken = 0;
          for (const pauseMs of pauses) {
            while (budget.tryTake()) taken += 1;
            await clock.pass(pauseMs);
          }
          const passedMs = pauses.reduce((sum, pauseMs) => sum + pauseMs, 0);
          expect(taken).toBeLessThanOrEqual(12 + passedMs / 1_000);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('says how long to wait, and has one then', async () => {
    const clock = createHandClock();
    const budget = createEditBudget(60, clock);
    while (budget.tryTake());
    expect(budget.waitMs()).toBeGreaterThan(0);
    await clock.pass(budget.waitMs());
    expect(budget.tryTake()).toBe(true);
  });

  it('takes results from an empty bucket, and lets the others wait longer for it', () => {
    const clock = createHandClock();
    const budget = createEditBudget(60, clock);
    while (budget.tryTake());
    const beforeMs = budget.waitMs();
    budget.take();
    expect(budget.waitMs()).toBeGreaterThan(beforeMs);
  });

  it('pauses as long as the platform asks, then goes on at half the rate for a minute', async () => {
    const clock = createHandClock();
    const budget = createEditBudget(60, clock);
    budget.slowDown(10_000);
    expect(budget.tryTake()).toBe(false);
    await clock.pass(10_000);
    while (budget.tryTake());
    expect(budget.waitMs()).toBeGreaterThan(1_500);
    await clock.pass(60_000);
    while (budget.tryTake());
    expect(budget.waitMs()).toBeLessThanOrEqual(1_000);
  });

  it('loses nothing when the clock goes back', () => {
    let nowMs = 100_000;
    const budget = createEditBudget(60, { nowMs: () => nowMs, sleep: async () => {} });
    nowMs -= 50_000;
    expect(budget.tryTake()).toBe(true);
  });
});

describe('live messages', () => {
  const refOf = (id: string): MessageRef => ({ platform: 'chat', channel: 'general', messageId: id });
  type LookUp = Parameters<typeof createLiveMessages>[0]['lookUp'];
  function open(edit: Messages['edit'], editsPerMinute = 60, lookUp: LookUp = async () => null) {
    const clock = createHandClock();
    let count = 0;
    const live = createLiveMessages({
      messages: { edit } as Messages,
      limits: { editsPerMinute, editGapMs: 1_000, editableForMs: 60_000, uploadBytesMax: 1, imageFormats: ['png'] },
      clock,
      viewOf: async (id) => ({ ...answerView(`${id} ${count++}`, 'en'), generationId: id }),
      lookUp,
      onTrouble: () => {},
    });
    return { clock, live };
  }

  it('edits a painting before a waiting one when the budget has one edit', async () => {
    const edited: string[] = [];
    const { clock, live } = open(async (ref) => void edited.push(ref.messageId), 5);
    for (const id of ['waits', 'paints']) live.track(id, refOf(id), clock.nowMs());
    live.touch('waits', 'waiting');
    live.touch('paints', 'painting');
    await clock.pass(1_000);
    expect(edited).toEqual(['paints']);
    await clock.pass(20_000);
    expect(edited).toEqual(['paints', 'waits']);
  });

  it('lets a client listen several times for each edit on its way, without a warning of Node', async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error) => warnings.push(warning);
    process.on('warning', warned);
    const { clock, live } = open(async (_ref, _view, signal) => {
      for (let at = 0; at < 3; at++) signal?.addEventListener('abort', () => {});
      await new Promise(() => {});
    });
    for (const id of ['a', 'b', 'c', 'd']) {
      live.track(id, refOf(id), clock.nowMs());
      live.touch(id, 'painting');
    }
    await clock.pass(5_000);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', warned);
    expect(warnings).toEqual([]);
  });

  it('leaves the gap of the platform between two edits of one message', async () => {
    const edited: number[] = [];
    const { clock, live } = open(async () => void edited.push(clock.nowMs()));
    live.track('a', refOf('a'), clock.nowMs());
    for (let turn = 0; turn < 20; turn++) {
      live.touch('a', 'painting');
      await clock.pass(300);
    }
    const gaps = edited.slice(1).map((atMs, index) => atMs - (edited[index] ?? 0));
    expect(edited.length).toBeGreaterThan(3);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
  });

  it('stops only when the edit on its way has ended, so that nothing overtakes the result', async () => {
    let finish = () => {};
    const { clock, live } = open(() => new Promise((resolve) => (finish = resolve)));
    live.track('a', refOf('a'), clock.nowMs());
    live.touch('a', 'painting');
    await clock.pass(1_000);
    let isStopped = false;
    const stopped = live.stop('a').then(() => {
      isStopped = true;
    });
    await clock.pass(0);
    expect(isStopped).toBe(false);
    finish();
    await stopped;
    live.touch('a', 'painting');
    await clock.pass(10_000);
  });

  it('has one edit of a message on its way at most, even while it is being looked up: an older view must not land last', async () => {
    let answer = () => {};
    const found = new Promise<void>((resolve) => (answer = resolve));
    const finish: (() => void)[] = [];
    const { clock, live } = open(
      () => new Promise((resolve) => void finish.push(resolve)),
      600,
      async (id) => {
        await found;
        return { ref: refOf(id), createdAtMs: 0 };
      },
    );
    live.touch('a', 'painting'); // asks where its message is
    await clock.pass(0);
    live.track('a', refOf('a'), clock.nowMs()); // posted meanwhile
    live.touch('a', 'painting');
    await clock.pass(2_000);
    answer();
    await clock.pass(0);
    expect(finish).toHaveLength(1);
    finish[0]?.();
    await clock.pass(2_000);
    expect(finish).toHaveLength(2);
  });

  it('stops only when an edit that still looks for its message has ended', async () => {
    let answer = () => {};
    const edited: string[] = [];
    const { clock, live } = open(
      async (ref) => void edited.push(ref.messageId),
      60,
      (id) => new Promise((resolve) => (answer = () => resolve({ ref: refOf(id), createdAtMs: 0 }))),
    );
    live.touch('a', 'painting');
    await clock.pass(0);
    let isStopped = false;
    const stopped = live.stop('a').then(() => {
      isStopped = true;
    });
    await clock.pass(0);
    expect(isStopped).toBe(false);
    answer();
    await stopped;
    await clock.pass(2_000);
    expect(edited).toEqual([]);
  });

  it('leaves a message alone that is too old for edits', async () => {
    const edited: string[] = [];
    const { clock, live } = open(async (ref) => void edited.push(ref.messageId));
    live.track('old', refOf('old'), clock.nowMs() - 61_000);
    live.touch('old', 'painting');
    await clock.pass(10_000);
    expect(edited).toEqual([]);
  });

  it('slows down when the platform says it is busy', async () => {
    const { clock, live } = open(async () => {
      throw new AppError('ADAPTER_BUSY', 'Slow.', { details: { retryAfterMs: 30_000 } });
    });
    live.track('a', refOf('a'), clock.nowMs());
    live.touch('a', 'painting');
    await clock.pass(1_000);
    expect(live.budget.waitMs()).toBeGreaterThan(25_000);
  });
});
