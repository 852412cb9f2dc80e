// `easel eval`: draws the prompts of IconEval with a shipped model, then has the recipe's judge score the pictures.

import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError, type Config, findPackageRoot, loadCatalog, type SlotRequest } from '../../src/index.ts';
import type { Drawing, OpenDrawing } from './open-drawing.ts';
import { print, say, type Terminal } from './terminal.ts';

export type EvalOptions = {
  readonly json: boolean;
  /** One picture a prompt instead of four. */
  readonly quick: boolean;
  /** No tokenizer, likelihood and memory figures: no icons are fetched. */
  readonly scoresOnly: boolean;
  readonly model: string | null;
};

export type EvalSetting = {
  readonly config: Config;
  readonly modelsDir: string | undefined;
  readonly openDrawing: OpenDrawing;
  /** Scores a folder of drawn pictures and returns the report; default: Python, by the recipe. */
  readonly score?: (args: readonly string[], terminal: Terminal) => Promise<string>;
  /** Default: `models/train/eval/prompts.json` of this package. */
  readonly promptsFile?: string;
};

const SEEDS = [1, 2, 3, 4] as const;
/** Single things are drawn more often: how near drawings come to the pictures of training is measured on a thousand. Not judged. */
const SEEDS_FOR_MEMORY = [5, 6, 7] as const;
const TASK_FOR_MEMORY = 'single object';
/** How many pictures share a batch while the prompts are drawn. */
const TOGETHER = 8;
const SPEED_BATCHES = [1, 4, 8] as const;

const promptsSchema = z.array(z.object({ id: z.string(), task: z.string(), split: z.string(), caption: z.string() }));
const reportSchema = z.object({
  heldOut: z.object({ overall: z.object({ value: z.number(), interval: z.tuple([z.number(), z.number()]) }) }),
  seen: z.object({ overall: z.object({ value: z.number() }) }),
});

