import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { createLog } from '../../../src/ops/log.ts';
import { createEasel, type Easel } from '../../../src/studio/create-easel.ts';
import { createIdleWorker } from '../../../src/worker/idle-worker.ts';
import { createWorkplace, type Workplace } from './harness.ts';

const TIMEOUT_MS = 180_000;

describe('limits from the command line', { timeout: TIMEOUT_MS }, () => {
  let place: Workplace;
  let environment: Record<string, string>;
  beforeAll(async () => {
    place = await createWorkplace();
    environment = { EASEL_DATA_DIR: place.path('data') };
  }, TIMEOUT_MS);
  afterAll(() => place.remove());
  const run = (...args: string[]) => place.run(args, { environment });

  async function asks(): Promise<void> {
    const set = await run('limits', 'set', '20', 'pictures', 'per', 'day');
    expect(set).toMatchObject({ exitCode: 0, stderr: '' });
    expect(set.stdout).toContain('20 pictures a day for every place');
    const list = await run('limits', 'list', '--place', 'discord:1234', '--json');
    expect(JSON.parse(list.stdout)).toMatchObject({ kind: 'settings', fields: expect.arrayContaining([]) });
    expect(list.stdout).toContain('20 pictures a day');
    const exported = await run('limits', 'export');
    expect(exported.stdout).toContain('picturesPerDay');
    await writeFile(place.path('limits.yaml'), exported.stdout.replace('value: 20', 'value: 30'));
    const tried = await run('limits', 'import', place.path('limits.yaml'), '--dry');
    expect(tried.stdout).toContain('30 pictures a day');
    expect((await run('limits', 'list')).stdout).not.toContain('30 pictures a day');
    expect((await run('limits', 'import', place.path('limits.yaml'))).exitCode).toBe(0);
    expect((await run('limits', 'list')).stdout).toContain('30 pictures a day');
    expect((await run('words', 'add', 'big', 'guns')).exitCode).toBe(0);
    expect((await run('words', 'test', 'two', 'big', 'guns')).stdout).toContain('big guns');
    expect((await run('limits', 'set', '5', 'pictures', 'per', 'day', '--per', 'everyone')).exitCode).toBe(0);
    expect((await run('limits', 'list')).stdout).toContain('5 pictures a day');
    const wrong = await run('limits', 'set', '-5', 'pictures', 'per', 'day');
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr.length).toBeGreaterThan(20);
    expect((await run('limits', 'list', '--place', 'nowhere')).exitCode).toBe(2);
    expect((await run('limits', 'import', place.path('none.yaml'))).exitCode).toBe(2);
    expect((await run('audit')).stdout).toContain('pictures a day');
  }

  it('are set, listed, exported and imported where no Easel runs', async () => {
    await asks();
  });

  it('are the running Easel’s where one runs, which holds them at once', async () => {
    const config = readConfig(environment);
    const easel: Easel = await createEasel(config, {
      modelsDir: place.modelsDir,
      supervisor: createIdleWorker(),
      log: createLog({ level: 'silent' }),
    });
    try {
      await asks();
      expect(easel.limits.settings(null).blockedWords.words).toContain('big guns');
      const scope = { platform: 'chat', tenant: 'team', channel: 'c', user: 'u', roles: [] };
      const outcome = await easel.studio.submit({ scope, requestKey: 'k-1', target: {}, text: 'two big guns' });
      expect(outcome).toMatchObject({ kind: 'refused', error: { code: 'FILTER_WORDS' } });
    } finally {
      await easel.close();
    }
  });
});
