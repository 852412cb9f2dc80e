// A parsed request -> drawn pictures: by the Easel that runs on the data folder, or by a worker of this command.

import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import {
  AppError,
  askStatus,
  type CatalogModel,
  captionAt,
  type Expansion,
  type GivenFlag,
  imagineRemotely,
  type SlotNotice,
  type SlotRequest,
} from '../../src/index.ts';
import type { ImagineSetting } from './imagine.ts';
import type { Drawing } from './open-drawing.ts';
import { announce, createProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';

export type PictureWish = { readonly expansion: Expansion; readonly seed: number; readonly index: number };

export type RequestToDraw = {
  readonly model: CatalogModel;
  /** Every picture, in the order of its files. */
  readonly wishes: readonly PictureWish[];
  /** The same as it was typed, for whoever reads it again. */
  readonly text: string;
  readonly given: readonly GivenFlag[];
};

export type DrawnRequest = {
  /** In the order of the wishes. */
  readonly pngs: readonly Uint8Array[];
  readonly modelHash: string;
  readonly device: string;
  readonly notices: readonly SlotNotice[];
  /** Drawing alone, without loading the model. */
  readonly drawMs: number;
};

/** @throws {AppError} `CANCELLED`, and what a worker or the running Easel refuses with */
export async function drawRequest(
  request: RequestToDraw,
  setting: ImagineSetting,
  terminal: Terminal,
): Promise<DrawnRequest> {
  return (await drawRemotely(request, setting, terminal)) ?? (await drawHere(request, setting, terminal));
}

/** In the queue of the running Easel and by its rules; null when none runs on the data folder. */
async function drawRemotely(
  request: RequestToDraw,
  setting: ImagineSetting,
  terminal: Terminal,
): Promise<DrawnRequest | null> {
  const { dataDir } = setting.config;
  const status = await askStatus(dataDir);
  // It draws with one model; another is loaded here.
  if (status === null || status['model'] !== request.model.name) return null;
  const { rows } = request.model.manifest.grid;
  const startMs = performance.now();
  const progress = createProgress(terminal, 'Drawing in the running Easel', request.wishes.length * rows);
  const { text, given } = request;
  const call = { text, given: [...given], requestKey: randomUUID(), user: userInfo().username };
  const rowsDone = new Map<number, number>();
  let answer: Awaited<ReturnType<typeof imagineRemotely>>;
  try {
    answer = await imagineRemotely(
      dataDir,
      call,
      (event) => {
        if (event.kind !== 'progress') return;
        rowsDone.set(event.picture, event.rowsDone);
        progress.update(sumOf(rowsDone.values()));
      },
      terminal.signal,
    );
    progress.update(request.wishes.length * rows);
  } finally {
    progress.stop();
  }
  if (answer === null) return null;
  const pngs = answer.pictures.map(({ pngBase64 }) => Buffer.from(pngBase64, 'base64'));
  if (pngs.length !== request.wishes.length) {
    throw new AppError(
      'JOB_NOT_DRAWN',
      'The running Easel drew another number of pictures than was asked for. Try again.',
    );
  }
  const device = String(status['device'] ?? 'unknown');
  return { pngs, modelHash: answer.modelHash, device, notices: [], drawMs: performance.now() - startMs };
}

async function drawHere(request: RequestToDraw, setting: ImagineSetting, terminal: Terminal): Promise<DrawnRequest> {
  const loaded = announce(terminal, `Loading ${request.model.name}`);
  const drawing = await setting.openDrawing(request.model.name, setting.config, terminal.signal).finally(loaded);
  try {
    return await drawAll(request, drawing, terminal);
  } finally {
    await drawing.close();
  }
}

async function drawAll({ wishes }: RequestToDraw, drawing: Drawing, terminal: Terminal): Promise<DrawnRequest> {
  const { rows } = drawing.model;
  const startMs = performance.now();
  const rowsDone = new Map<string, number>();
  const progress = createProgress(terminal, `Drawing on ${drawing.device}`, wishes.length * rows);
  const tell = (slotId: string, done: number): void => {
    rowsDone.set(slotId, done);
    progress.update(sumOf(rowsDone.values()));
  };
  // The first failure ends the others: half a request is not what was asked for.
  const failed = new AbortController();
  const signal = AbortSignal.any([terminal.signal, failed.signal]);
  const draw = async (wish: PictureWish) => {
    try {
      const picture = await drawing.draw(toSlot(wish), (made) => tell(made.slotId, made.rowsDone), signal);
      tell(picture.slotId, rows);
      return picture;
    } catch (thrown) {
      failed.abort();
      throw thrown;
    }
  };
  try {
    const pictures = await Promise.all(wishes.map(draw));
    return {
      pngs: pictures.map(({ png }) => png),
      modelHash: drawing.model.hash,
      device: drawing.device,
      notices: pictures.flatMap(({ notices }) => notices),
      drawMs: performance.now() - startMs,
    };
  } finally {
    progress.stop();
  }
}

function toSlot({ expansion, seed, index }: PictureWish): SlotRequest {
  const { options, caption, sheetCaptions, unwantedCaption } = expansion;
  return {
    slotId: randomUUID(),
    model: options.model,
    caption: captionAt(caption, sheetCaptions, index),
    unwanted: unwantedCaption,
    seed,
    pictureIndex: index,
    guidanceScale: options.guidanceScale,
    topK: null,
    temperature: null,
    variation: null,
    previews: false,
  };
}

function sumOf(numbers: Iterable<number>): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
}
