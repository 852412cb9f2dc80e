import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkNode } from '../../../adapters/cli/doctor.ts';
import { exitCodeOf } from '../../../adapters/cli/run-cli.ts';
import { AppError } from '../../../src/index.ts';
import { createWorkplace, type Workplace } from './harness.ts';

let place: Workplace;
beforeAll(async () => {
  place = await createWorkplace();
});
afterAll(() => place.remove());

describe('easel models', () => {
  it('list tells every model and which is the default', async () => {
    const { exitCode, stdout } = await place.run(['models', 'list']);
    expect(stdout).toMatch(/^tiny \(default\): .+, \d+\.\d MB, .+\n$/u);
    expect(exitCode).toBe(0);
    expect(JSON.parse((await place.run(['models', 'list', '--json'])).stdout)).toMatchObject({
      models: [{ name: 'tiny', isDefault: true }],
    });
  });

  it('info tells what the model draws, and its license', async () => {
    const { stdout } = await place.run(['models', 'info']);
    expect(stdout).toMatch(/^food: +apple/mu);
    expect(stdout).toMatch(/^animals: +cat, dog, fox/mu);
    expect(JSON.parse((await place.run(['models', 'info', '--json'])).stdout).things.animals).toContain('fox');
    expect(stdout).toMatch(/^license: +\S/mu);
  });

  it('info of an unknown model answers with the nearest', async () => {
    const { exitCode, stderr } = await place.run(['models', 'info', 'tinny']);
    expect(stderr).toContain('Did you mean tiny?');
    expect(exitCode).toBe(2);
  });

  it('verify tells that the files are as shipped', async () => {
    expect(await place.run(['models', 'verify'])).toEqual({
      exitCode: 0,
      stdout: 'tiny: 9 files, all as shipped\n',
      stderr: '',
    });
  });
});

describe('easel doctor', () => {
  it('tells what works here, device by device', async () => {
    const { exitCode, stdout, stderr } = await place.run(['doctor', '--json']);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      checks: ['node', 'machine', 'configuration', 'disk', 'database', 'model', 'drawing'].map((name) => ({
        name,
        ok: true,
      })),
      devices: [{ device: 'cpu', passed: true }],
    });
  });

  it('tells a database that does not answer, and one that cannot be opened', async () => {
    const databaseUrl = 'postgres://nobody@127.0.0.1:1/easel';
    const { stdout } = await place.run(['doctor'], { environment: { EASEL_DEVICE: 'cpu', DATABASE_URL: databaseUrl } });
    expect(stdout).toMatch(/^no {2}database: .+\.$/mu);
    expect(stdout).not.toContain(databaseUrl);
    await writeFile(place.path('file'), '');
    const environment = { EASEL_DEVICE: 'cpu', EASEL_DATA_DIR: place.path('file') };
    expect((await place.run(['doctor'], { environment })).stdout).toMatch(/^no {2}database: .+file/mu);
  });

  it('goes on after a broken configuration and exits 1', async () => {
    const { exitCode, stdout } = await place.run(['doctor'], { environment: { EASEL_PORT: 'x' } });
    expect(stdout).toContain('no  configuration: ');
    expect(stdout).toContain('EASEL_PORT must be a whole number');
    expect(exitCode).toBe(1);
  });

  it('knows which Node is too old', () => {
    expect(['18.20.0', '20.18.9', '20.19.0', '22.0.0'].map((version) => checkNode(version).ok)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});

describe('the command line', () => {
  it('--help and --version are done, not wrong', async () => {
    expect(await place.run(['--version'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/u),
    });
    const help = await place.run(['imagine', '--help']);
    expect(help.exitCode).toBe(0);
    for (const flag of ['--out', '--seed', '--n', '--model', '--json', '--no', '--style'])
      expect(help.stdout).toContain(flag);
  });

  it('without a command says what there is', async () => {
    const { exitCode, stderr } = await place.run([]);
    expect(stderr).toContain('imagine');
    expect(exitCode).toBe(2);
  });

  it('start hands over the whole configuration, or tells every problem', async () => {
    const ports: number[] = [];
    const program = { start: (config: { web: { port: number } }) => Promise.resolve(void ports.push(config.web.port)) };
    expect((await place.run(['start'], { environment: { EASEL_PORT: '4000' }, program })).exitCode).toBe(0);
    expect(ports).toEqual([4000]);
    const { exitCode, stderr } = await place.run(['start'], {
      environment: { EASEL_PORT: 'x', DATABASE_URL: 'y' },
      program,
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/EASEL_PORT[\s\S]*DATABASE_URL/u);
    expect(ports).toEqual([4000]);
  });

  it('tells a fault of its own in a sentence, with the stack only on demand', async () => {
    const program = { start: () => Promise.reject(new RangeError('out of range')) };
    const plain = await place.run(['start'], { program });
    expect(plain).toMatchObject({ exitCode: 1, stdout: '' });
    expect(plain.stderr).toMatch(
      /^easel: Something broke that should not: out of range .+EASEL_LOG_LEVEL=debug[^\n]+\n$/u,
    );
    const debug = await place.run(['start'], { program, environment: { EASEL_LOG_LEVEL: 'debug' } });
    expect(debug.stderr).toMatch(/\n\s+at /u);
  });

  it('exits 2 for what was typed wrong and 1 for what could not be done', () => {
    expect(exitCodeOf(new AppError('INPUT_FLAG_VALUE', ''))).toBe(2);
    expect(exitCodeOf(new AppError('MODEL_UNKNOWN', ''))).toBe(2);
    expect(exitCodeOf(new AppError('MODEL_MISSING', ''))).toBe(1);
    expect(exitCodeOf(new AppError('CONFIG_INVALID', ''))).toBe(1);
    expect(exitCodeOf(new AppError('INTERNAL', ''))).toBe(1);
  });
});
