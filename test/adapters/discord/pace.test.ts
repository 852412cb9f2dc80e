// How often Discord is asked: connections in a day, tries after a failure, edits of a message.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBackOff } from '../../../adapters/discord/back-off.ts';
import { createEditPace, GAP_MS } from '../../../adapters/discord/edit-pace.ts';
import { openIdentifyBudget } from '../../../adapters/discord/identify-budget.ts';
import { createLateEdits } from '../../../adapters/discord/late-edits.ts';

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

  it('wait while a channel has only those left that results need', () => {
    let nowMs = 0;
    const pace = createEditPace(() => nowMs);
    expect(pace.waitMs('1')).toBe(0);
    pace.heard('1', headers(2, 3));
    expect(pace.waitMs('1')).toBe(3_000);
    expect(pace.waitMs('2')).toBe(0);
    nowMs = 3_000;
    expect(pace.waitMs('1')).toBe(0);
    pace.heard('1', headers(1, 3));
    pace.heard('1', headers(4, 3));
    expect(pace.waitMs('1')).toBe(0);
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

describe('edits that came too early', () => {
  it('are made later, the newest of each message alone', async () => {
    const made: string[] = [];
    const late = createLateEdits(() => {});
    const done = new Promise<void>((resolve) => {
      late.put('1', 5, async () => void made.push('old'));
      late.put('1', 5, async () => {
        made.push('new');
        resolve();
      });
    });
    await done;
    expect(made).toEqual(['new']);
  });

  it('are not made after the result, which waits for one on its way', async () => {
    const made: string[] = [];
    const late = createLateEdits(() => {});
    late.put('1', 5, async () => void made.push('dropped'));
    await late.drop('1');
    let finish = () => {};
    const begun = new Promise<void>((resolve) => {
      late.put('1', 0, () => {
        resolve();
        return new Promise((end) => {
          finish = () => {
            made.push('preview');
            end();
          };
        });
      });
    });
    await begun;
    const dropped = late.drop('1').then(() => made.push('result'));
    finish();
    await dropped;
    expect(made).toEqual(['preview', 'result']);
    late.put('2', 0, async () => void made.push('closed'));
    late.close();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(made).not.toContain('closed');
  });
});
