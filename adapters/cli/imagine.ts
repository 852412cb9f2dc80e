// `easel imagine`: one request, drawn here and now, into files.

import { randomInt, randomUUID } from 'node:crypto';
import {
  AppError,
  type Config,
  composeSheet,
  type Expansion,
  encodeWithin,
  type GivenFlag,
  loadCatalog,
  type ParsedPrompt,
  type PromptContext,
  parsePrompt,
  readPromptModels,
  SHEET_MAX_PICTURES,
  type SlotNotice,
  type SlotPicture,
  type SlotRequest,
} from '../../src/index.ts';
import type { Drawing, OpenDrawing } from './open-drawing.ts';
import { planPictureFiles, writeWhole } from './picture-files.ts';
import { announce, createProgress } from './progress.ts';
import { chooseShowWay, renderPicture, type ShowWay } from './show-picture.ts';
import { print, say, type Terminal } from './terminal.ts';

export type ImagineOptions = {
  readonly out: string | null;
  readonly json: boolean;
  readonly show: ShowWay;
  /** Flags of the prompt language, unread. */
  readonly flags: readonly GivenFlag[];
};

export type ImagineSetting = {
  readonly config: Config;
  readonly modelsDir: string | undefined;
  readonly openDrawing: OpenDrawing;
  /** `Easel 0.1.0`: told in each picture. */
  readonly software: string;
};

/** The JSON object of `--json`. */
export type ImagineReport = {
  readonly files: readonly string[];
  readonly width: number;
  readonly height: number;
  /** Of the first picture; all share it unless the prompt gave several. */
  readonly seed: number;
  readonly model: string;
  readonly device: string;
  /** From the start of the program to the last file. */
  readonly ms: number;
  readonly tokensPerSecond: number;
  readonly pictures: readonly { file: string; prompt: string; seed: number; index: number }[];
  readonly notices: readonly string[];
};

type Planned = { readonly slot: SlotRequest; readonly expansion: Expansion; readonly file: string };
type Drawn = Planned & { readonly picture: SlotPicture };

const LIMITS = { charactersMax: 1000, countMax: 16, picturesMax: 32 } as const;
const SLOT_NOTICES: Readonly<Record<SlotNotice, string>> = {
  CAPTION_CUT: 'The prompt is longer than the model reads: its end was left out.',
  UNWANTED_CUT: 'The words of --no are more than the model reads: their end was left out.',
};

export async function imagine(
  prompt: string,
  options: ImagineOptions,
  setting: ImagineSetting,
  terminal: Terminal,
): Promise<void> {
  const parsed = await read(prompt, options.flags, setting);
  for (const { message } of parsed.notices) say(terminal, message);
  const { planned, format } = await plan(parsed, options.out);
  const drawing = await openModel(planned, setting, terminal);
  try {
    const drawStartMs = performance.now();
    const drawn = await drawAll(planned, drawing, terminal);
    const drawMs = performance.now() - drawStartMs;
    for (const { file, picture, slot, expansion } of drawn) {
      const provenance = {
        prompt: expansion.options.private ? null : expansion.prompt,
        seed: slot.seed,
        pictureIndex: slot.pictureIndex,
        model: drawing.model.name,
        modelHash: drawing.model.hash,
        software: setting.software,
      };
      const { bytes } = await encodeWithin(
        picture.png,
        { maxBytes: Number.MAX_SAFE_INTEGER, formats: [format] },
        provenance,
      );
      await writeWhole(file, bytes);
    }
    await show(drawn, options, terminal);
    const tokens = drawing.model.rows * drawing.model.columns * drawn.length;
    const report = toReport(drawn, parsed, drawing, (1000 * tokens) / drawMs);
    if (options.json) print(terminal, JSON.stringify(report));
    else for (const file of report.files) print(terminal, file);
  } finally {
    await drawing.close();
  }
}

async function read(prompt: string, flags: readonly GivenFlag[], setting: ImagineSetting): Promise<ParsedPrompt> {
  const { config, modelsDir } = setting;
  const catalog = await loadCatalog(modelsDir);
  const { models, failures } = await readPromptModels(catalog, config.model ?? undefined);
  const context: PromptContext = {
    models,
    defaultCount: 1,
    limits: { ...LIMITS, promptsMax: config.promptsMax },
    canBePrivate: true,
  };
  const result = parsePrompt(prompt, context, flags);
  if (!result.ok) throw result.refusal;
  const used = new Set(result.parsed.expansions.map(({ options }) => options.model));
  for (const name of used) {
    const failure = failures.get(name);
    if (failure !== undefined) throw failure;
  }
  if (used.size > 1) {
    throw new AppError('INPUT_USAGE', 'One command draws with one model. Take --model out of the braces.');
  }
  return result.parsed;
}

