import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { absent, medianOf, toRatio, toResult } from '../../bench/bench.ts';
import { findPackageRoot } from '../../src/models/package-root.ts';

const root = findPackageRoot(import.meta.url);

function bench(...args: string[]) {
  return spawnSync(process.execPath, [join(root, 'bench', 'run.mjs'), ...args], { encoding: 'utf8' });
}

test('a result holds its number, what it is compared with, and their ratio', () => {
  expect(toResult('sheet-of-four-ms', 'ms', 250.123, 500.4, 'note')).toEqual({
    name: 'sheet-of-four-ms',
    value: 250.12,
    unit: 'ms',
    baseline: 500.4,
    ratio: 0.5,
    note: 'note',
  });
  expect(toResult('cold-start-ms', 'ms', 1, null, '')).toMatchObject({ baseline: null, ratio: null });
});

test('one slow round does not move the median', () => {
  expect(medianOf([3, 1, 2, 100, 2])).toBe(2);
});

test('an unknown bench is refused with the names there are, exit code 2', () => {
  const { status, stderr } = bench('fastest');
  expect(status).toBe(2);
  expect(stderr).toMatch(/no bench fastest.*event-loop-p99-ms/);
});

test('every figure that the engine promises has a bench', () => {
  const { stderr } = bench('fastest');
  const known = /Known: (.*)\./u.exec(stderr)?.[1]?.split(', ') ?? [];
  const promised = [
    ...[
      'single-vs-stepwise',
      'single-vs-stepwise-same-weights',
      'single-vs-pytorch',
      'four-vs-stepwise',
      'floor-share',
    ],
    ...['concurrent-8-vs-serial', 'concurrent-8-vs-serial-fp32', 'eighth-first-preview-ms', 'sheet-of-four-ms'],
    ...['event-loop-p99-ms', 'worker-memory-mb', 'memory-growth-mb', 'cold-start-ms', 'preview-cost'],
    ...['concurrent-8-vs-serial-shipped', 'single-ms-shipped'],
  ];
  expect(promised.filter((name) => !known.includes(name))).toEqual([]);
});

test('a ratio is its own figure, and a row without one says why', () => {
  expect(toRatio('floor-share', 0.641, 'note')).toMatchObject({ value: 0.64, unit: 'ratio', ratio: 0.64 });
  expect(absent('single-vs-pytorch', 'ratio', 'no Python')).toMatchObject({
    value: null,
    ratio: null,
    note: 'no Python',
  });
});

test('a bench prints one JSON object a line and nothing else on standard output', { timeout: 120_000 }, () => {
  const { status, stdout } = bench('--json', 'cold-start-ms');
  expect(status).toBe(0);
  const [line = '', ...rest] = stdout.trimEnd().split('\n');
  expect(rest).toEqual([]);
  const result = JSON.parse(line) as Record<string, unknown>;
  expect(Object.keys(result)).toEqual(expect.arrayContaining(['name', 'value', 'unit', 'baseline', 'ratio']));
  expect(result['name']).toBe('cold-start-ms');
  expect(result['value']).toBeGreaterThan(0);
});
