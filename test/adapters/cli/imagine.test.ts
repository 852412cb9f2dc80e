import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEasel, createSupervisedWorker, readConfig } from '../../../src/index.ts';
import { Capture, createWorkplace, type Workplace } from './harness.ts';

let place: Workplace;
beforeAll(async () => {
  place = await createWorkplace();
});
afterAll(() => place.remove());

describe('easel imagine', () => {
  it('--json prints one JSON object and writes the file', async () => {
    const out = place.path('apple.png');
    const { exitCode, stdout, stderr } = await place.run(
      ['imagine', 'a red apple', '--seed', '7', '--out', out, '--json'],
      { ownWorker: true },
    );
    expect(stderr).not.toContain('easel:');
    expect(exitCode).toBe(0);
    const report: unknown = JSON.parse(stdout);
    expect(report).toEqual({
      files: [out],
      width: 32,
      height: 32,
      seed: 7,
      model: 'tiny',
      device: 'cpu',
      ms: expect.any(Number),
      tokensPerSecond: expect.any(Number),
      pictures: [{ file: out, prompt: 'a red apple', seed: 7, index: 0 }],
      notices: [],
    });
    expect(await sharp(out).metadata()).toMatchObject({ format: 'png', width: 32, height: 32 });
  });

  it('draws the same bytes for the same seed, and others for another', async () => {
    const bytesOf = async (seed: string, name: string): Promise<Buffer> => {
      const out = place.path(name);
      expect((await place.run(['imagine', 'a blue fox', '--seed', seed, '--out', out])).exitCode).toBe(0);
      return readFile(out);
    };
    const first = await bytesOf('7', 'same-1.png');
    expect((await bytesOf('7', 'same-2.png')).equals(first)).toBe(true);
    expect((await bytesOf('8', 'other.png')).equals(first)).toBe(false);
  });

  it('takes flags from the prompt as well, and unquoted words', async () => {
    const { exitCode, stdout } = await place.run([
      'imagine',
      'a',
      'red',
      'fox',
      '—seed',
      '9',
      '--json',
      '--out',
      place.path('x.png'),
    ]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ seed: 9, pictures: [{ prompt: 'a red fox' }] });
  });

  it('--n and braces number the files, in order', async () => {
    const out = place.path('many.png');
    const run = await place.run(['imagine', 'a {red,blue} fox', '--n', '2', '--out', out, '--json', '--seed', '1']);
    const files = [1, 2, 3, 4].map((number) => place.path(`many-${number}.png`));
    expect(JSON.parse(run.stdout)).toMatchObject({
      files,
      pictures: [
        { prompt: 'a red fox', index: 0 },
        { prompt: 'a red fox', index: 1 },
        { prompt: 'a blue fox', index: 0 },
        { prompt: 'a blue fox', index: 1 },
      ],
      notices: ['The braces make 2 prompts, 4 pictures in all.'],
    });
    const bytes = await Promise.all(files.map((file) => readFile(file, 'base64')));
    expect(new Set(bytes).size).toBe(4);
    expect(existsSync(out)).toBe(false);
  });

  it('without --seed chooses one and tells it', async () => {
    const { stdout } = await place.run(['imagine', 'a fox', '--json', '--out', place.path('seedless.png')]);
    const { seed } = JSON.parse(stdout) as { seed: number };
    const again = place.path('seeded.png');
    await place.run(['imagine', 'a fox', '--seed', String(seed), '--out', again]);
    expect((await readFile(again)).equals(await readFile(place.path('seedless.png')))).toBe(true);
  });

  it('in a folder makes a name from words and seed, and overwrites nothing there', async () => {
    const folder = place.path('pictures');
    await mkdir(folder);
    for (let run = 0; run < 2; run++) {
      expect((await place.run(['imagine', '🦊 Ünder rainbow!', '--seed', '3', '--out', folder])).exitCode).toBe(0);
    }
    expect((await readdir(folder)).toSorted()).toEqual(['a-fox-under-rainbow-3.png', 'a-fox-under-rainbow-3_2.png']);
  });

  it.each(['webp', 'jpg'])('writes .%s when the name ends so', async (ending) => {
    const out = place.path(`picture.${ending}`);
    expect((await place.run(['imagine', 'a fox', '--out', out])).exitCode).toBe(0);
    expect((await sharp(out).metadata()).format).toBe(ending === 'jpg' ? 'jpeg' : ending);
  });

  it('tells the prompt in the file, unless it is private', async () => {
    const [open, hidden] = [place.path('open.png'), place.path('private.png')];
    await place.run(['imagine', 'a red apple', '--out', open]);
    await place.run(['imagine', 'a red apple', '--out', hidden, '--private']);
    expect((await readFile(open)).includes('a red apple')).toBe(true);
    expect((await readFile(hidden)).includes('a red apple')).toBe(false);
  });

  it('tells plain lines of progress where no terminal is, and the files on standard output', async () => {
    const out = place.path('lines.png');
    const { stdout, stderr } = await place.run(['imagine', 'a fox', '--out', out]);
    expect(stdout).toBe(`${out}\n`);
    expect(stderr).toBe(
      ['Loading tiny', ...[0, 25, 50, 75, 100].map((percent) => `Drawing on cpu: ${percent} %`), ''].join('\n'),
    );
  });

  it('on a terminal draws a bar and the picture, and leaves the bar behind', async () => {
    const [stdout, stderr] = [new Capture(true), new Capture(true)];
    const environment = { EASEL_DEVICE: 'cpu', TERM: 'xterm-256color' };
    await place.run(['imagine', 'a fox', '--out', place.path('tty.png')], { stdout, stderr, environment });
    expect(stderr.text).toContain('█');
    expect(stderr.text).not.toContain('Drawing on cpu: 25 %');
    expect(stdout.text).toMatch(/m[▀▄]/u);
    expect(stdout.text.trimEnd().endsWith('tty.png')).toBe(true);
  });

  it('--json never shows the picture', async () => {
    const stdout = new Capture(true);
    await place.run(['imagine', 'a fox', '--json', '--show', 'blocks', '--out', place.path('json.png')], { stdout });
    expect(JSON.parse(stdout.text)).toHaveProperty('files');
  });
});