/** Gives every picture its seed and its file. Prompts without a seed share one, so that only the words differ. */
async function plan(
  parsed: ParsedPrompt,
  out: string | null,
): Promise<{ planned: readonly Planned[]; format: 'png' | 'webp' | 'jpeg' }> {
  const sharedSeed = randomInt(2 ** 32);
  const slots = parsed.expansions.flatMap((expansion) => {
    const { options, caption, unwantedCaption } = expansion;
    return Array.from({ length: options.count }, (_, pictureIndex) => ({
      expansion,
      slot: {
        slotId: randomUUID(),
        model: options.model,
        caption,
        unwanted: unwantedCaption,
        seed: options.seed ?? sharedSeed,
        pictureIndex,
        guidanceScale: options.guidanceScale,
        topK: null,
        temperature: null,
        variation: null,
        previews: false,
      },
    }));
  });
  const [first] = parsed.expansions;
  const files = await planPictureFiles(out, first.caption, first.options.seed ?? sharedSeed, slots.length);
  const planned = slots.map((slot, index) => ({ ...slot, file: files.paths[index] ?? '' }));
  return { planned, format: files.format };
}

async function openModel(planned: readonly Planned[], setting: ImagineSetting, terminal: Terminal): Promise<Drawing> {
  const model = planned[0]?.slot.model ?? '';
  const done = announce(terminal, `Loading ${model}`);
  try {
    return await setting.openDrawing(model, setting.config, terminal.signal);
  } finally {
    done();
  }
}

async function drawAll(planned: readonly Planned[], drawing: Drawing, terminal: Terminal): Promise<readonly Drawn[]> {
  const { rows } = drawing.model;
  const rowsDone = new Map<string, number>();
  const progress = createProgress(terminal, `Drawing on ${drawing.device}`, planned.length * rows);
  const tell = (slotId: string, done: number): void => {
    rowsDone.set(slotId, done);
    progress.update([...rowsDone.values()].reduce((sum, one) => sum + one, 0));
  };
  // The first failure ends the others: half a request is not what was asked for.
  const failed = new AbortController();
  const signal = AbortSignal.any([terminal.signal, failed.signal]);
  try {
    return await Promise.all(
      planned.map(async (one) => {
        try {
          const picture = await drawing.draw(one.slot, (made) => tell(made.slotId, made.rowsDone), signal);
          tell(picture.slotId, rows);
          return { ...one, picture };
        } catch (thrown) {
          failed.abort();
          throw thrown;
        }
      }),
    );
  } finally {
    progress.stop();
  }
}

async function show(drawn: readonly Drawn[], options: ImagineOptions, terminal: Terminal): Promise<void> {
  const { stdout, environment, graphics } = terminal;
  for (const notice of new Set(drawn.flatMap(({ picture }) => picture.notices))) say(terminal, SLOT_NOTICES[notice]);
  const way = options.show === 'auto' ? chooseShowWay(stdout, environment, graphics) : options.show;
  if (options.json || way === 'none') return;
  const pngs = drawn.slice(0, SHEET_MAX_PICTURES).map(({ picture }) => picture.png);
  const [only] = pngs;
  const png = pngs.length === 1 && only !== undefined ? only : (await composeSheet(pngs)).png;
  stdout.write(await renderPicture(png, way, stdout));
}

function toReport(
  drawn: readonly Drawn[],
  parsed: ParsedPrompt,
  drawing: Drawing,
  tokensPerSecond: number,
): ImagineReport {
  const [first] = drawn;
  return {
    files: drawn.map(({ file }) => file),
    width: first?.picture.widthPx ?? 0,
    height: first?.picture.heightPx ?? 0,
    seed: first?.slot.seed ?? 0,
    model: drawing.model.name,
    device: drawing.device,
    ms: Math.round(performance.now()),
    tokensPerSecond: Math.round(tokensPerSecond * 10) / 10,
    pictures: drawn.map(({ file, slot, expansion }) => ({
      file,
      prompt: expansion.prompt,
      seed: slot.seed,
      index: slot.pictureIndex,
    })),
    notices: parsed.notices.map(({ message }) => message),
  };
}