export async function evaluate(options: EvalOptions, setting: EvalSetting, terminal: Terminal): Promise<void> {
  const root = findPackageRoot(import.meta.url);
  const catalog = await loadCatalog(setting.modelsDir);
  const model = await catalog.resolve(options.model ?? setting.config.model ?? catalog.defaultName);
  const prompts = await readPrompts(setting.promptsFile ?? join(root, 'models/train/eval/prompts.json'));
  const folder = await mkdtemp(join(tmpdir(), 'easel-eval-'));
  try {
    const drawing = await setting.openDrawing(model.name, setting.config, terminal.signal);
    try {
      const speed = await measureSpeed(drawing, terminal.signal);
      const peakBytes = await drawAll(drawing, wantedPictures(prompts, options), folder, terminal);
      const about = { speed: { device: drawing.device, ...speed, peakMemoryMb: Math.round(peakBytes / 1e6) } };
      await writeFile(join(folder, 'about.json'), JSON.stringify(about));
    } finally {
      await drawing.close();
    }
    say(terminal, 'Scoring…');
    const args = ['--model', model.dir, '--drawn', folder, ...(options.scoresOnly ? ['--scores-only'] : [])];
    const line = (await (setting.score ?? scoreWithPython)(args, terminal)).trim();
    if (options.json) print(terminal, line);
    else printReport(line, model.dir, terminal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type EvalPrompt = z.infer<typeof promptsSchema>[number];

async function readPrompts(path: string): Promise<readonly EvalPrompt[]> {
  try {
    return promptsSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (thrown) {
    throw new AppError(
      'INPUT_USAGE',
      `The prompts of IconEval can't be read from ${path}. Run it from a clone of the repository, which has the recipe.`,
      { cause: thrown },
    );
  }
}

/** What a picture of the evaluation asks of the worker: the model's own defaults, no previews. */
export function slotOf(model: string, { id, caption }: Pick<EvalPrompt, 'id' | 'caption'>, seed: number): SlotRequest {
  return {
    slotId: `${id}/${seed}`,
    model,
    caption,
    unwanted: null,
    seed,
    pictureIndex: 0,
    guidanceScale: null,
    topK: null,
    temperature: null,
    variation: null,
    previews: false,
  };
}

type WantedPicture = { readonly prompt: EvalPrompt; readonly seed: number; readonly judged: boolean };

function wantedPictures(prompts: readonly EvalPrompt[], { quick, scoresOnly }: EvalOptions): readonly WantedPicture[] {
  const seeds = quick ? SEEDS.slice(0, 1) : SEEDS;
  const judged = prompts.flatMap((prompt) => seeds.map((seed) => ({ prompt, seed, judged: true })));
  if (quick || scoresOnly) return judged;
  const singles = prompts.filter(({ task }) => task === TASK_FOR_MEMORY);
  return [...judged, ...singles.flatMap((prompt) => SEEDS_FOR_MEMORY.map((seed) => ({ prompt, seed, judged: false })))];
}

/** Those that are judged are listed in drawn.jsonl, the others in more.jsonl. @returns the most memory the drawing process held */
async function drawAll(
  drawing: Drawing,
  wanted: readonly WantedPicture[],
  folder: string,
  terminal: Terminal,
): Promise<number> {
  let next = 0;
  let peakBytes = 0;
  const drawSome = async (): Promise<void> => {
    for (let index = next++; index < wanted.length; index = next++) {
      const { prompt, seed, judged } = wanted[index] ?? raise();
      const { png, ids } = await drawing.draw(slotOf(drawing.model.name, prompt, seed), () => {}, terminal.signal);
      peakBytes = Math.max(peakBytes, drawing.memoryBytes() ?? 0);
      const file = `${index}.png`;
      await writeFile(join(folder, file), png);
      const line = JSON.stringify({ id: prompt.id, seed, file, ids });
      await appendFile(join(folder, judged ? 'drawn.jsonl' : 'more.jsonl'), `${line}\n`);
      if ((index + 1) % 200 === 0) say(terminal, `Drawn: ${index + 1} of ${wanted.length}`);
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, drawSome));
  return peakBytes;
}

function raise(): never {
  throw new AppError('INTERNAL', 'A picture of the evaluation is missing.');
}

/** Seconds a picture when one, four and eight are drawn together; the first batch of all only warms up. */
async function measureSpeed(
  drawing: Drawing,
  signal: AbortSignal,
): Promise<{ secondsAPicture: Readonly<Record<string, number>>; cores: number; load: number }> {
  const [load = 0] = loadavg();
  const seconds: Record<string, number> = {};
  for (const [round, count] of [1, ...SPEED_BATCHES].entries()) {
    const begin = performance.now();
    await Promise.all(
      Array.from({ length: count }, (_, index) =>
        drawing.draw(
          slotOf(drawing.model.name, { id: `speed/${round}/${index}`, caption: 'a red apple' }, index),
          () => {},
          signal,
        ),
      ),
    );
    seconds[String(count)] = Number(((performance.now() - begin) / 1000 / count).toFixed(3));
  }
  return { secondsAPicture: seconds, cores: availableParallelism(), load };
}

function scoreWithPython(args: readonly string[], terminal: Terminal): Promise<string> {
  const script = join(findPackageRoot(import.meta.url), 'models/train/run-python.mjs');
  const child = spawn(process.execPath, [script, '-m', 'eval.score', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: terminal.signal,
  });
  let output = '';
  let complaint = '';
  child.stdout.on('data', (part: Buffer) => {
    output += part.toString();
  });
  child.stderr.on('data', (part: Buffer) => {
    complaint = `${complaint}${part.toString()}`.slice(-2000);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output.trim().split('\n').at(-1) ?? '');
      else
        reject(new AppError('INTERNAL', `Scoring ended with ${code ?? 'a signal'}: ${complaint.trim().slice(-500)}`));
    });
  });
}

function printReport(line: string, folder: string, terminal: Terminal): void {
  const { heldOut, seen } = reportSchema.parse(JSON.parse(line));
  const [low, high] = heldOut.overall.interval;
  print(terminal, `held out: ${heldOut.overall.value.toFixed(3)} (95 %: ${low.toFixed(3)} to ${high.toFixed(3)})`);
  print(terminal, `seen:     ${seen.overall.value.toFixed(3)}`);
  print(terminal, `report:   ${join(folder, 'eval.json')}`);
}
