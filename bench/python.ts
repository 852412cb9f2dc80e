/** Python with the recipe's packages, for what only PyTorch can be: `EASEL_PYTHON`, else the environment of `npm run train:setup`. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPackageRoot } from '../src/models/package-root.ts';

export const ROOT = findPackageRoot(import.meta.url);
const RECIPE = join(ROOT, 'models', 'train');

export const PYTHON_ABSENT = 'no Python: set EASEL_PYTHON, or npm run train:setup';

export function findPython(): string | null {
  const chosen = process.env['EASEL_PYTHON'];
  if (chosen !== undefined && chosen !== '') return chosen;
  const parts = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  const own = join(RECIPE, '.venv', ...parts);
  return existsSync(own) ? own : null;
}

/** Runs a program of the recipe, or of `bench/baselines`, and returns what it printed. */
export function runPython(python: string, args: readonly string[]): string {
  const env = { ...process.env, PYTHONPATH: RECIPE };
  const { status, stdout, stderr, error } = spawnSync(python, args, { env, encoding: 'utf8', maxBuffer: 64e6 });
  if (error !== undefined || status !== 0) throw new Error(`${args.join(' ')} failed: ${error?.message ?? stderr}`);
  return stdout;
}

/** The folder of `easel_train.bench_fixture`, made when it is missing or its makers changed. @returns null without Python */
export function benchFixture(): string | null {
  const python = findPython();
  if (python === null) return null;
  const hash = createHash('sha256');
  const sources = join(RECIPE, 'easel_train');
  for (const name of readdirSync(sources)
    .filter((file) => file.endsWith('.py'))
    .sort()) {
    hash.update(readFileSync(join(sources, name)));
  }
  const folder = join(tmpdir(), `easel-bench-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(folder)) return folder;
  process.stderr.write('Making the model of the benchmarks: half a minute, once.\n');
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  try {
    runPython(python, ['-m', 'easel_train.bench_fixture', '--out', unfinished]);
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}
