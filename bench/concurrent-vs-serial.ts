/** So many pictures at once against one after another, through the workers as the bot has them. */

import { join } from 'node:path';
import { readModel } from '../src/models/catalog.ts';
import { absent, type Bench, type BenchModel, type BenchResult, medianOf, toRatio } from './bench.ts';
import { openEngine, slotsOf } from './engine.ts';
import { benchFixture, PYTHON_ABSENT } from './python.ts';
import { drawPictures, timeMs, withPool } from './worker.ts';

const ROUNDS = 5;
const AT_ONCE = [4, 8, 16] as const;

type Times = { serialMs: number; togetherMs: ReadonlyMap<number, number>; slots: number };

/** For each model once: the benches of this file share it. */
const measured = new Map<string, Promise<Times>>();

function measure(model: BenchModel): Promise<Times> {
  const known = measured.get(model.name) ?? withPool(model, (pool) => times(pool, model));
  measured.set(model.name, known);
  return known;
}

async function times(pool: Parameters<Parameters<typeof withPool>[1]>[0], { name }: BenchModel): Promise<Times> {
  const draw = (count: number) => drawPictures(pool, name, count, false);
  // Every process is there before anything is measured.
  for (let warm = 0; warm < 3; warm++) await draw(16);
  const serial: number[] = [];
  const together = new Map<number, number[]>(AT_ONCE.map((count) => [count, []]));
  for (let round = 0; round < ROUNDS; round++) {
    serial.push(
      (await timeMs(async () => {
        for (let picture = 0; picture < 4; picture++) await draw(1);
      })) / 4,
    );
    for (const count of AT_ONCE) together.get(count)?.push(await timeMs(() => draw(count)));
  }
  return {
    serialMs: medianOf(serial),
    togetherMs: new Map([...together].map(([count, values]) => [count, medianOf(values)])),
    slots: pool.info?.slots ?? 0,
  };
}

function toResult(name: string, count: number, { serialMs, togetherMs, slots }: Times, more = ''): BenchResult {
  const ms = togetherMs.get(count) ?? Number.NaN;
  const each = `${(ms / count).toFixed(0)} ms a picture against ${serialMs.toFixed(0)} ms one after another`;
  return toRatio(name, (count * serialMs) / ms, `${count} at once, ${slots} slots: ${each}${more}`);
}

function ofFixture(name: string, precision: 'int8' | 'fp32', count: number): Bench {
  return {
    name,
    async run() {
      const folder = benchFixture();
      if (folder === null) return absent(name, 'ratio', PYTHON_ABSENT);
      const found = await measure({ modelsDir: folder, name: `bench-${precision}` });
      const more = count === 8 ? `; in one process and one thread ${await inOneProcess(join(folder, precision))}` : '';
      return toResult(name, count, found, more);
    },
  };
}

/** What batching alone gives, without a second process. */
async function inOneProcess(dir: string): Promise<string> {
  const model = await readModel(dir);
  const engine = await openEngine(model);
  const slots = await slotsOf(model);
  const single: number[] = [];
  const eight: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    single.push(await timeMs(() => engine(slots(1, round))));
    eight.push(await timeMs(() => engine(slots(8, round))));
  }
  return ((8 * medianOf(single)) / medianOf(eight)).toFixed(2);
}

export const concurrency: readonly Bench[] = [
  ...AT_ONCE.map((count) => ofFixture(`concurrent-${count}-vs-serial`, 'int8', count)),
  ofFixture('concurrent-8-vs-serial-fp32', 'fp32', 8),
  {
    name: 'concurrent-8-vs-serial-shipped',
    run: async (model) =>
      toResult('concurrent-8-vs-serial-shipped', 8, await measure(model), ', decoder and PNG included'),
  },
  {
    name: 'single-ms-shipped',
    async run(model) {
      const { serialMs } = await measure(model);
      const note = 'a whole picture of the shipped model in a warm worker, without previews';
      return { name: 'single-ms-shipped', value: Math.round(serialMs), unit: 'ms', baseline: null, ratio: null, note };
    },
  },
];
