import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { SETTING_NAMES } from '../../../src/config.ts';
import { createSupervisedWorker } from '../../../src/worker/supervised-worker.ts';
import { workerEnvironment } from '../../../src/worker/worker-environment.ts';

const SECRETS = {
  DISCORD_TOKEN: 'x',
  SLACK_SIGNING_SECRET: 'x',
  EASEL_HOST_TOKEN: 'x',
  DATABASE_URL: 'postgres://u:p@h/d',
  PGPASSWORD: 'x',
  AWS_SECRET_ACCESS_KEY: 'x',
  OPENAI_API_KEY: 'x',
  npm_config__auth: 'x',
};
const KEPT = {
  PATH: '/bin',
  HOME: '/root',
  CUDA_VISIBLE_DEVICES: '0',
  LD_LIBRARY_PATH: '/lib',
  VK_DRIVER_FILES: '/icd',
};

describe('the environment of a worker', () => {
  it('has paths and settings of drivers, and no secret of anybody', () => {
    expect(workerEnvironment({ ...SECRETS, ...KEPT })).toEqual(KEPT);
    expect(workerEnvironment(Object.fromEntries(SETTING_NAMES.map((name) => [name, 'x'])))).toEqual({});
  });

  it('is all that the process of the worker knows', { timeout: 60_000 }, async () => {
    let told = '';
    const worker = createSupervisedWorker({
      model: 'none',
      entry: fileURLToPath(new URL('./programs/tells-environment.mjs', import.meta.url)),
      environment: { ...SECRETS, ...KEPT },
      restart: { firstDelayMs: 1, maxDelayMs: 1 },
      onLog: (text) => {
        told += text;
      },
    });
    await expect(worker.start()).rejects.toMatchObject({ code: 'WORKER_DIED' });
    await worker.close();
    const names = JSON.parse(told.split('\n')[0] ?? '[]') as string[];
    expect(names).toEqual(expect.arrayContaining(Object.keys(KEPT)));
    expect(names.filter((name) => Object.hasOwn(SECRETS, name))).toEqual([]);
  });
});
