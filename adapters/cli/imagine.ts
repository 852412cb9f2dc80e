// `easel imagine`: one request, drawn now, into files.

import { randomInt } from 'node:crypto';
import {
  AppError,
  type CatalogModel,
  type Config,
  composeSheet,
  encodeWithin,
  type GivenFlag,
  loadCatalog,
  type ParsedPrompt,
  type PromptContext,
  parsePrompt,
  readPromptModels,
  SHEET_MAX_PICTURES,
  type SlotNotice,
} from '../../src/index.ts';
import { type DrawnRequest, drawRequest, type PictureWish, type RequestToDraw } from './draw-request.ts';
import type { OpenDrawing } from './open-drawing.ts';
import { planPictureFiles, writeWhole } from './picture-files.ts';
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

const LIMITS = { charactersMax: 1000, countMax: 16, picturesMax: 32 } as const;
const SLOT_NOTICES: Readonly<Record<SlotNotice, string>> = {
  CAPTION_CUT: 'The prompt is longer than the model reads: its end was left out.',
  UNWANTED_CUT: 'The words of --no are more than the model reads: their end was left out.',
};

export async function imagine(
  text: string,
  options: ImagineOptions,
  setting: ImagineSetting,
  terminal: Terminal,
): Promise<void> {
  const { parsed, model } = await read(text, options.flags, setting);
  for (const { message } of parsed.notices) say(terminal, message);
  const request = toRequest(text, options.flags, parsed, model);
  const [first] = parsed.expansions;
  const { paths, format } = await planPictureFiles(
    options.out,
    first.caption,
    request.wishes[0]?.seed ?? 0,
    request.wishes.length,
  );

  const drawn = await drawRequest(request, setting, terminal);
  for (const notice of new Set(drawn.notices)) say(terminal, SLOT_NOTICES[notice]);
  for (const [index, wish] of request.wishes.entries()) {
    const png = drawn.pngs[index] ?? new Uint8Array();
    const provenance = toProvenance(wish, model, drawn, setting.software);
    const limits = { maxBytes: Number.MAX_SAFE_INTEGER, formats: [format] };
    await writeWhole(paths[index] ?? '', (await encodeWithin(png, limits, provenance)).bytes);
  }

  if (options.json) {
    print(terminal, JSON.stringify(toReport(request, parsed, drawn, paths)));
  } else {
    await show(drawn.pngs, options.show, terminal);
    for (const path of paths) print(terminal, path);
  }
}

type Read = { readonly parsed: ParsedPrompt; readonly model: CatalogModel };

/** Reads the prompt before anything is started, so that a typing mistake costs no wait. */
async function read(text: string, flags: readonly GivenFlag[], { config, modelsDir }: ImagineSetting): Promise<Read> {
  const catalog = await loadCatalog(modelsDir);
  const { models, failures } = await readPromptModels(catalog, config.model ?? undefined);
  const context: PromptContext = {
    models,
    defaultCount: 1,
    limits: { ...LIMITS, promptsMax: config.promptsMax },
    canBePrivate: true,
  };
  const result = parsePrompt(text, context, flags);
  if (!result.ok) throw result.refusal;
  const [name = '', another] = new Set(result.parsed.expansions.map(({ options }) => options.model));
  if (another !== undefined) {
    throw new AppError('INPUT_USAGE', 'One command draws with one model. Take --model out of the braces.');
  }
  const failure = failures.get(name);
  if (failure !== undefined) throw failure;
  return { parsed: result.parsed, model: await catalog.resolve(name) };
}

/** Gives every picture its seed. Prompts without one share one, so that only the words differ. */
function toRequest(
  text: string,
  flags: readonly GivenFlag[],
  parsed: ParsedPrompt,
  model: CatalogModel,
): RequestToDraw {
  const sharedSeed = randomInt(2 ** 32);
  const isSeeded = parsed.expansions.some(({ options }) => options.seed !== null);
  const wishes = parsed.expansions.flatMap((expansion) =>
    Array.from({ length: expansion.options.count }, (_, index) => ({
      expansion,
      seed: expansion.options.seed ?? sharedSeed,
      index,
    })),
  );
  return { model, wishes, text, given: isSeeded ? flags : [...flags, { name: 'seed', value: String(sharedSeed) }] };
}

function toProvenance(
  { expansion, seed, index }: PictureWish,
  model: CatalogModel,
  { modelHash }: DrawnRequest,
  software: string,
) {
  const prompt = expansion.options.private ? null : expansion.prompt;
  return { prompt, seed, pictureIndex: index, model: model.name, modelHash, software };
}

async function show(pngs: readonly Uint8Array[], how: ShowWay, terminal: Terminal): Promise<void> {
  const way = how === 'auto' ? await findShowWay(terminal) : how;
  const [first] = pngs;
  if (way === 'none' || first === undefined) return;
  const png = pngs.length === 1 ? first : (await composeSheet(pngs.slice(0, SHEET_MAX_PICTURES))).png;
  terminal.stdout.write(await renderPicture(png, way, terminal.stdout));
}

async function findShowWay({ stdout, environment, graphics, askSixel }: Terminal): Promise<Exclude<ShowWay, 'auto'>> {
  const way = chooseShowWay(stdout, environment, graphics);
  return way === 'blocks' && (await askSixel?.()) === true ? 'sixel' : way;
}

function toReport(
  { model, wishes }: RequestToDraw,
  parsed: ParsedPrompt,
  drawn: DrawnRequest,
  paths: readonly string[],
): ImagineReport {
  const { grid, picture } = model.manifest;
  const tokens = grid.rows * grid.columns * wishes.length;
  return {
    files: paths,
    width: picture.widthPx,
    height: picture.heightPx,
    seed: wishes[0]?.seed ?? 0,
    model: model.name,
    device: drawn.device,
    ms: Math.round(performance.now()),
    tokensPerSecond: Math.round((10_000 * tokens) / drawn.drawMs) / 10,
    pictures: wishes.map(({ expansion, seed, index }, at) => ({
      file: paths[at] ?? '',
      prompt: expansion.prompt,
      seed,
      index,
    })),
    notices: parsed.notices.map(({ message }) => message),
  };
}
