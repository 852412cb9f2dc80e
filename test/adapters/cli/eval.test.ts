import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EvalOptions, evaluate } from '../../../adapters/cli/eval.ts';
import { readConfig } from '../../../src/index.ts';
import { Capture, createWorkplace, type Workplace } from './harness.ts';

const PROMPTS = [
  { id: 'heldOut/colours/1', task: 'colours', split: 'heldOut', caption: 'a red apple' },
  { id: 'seen/colours/1', task: 'colours', split: 'seen', caption: 'a blue cat' },
];
const REPORT = {
  heldOut: { overall: { value: 0.5, interval: [0.25, 0.75] } },
  seen: { overall: { value: 1 } },
};

let place: Workplace;
beforeAll(async () => {
  place = await createWorkplace();
  await writeFile(place.path('prompts.json'), JSON.stringify(PROMPTS));
});
afterAll(() => place.remove());

type Lines = Record<string, unknown>[];
type Seen = { args: readonly string[]; lines: Lines; more: Lines; files: string[]; about: unknown };

async function run(options: Partial<EvalOptions>): Promise<{ seen: Seen; stdout: string }> {
  const stdout = new Capture();
  let seen: Seen | null = null;
  const terminal = {
    stdout,
    stderr: new Capture(),
    environment: { EASEL_DEVICE: 'cpu', EASEL_DATA_DIR: place.path('data') },
    graphics: { kitty: false, iterm2: false, sixel: false },
    signal: new AbortController().signal,
  };
  await evaluate(
    { json: false, quick: false, scoresOnly: false, model: null, ...options },
    {
      config: readConfig(terminal.environment),
      modelsDir: place.modelsDir,
      openDrawing: () => place.openDrawing(),
      promptsFile: place.path('prompts.json'),
      async score(args) {
        const folder = args[args.indexOf('--drawn') + 1] ?? '';
        const files = await readdir(folder);
        const linesOf = async (name: string): Promise<Lines> =>
          files.includes(name)
            ? (await readFile(join(folder, name), 'utf8'))
                .trim()
                .split('\n')
                .map((line) => JSON.parse(line))
            : [];
        seen = {
          args,
          lines: await linesOf('drawn.jsonl'),
          more: await linesOf('more.jsonl'),
          files,
          about: JSON.parse(await readFile(join(folder, 'about.json'), 'utf8')),
        };
        return JSON.stringify(REPORT);
      },
    },
    terminal,
  );
  if (seen === null) throw new Error('nothing was scored');
  return { seen, stdout: stdout.text };
}

describe('easel eval', () => {
  it('draws each prompt with four seeds, has them scored and tells the result', async () => {
    const { seen, stdout } = await run({});
    expect(seen.lines).toHaveLength(8);
    expect(new Set(seen.lines.map(({ id, seed }) => `${id} ${seed}`))).toEqual(
      new Set(PROMPTS.flatMap(({ id }) => [1, 2, 3, 4].map((seed) => `${id} ${seed}`))),
    );
    expect(new Set(seen.lines.map(({ file }) => file))).toEqual(
      new Set(seen.files.filter((name) => name.endsWith('.png'))),
    );
    expect(seen.args.slice(0, 2)).toEqual(['--model', place.modelDir]);
    expect(seen.about).toMatchObject({
      speed: {
        device: 'cpu',
        secondsAPicture: { 1: expect.any(Number) },
        peakMemoryMb: expect.any(Number),
        cores: expect.any(Number),
      },
    });
    expect(stdout).toContain('held out: 0.500 (95 %: 0.250 to 0.750)\nseen:     1.000\n');
  });

  it('draws single things more often, for the measure of memory, without having those judged', async () => {
    const single = { id: 'seen/single-object/1', task: 'single object', split: 'seen', caption: 'a fox' };
    await writeFile(place.path('prompts.json'), JSON.stringify([...PROMPTS, single]));
    const { seen } = await run({});
    const { seen: quick } = await run({ quick: true });
    await writeFile(place.path('prompts.json'), JSON.stringify(PROMPTS));
    expect(seen.lines).toHaveLength(12);
    expect(new Set(seen.more.map(({ id, seed }) => `${id} ${seed}`))).toEqual(
      new Set([5, 6, 7].map((s) => `${single.id} ${s}`)),
    );
    expect(quick.more).toEqual([]);
  });

  it('draws one picture a prompt when it is to be quick, and prints only JSON when asked', async () => {
    const { seen, stdout } = await run({ quick: true, json: true, scoresOnly: true });
    expect(seen.lines).toHaveLength(PROMPTS.length);
    expect(seen.args).toContain('--scores-only');
    expect(JSON.parse(stdout)).toEqual(REPORT);
  });

  it('says where it needs to be run when there are no prompts', async () => {
    await writeFile(place.path('prompts.json'), '{}');
    await expect(run({})).rejects.toMatchObject({ code: 'INPUT_USAGE' });
    await writeFile(place.path('prompts.json'), JSON.stringify(PROMPTS));
  });
});