describe('easel imagine refuses with exit code 2 what was typed wrong', () => {
  const CASES: readonly (readonly [readonly string[], string])[] = [
    [['imagine', ''], 'The prompt is empty.'],
    [['imagine', 'fox '.repeat(2500)], 'The prompt is too long: it has 10,000 characters'],
    [['imagine', 'a fox\u0007'], 'control character (U+0007)'],
    [['imagine', '\u202E'], 'The prompt is empty.'],
    [['imagine', 'a fox', '--seed', 'abc'], '--seed cannot be "abc". It takes a whole number'],
    [['imagine', 'a fox', '--seed', '-1'], '--seed cannot be "-1".'],
    [['imagine', 'a fox', '--n', '99'], '--n 99 is too many pictures: 16 is the most'],
    [['imagine', 'a fox', '--model', 'tinny'], 'There is no model "tinny" here. Did you mean tiny?'],
    [['imagine', 'a fox', '--out', 'fox.gif'], '--out cannot end in .gif.'],
    [['imagine', 'a fox --sede 7'], 'There is no flag --sede. Did you mean --seed?'],
    [['imagine', 'a fox', '--sede', '7'], '(Did you mean --seed?)'],
    [['imagine', 'a {red fox'], 'There is a { without its }.'],
    [['imagine', 'a fox --seed 1', '--seed', '2'], '--seed is there twice'],
    [['imagine'], "missing required argument 'prompt'"],
    [['imagin', 'a fox'], "unknown command 'imagin'"],
    [['imagine', 'a fox', '--show', 'hologram'], 'Allowed choices are auto, kitty'],
  ];

  it.each(CASES.map(([args, sentence]) => [sentence, args] as const))('%s', async (sentence, args) => {
    const { exitCode, stdout, stderr } = await place.run(args);
    expect(stderr).toContain(sentence);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).not.toMatch(/\n\s+at /u);
  });
});

