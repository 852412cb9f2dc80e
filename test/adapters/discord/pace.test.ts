// How often Discord is asked: connections in a day, tries after a failure, edits of a message.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBackOff } from '../../../adapters/discord/back-off.ts';
import { createEditPace, GAP_MS } from '../../../adapters/discord/edit-pace.ts';
import { openIdentifyBudget } from '../../../adapters/discord/identify-budget.ts';

const DAY_MS = 24 * 3_600_000;

describe('connections', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'easel-discord-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('stay below what Discord allows in a day, however often the program dies', async () => {
    let nowMs = 1_700_000_000_000;
    const path = join(dir, 'identifies.json');
    let taken = 0;
    for (const endMs = nowMs + DAY_MS; nowMs < endMs; ) {
      // Each life of a crash loop takes one and dies.
      const budget = await openIdentifyBudget(path, { total: 1_000, shards: 1 }, () => nowMs);
      const waitMs = budget.waitMs();
      nowMs += waitMs;
      if (nowMs >= endMs) break;
      await budget.take();
      taken += 1;
    }
    expect(taken).toBeGreaterThan(400);
    expect(taken).toBeLessThan(750);
  });

  it('are few at once even where few are allowed', async () => {
    const budget = await openIdentifyBudget(join(dir, 'few.json'), { total: 4, shards: 1 }, () => 0);
    expect(budget.waitMs()).toBe(0);
    await budget.take();
    expect(budget.waitMs()).toBeGreaterThan(DAY_MS / 4);
  });

  it('are counted afresh from a file that is damaged', async () => {
    const path = join(dir, 'bad.json');
    await (await import('node:fs/promises')).writeFile(path, '{"tokens":');
    expect((await openIdentifyBudget(path, { total: 1_000, shards: 1 }, () => 0)).waitMs()).toBe(0);
  });
});

describe('tries after a failure', () => {
  it('come at once after a good while, then later and later, up to a minute', () => {
    let nowMs = 0;
    const backOff = createBackOff(
      () => nowMs,
      () => 1,
    );
    expect(Array.from({ length: 9 }, () => backOff.nextMs())).toEqual([
      0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
    ]);
    backOff.succeeded();
    nowMs += 1_000;
    expect(backOff.nextMs()).toBe(60_000);
    backOff.succeeded();
    nowMs += 60_000;
    expect(backOff.nextMs()).toBe(0);
  });
});

describe('edits on the way', () => {
  const headers = (remaining: number, resetAfterS: number) => ({
    get: (name: string) =>
      ({ 'x-ratelimit-remaining': `${remaining}`, 'x-ratelimit-reset-after': `${resetAfterS}` })[name] ?? null,
  });

  it('wait while a channel has only those left that results need', async () => {
    const pace = createEditPace();
    await pace.turn('1');
    pace.heard('1', headers(1, 0.05));
    const startedAtMs = Date.now();
    await Promise.all([pace.turn('1'), pace.turn('2')]);
    expect(Date.now() - startedAtMs).toBeGreaterThanOrEqual(45);
  });

  it('end their wait when nobody needs them any more', async () => {
    const pace = createEditPace();
    pace.heard('1', headers(0, 3_600));
    const controller = new AbortController();
    const turn = pace.turn('1', controller.signal);
    controller.abort();
    await expect(turn).rejects.toThrow();
  });

  it('come less often while channels run dry, and as before once they have room', () => {
    const pace = createEditPace();
    expect(pace.gapMs).toBe(GAP_MS);
    for (let times = 0; times < 20; times += 1) pace.heard('1', headers(0, 1));
    expect(pace.gapMs).toBeGreaterThan(5 * GAP_MS);
    for (let times = 0; times < 60; times += 1) pace.heard('1', headers(4, 1));
    expect(pace.gapMs).toBe(GAP_MS);
    pace.refused();
    expect(pace.gapMs).toBeGreaterThan(GAP_MS);
  });
});
