// The built program as people run it: a process with a folder, an environment and signals.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../dist/adapters/main.js', import.meta.url));
const WAIT_MS = 60_000;

let folder = '';
const running = new Set<ChildProcess>();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-main-'));
});
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
  await rm(folder, { recursive: true, force: true });
});

type Started = {
  readonly child: ChildProcess;
  readonly output: { stdout: string; stderr: string };
  ended: Promise<number | null>;
};

function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Started {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, EASEL_DEVICE: 'cpu', EASEL_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (output.stdout += chunk));
  child.stderr.on('data', (chunk) => (output.stderr += chunk));
  const ended = once(child, 'close').then(() => child.exitCode);
  return { child, output, ended };
}

/** Resolves when the output holds a text; fails with all of it when the process ends before. */
async function said({ child, output }: Started, text: string): Promise<void> {
  const all = (): string => output.stdout + output.stderr;
  while (!all().includes(text)) {
    if (child.exitCode !== null) throw new Error(`ended without "${text}": ${all()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('the program', { timeout: WAIT_MS }, () => {
  it('draws with the shipped model and honours the contract of --json', async () => {
    const { ended, output } = start(['imagine', 'a red apple', '--seed', '7', '--out', 'apple.png', '--json']);
    expect(await ended).toBe(0);
    expect(JSON.parse(output.stdout)).toMatchObject({
      files: ['apple.png'],
      width: expect.any(Number),
      height: expect.any(Number),
      seed: 7,
      model: expect.any(String),
      device: 'cpu',
      ms: expect.any(Number),
      tokensPerSecond: expect.any(Number),
    });
    expect(existsSync(join(folder, 'apple.png'))).toBe(true);
  });

  it('tells wrong usage by exit code 2, on standard error alone', async () => {
    const { ended, output } = start(['imagine', 'a fox', '--seed', 'abc']);
    expect(await ended).toBe(2);
    expect(output.stdout).toBe('');
    expect(output.stderr).toMatch(/^easel: --seed cannot be "abc"\. .+\n$/u);
  });

  it('reads .env of the folder it runs in, and tells every problem of it', async () => {
    await writeFile(join(folder, '.env'), 'EASEL_LOG_LEVEL=loud\nDATABASE_URL=nonsense\n');
    const { ended, output } = start(['start']);
    expect(await ended).toBe(1);
    expect(output.stderr).toMatch(/EASEL_LOG_LEVEL must be one of[\s\S]*DATABASE_URL must be an address/u);
    expect(output.stderr).not.toContain('nonsense');
  });

  it('ends on Ctrl-C with exit code 1 and leaves no file', async () => {
    const drawing = start(['imagine', 'a fox', '--n', '16', '--out', 'fox.png']);
    await said(drawing, 'Loading');
    drawing.child.kill('SIGINT');
    expect(await drawing.ended).toBe(1);
    expect(drawing.output.stderr).toMatch(/easel: .+\n$/u);
    expect(await readdir(folder)).toEqual([]);
  });

  it('start owns the data folder until it is told to end; a second one names the folder and the process', async () => {
    const first = start(['start']);
    await said(first, 'ready to draw');
    const second = start(['start']);
    expect(await second.ended).toBe(1);
    expect(second.output.stderr).toContain(join(folder, 'data'));
    expect(second.output.stderr).toContain(String(first.child.pid));
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
  });
});