describe('easel imagine ends with exit code 1 and a sentence', () => {
  async function expectFailure(args: readonly string[], sentence: string | RegExp, options = {}): Promise<void> {
    const { exitCode, stdout, stderr } = await place.run(args, options);
    expect(stderr).toMatch(sentence);
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).not.toMatch(/\n\s+at /u);
  }

  it('when the folder does not exist, before anything is drawn', async () => {
    const { exitCode, stderr } = await place.run(['imagine', 'a fox', '--out', place.path('nowhere/fox.png')]);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      `easel: The folder ${place.path('nowhere')} does not exist. Create it, or name another place with --out.\n`,
    );
  });

  it('when the folder is a file', async () => {
    await writeFile(place.path('file'), '');
    await expectFailure(['imagine', 'a fox', '--out', place.path('file/fox.png')], 'does not exist. Create it');
  });

  it.runIf(existsSync('/dev/full'))('when no space is left', async () => {
    await expectFailure(
      ['imagine', 'a fox', '--out', '/dev/full'],
      'There is no space left to write /dev/full. Free some',
    );
  });

  it.each([
    ['missing', 'row.onnx', () => null, /row\.onnx of the model tiny is missing\. Restore it/u],
    [
      'cut',
      'gpt.data',
      (bytes: Buffer) => bytes.subarray(0, 1000),
      /gpt\.data of the model tiny has 1000 bytes instead of/u,
    ],
    [
      'altered',
      'decoder.onnx',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([(bytes.at(-1) ?? 0) ^ 1])]),
      /decoder\.onnx of the model tiny was altered/u,
    ],
  ])('when a model file is %s', async (_state, file, change, sentence) => {
    const other = await createWorkplace();
    try {
      const path = `${other.modelDir}/${file}`;
      const bytes = change(await readFile(path));
      await (bytes === null ? rm(path) : writeFile(path, bytes));
      const { exitCode, stderr } = await other.run(['imagine', 'a fox', '--out', other.path('fox.png')], {
        ownWorker: true,
      });
      expect(stderr).toMatch(sentence);
      expect(exitCode).toBe(1);
      expect(existsSync(other.path('fox.png'))).toBe(false);
      const verified = await other.run(['models', 'verify']);
      expect(verified.stderr).toMatch(sentence);
      expect(verified.exitCode).toBe(1);
      const doctor = await other.run(['doctor', '--json']);
      expect(doctor.exitCode).toBe(1);
      expect(JSON.parse(doctor.stdout)).toMatchObject({
        ok: false,
        checks: expect.arrayContaining([
          { name: 'model', ok: false, needed: true, message: expect.stringMatching(sentence) },
        ]),
      });
    } finally {
      await other.remove();
    }
  });

  it('when EASEL_DEVICE is a device that is not here', async () => {
    const device = process.platform === 'darwin' ? 'dml' : 'coreml';
    const args = ['imagine', 'a fox', '--out', place.path('x.png')];
    await expectFailure(args, new RegExp(`^easel: .*${device}`, 'mu'), {
      environment: { EASEL_DEVICE: device },
      ownWorker: true,
    });
  });

  it('when the configuration has problems, all of them', async () => {
    const environment = { EASEL_PORT: 'x', EASEL_DEVICE: 'y' };
    await expectFailure(['imagine', 'a fox'], /EASEL_PORT must be[\s\S]*EASEL_DEVICE must be/u, { environment });
  });

  it('when the worker is killed while it draws, and the next one too', async () => {
    const out = place.path('killed.png');
    const kill = (pid: number): unknown => process.kill(pid, 'SIGKILL');
    const program = {
      openDrawing: async () => {
        const worker = createSupervisedWorker({ model: 'tiny', device: 'cpu', modelsDir: place.modelsDir });
        const info = await worker.start();
        worker.onState((state) => {
          if (state === 'ready' && worker.info !== null) setImmediate(kill, worker.info.pid);
        });
        return {
          model: info.model,
          device: info.device,
          draw: (...args: Parameters<typeof worker.draw>) => {
            const picture = worker.draw(...args);
            kill(info.pid);
            return picture;
          },
          memoryBytes: () => null,
          close: () => worker.close(),
        };
      },
    };
    await expectFailure(
      ['imagine', 'a fox', '--out', out],
      /^easel: The drawing process ended twice on this picture.*\.$/mu,
      { program },
    );
    expect(existsSync(out)).toBe(false);
  });

  it('when it is told to stop, and leaves no file behind', async () => {
    const stop = new AbortController();
    const out = place.path('stopped.png');
    const running = place.run(['imagine', 'a fox', '--n', '16', '--out', out], {
      signal: stop.signal,
      ownWorker: true,
    });
    stop.abort();
    const { exitCode, stderr } = await running;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^easel: .+\.$/mu);
    const stem = basename(out, extname(out));
    expect((await readdir(place.folder)).filter((name) => name.includes(stem))).toEqual([]);
  });
});

describe('easel imagine beside a running Easel', () => {
  it('has it draw, the same picture as alone', async () => {
    const config = readConfig({ EASEL_DEVICE: 'cpu', EASEL_DATA_DIR: place.path('data'), EASEL_LOG_LEVEL: 'silent' });
    const easel = await createEasel(config, { modelsDir: place.modelsDir });
    const [beside, alone] = [place.path('beside.png'), place.path('alone.png')];
    const args = ['imagine', 'a {red,blue} fox --no apple', '--seed', '5', '--json', '--out'];
    try {
      await easel.ready;
      const openDrawing = () => Promise.reject(new Error('no worker may be started'));
      const { stdout, stderr, exitCode } = await place.run([...args, beside], { program: { openDrawing } });
      expect(stderr).toContain('Drawing in the running Easel: 100 %');
      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ device: 'cpu', model: 'tiny', seed: 5, width: 32 });
    } finally {
      await easel.close();
    }
    expect((await place.run([...args, alone])).exitCode).toBe(0);
    for (const number of [1, 2]) {
      const [one, other] = [beside, alone].map((path) => path.replace('.png', `-${number}.png`));
      expect((await readFile(one ?? '')).equals(await readFile(other ?? ''))).toBe(true);
    }
  }, 60_000);
});
