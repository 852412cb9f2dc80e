/** What one worker takes, and whether it grows. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Bench, type BenchModel, toResult } from './bench.ts';
import { drawPictures, withWorker } from './worker.ts';

const WARM_UP = 40;
const PICTURES = 200;

type Memory = { peakMb: number; settledMb: number; endMb: number };

const measured = new Map<string, Promise<Memory>>();

/** Once for both benches. */
function measure(model: BenchModel): Promise<Memory> {
  const known =
    measured.get(model.name) ??
    withWorker(model, async (worker) => {
      const pid = worker.info?.pid ?? 0;
      const draw = async (count: number): Promise<void> => {
        for (let drawn = 0; drawn < count; drawn += 4) await drawPictures(worker, model.name, 4);
      };
      await draw(WARM_UP);
      const settledMb = residentMb(pid, 'VmRSS');
      await draw(PICTURES);
      return { settledMb, endMb: residentMb(pid, 'VmRSS'), peakMb: residentMb(pid, 'VmHWM') };
    });
  measured.set(model.name, known);
  return known;
}

/** @param field of /proc; elsewhere the present size stands for both */
function residentMb(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  if (process.platform === 'linux') {
    const line = new RegExp(`^${field}:\\s+(\\d+) kB`, 'mu').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(line?.[1]) / 1000;
  }
  return Number(spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).stdout) / 1000;
}

export const memory: readonly Bench[] = [
  {
    name: 'worker-memory-mb',
    async run(model) {
      const { peakMb } = await measure(model);
      return toResult(
        'worker-memory-mb',
        'mb',
        peakMb,
        null,
        `peak of one worker over ${WARM_UP + PICTURES} pictures, Node and runtime included`,
      );
    },
  },
  {
    name: 'memory-growth-mb',
    async run(model) {
      const { settledMb, endMb } = await measure(model);
      return toResult(
        'memory-growth-mb',
        'mb',
        endMb - settledMb,
        null,
        `over ${PICTURES} pictures in sheets of four, after ${WARM_UP} to warm up at ${settledMb.toFixed(0)} MB`,
      );
    },
  },
];
