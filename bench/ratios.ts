/** Single pictures and four, against the step-by-step loop, PyTorch and the matrix products alone: one run, all taking turns. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readModel } from '../src/models/catalog.ts';
import { openFloor } from './baselines/floor.ts';
import { openStepwise } from './baselines/stepwise.ts';
import { THREAD_SETTINGS, type ThreadSetting } from './baselines/threads.ts';
import { absent, type Bench, type BenchResult, medianOf, toRatio } from './bench.ts';
import { openEngine, slotsOf } from './engine.ts';
import { benchFixture, findPython, PYTHON_ABSENT, ROOT, runPython } from './python.ts';
import { timeMs } from './worker.ts';

const ROUNDS = 5;
const PYTORCH_ROUNDS = 5;
/** Threads that spin after a run would run into the next one. */
const SETTLE_MS = 100;
const SEED = 1;

type Figures = {
  /** Medians in milliseconds. */
  ours: { single: number; four: number };
  stepwise: {
    fp32: Record<ThreadSetting, number>;
    same: Record<ThreadSetting, number>;
    four: Record<ThreadSetting, number>;
  };
  floor: number;
};

/** Once for all the benches of this file. */
let measured: Promise<Figures | null> | null = null;
const figures = (): Promise<Figures | null> => {
  measured ??= measure();
  return measured;
};

async function measure(): Promise<Figures | null> {
  const folder = benchFixture();
  if (folder === null) return null;
  const full = await readModel(join(folder, 'fp32'));
  const shipped = await readModel(join(folder, 'int8'));
  const slots = await slotsOf(full);
  const ours = await openEngine(shipped);
  const exact = await openEngine(full);
  const one = slots(1, SEED);
  const four = slots(4, SEED);
  const floor = await openFloor(shipped, 1, one[0]?.captionIds.length ?? 1);

  const works = new Map<string, () => Promise<unknown>>([
    ['ours', () => ours(one)],
    ['ours four', () => ours(four)],
    ['floor', floor],
  ]);
  for (const threads of THREAD_SETTINGS) {
    const stepwise = await openStepwise(full, threads);
    const same = await openStepwise(shipped, threads);
    works.set(`fp32 ${threads}`, () => stepwise(one));
    works.set(`same ${threads}`, () => same(one));
    works.set(`four ${threads}`, () => stepwise(four));
    // A baseline that draws something else would prove nothing.
    if (String(await stepwise(one)) !== String(await exact(one))) throw new Error('The baseline draws other ids.');
  }
  const times = new Map<string, number[]>();
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, work] of works) {
      const ms = await timeMs(work);
      // The first warms up.
      if (round > 0) times.set(name, [...(times.get(name) ?? []), ms]);
      await sleep(SETTLE_MS);
    }
  }
  const median = (name: string): number => medianOf(times.get(name) ?? []);
  const bySetting = (name: string) =>
    Object.fromEntries(THREAD_SETTINGS.map((setting) => [setting, median(`${name} ${setting}`)])) as Record<
      ThreadSetting,
      number
    >;
  return {
    ours: { single: median('ours'), four: median('ours four') },
    stepwise: { fp32: bySetting('fp32'), same: bySetting('same'), four: bySetting('four') },
    floor: median('floor'),
  };
}

function toBench(name: string, toResult: (found: Figures) => BenchResult): Bench {
  return {
    name,
    async run() {
      const found = await figures();
      return found === null ? absent(name, 'ratio', PYTHON_ABSENT) : toResult(found);
    },
  };
}

const ms = (value: number): string => `${value.toFixed(0)} ms`;

/** Against the threads a host gets without asking; the best setting is told beside it. */
function against(name: string, oursMs: number, theirs: Record<ThreadSetting, number>, what: string): BenchResult {
  const best = THREAD_SETTINGS.reduce((a, b) => (theirs[b] < theirs[a] ? b : a));
  const note = `${ms(oursMs)} against ${ms(theirs.default)} of ${what} with default threads; at its best (${best}) ${ms(theirs[best])}, ratio ${(theirs[best] / oursMs).toFixed(2)}`;
  return toRatio(name, theirs.default / oursMs, note);
}

export const ratios: readonly Bench[] = [
  toBench('single-vs-stepwise', ({ ours, stepwise }) =>
    against('single-vs-stepwise', ours.single, stepwise.fp32, 'the step loop in fp32'),
  ),
  toBench('single-vs-stepwise-same-weights', ({ ours, stepwise }) =>
    against('single-vs-stepwise-same-weights', ours.single, stepwise.same, 'the step loop on the same int8 weights'),
  ),
  { name: 'single-vs-pytorch', run: versusPytorch },
  toBench('four-vs-stepwise', ({ ours, stepwise }) =>
    against('four-vs-stepwise', ours.four, stepwise.four, 'the step loop in fp32, four in one batch'),
  ),
  toBench('floor-share', ({ ours, floor }) =>
    toRatio(
      'floor-share',
      floor / ours.single,
      `${ms(floor)} of matrix products alone (weights and attention, int8, one thread) in ${ms(ours.single)} of prefill and tokens`,
    ),
  ),
];

async function versusPytorch(): Promise<BenchResult> {
  const name = 'single-vs-pytorch';
  const python = findPython();
  const found = await figures();
  const folder = benchFixture();
  if (python === null || found === null || folder === null) return absent(name, 'ratio', PYTHON_ABSENT);
  const program = join(ROOT, 'bench', 'baselines', 'pytorch_eager.py');
  const lines = runPython(python, [program, join(folder, 'fp32'), String(PYTORCH_ROUNDS), '1', '2'])
    .trim()
    .split('\n');
  const runs = lines.map((line) => JSON.parse(line) as { threads: number; ms: number; ids: number[] });
  const [drawn] = await (await openEngine(await readModel(join(folder, 'fp32'))))(
    (await slotsOf(await readModel(join(folder, 'fp32'))))(1, SEED),
  );
  const equal = (drawn ?? []).filter((id, place) => id === runs[0]?.ids[place]).length;
  const best = Math.min(...runs.map((run) => run.ms));
  const each = runs.map((run) => `${ms(run.ms)} with ${run.threads} thread${run.threads === 1 ? '' : 's'}`).join(', ');
  const note = `${ms(found.ours.single)} against PyTorch eager with a KV cache in fp32: ${each}; ${equal} of ${drawn?.length} ids equal`;
  return toRatio(name, best / found.ours.single, note);
}
