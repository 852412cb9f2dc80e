/** The seam of a model family on one device: slots are admitted, advance together by one quantum (a row for `easel`), and leave. */
import type { AppError } from '../errors.ts';
import type { DeviceName } from './device.ts';

/** One picture to draw: a slot. Pure data, it crosses process boundaries. */
export type SlotRequest = {
  /** Unique among the slots of a worker. */
  slotId: string;
  model: string;
  /** What to draw, already expanded: emoji to words, style words appended. */
  caption: string;
  /** What guidance pushes away from (`--no`); null pushes away from the empty caption. */
  unwanted: string | null;
  /** uint32 */
  seed: number;
  /** Index of the picture in its generation, 0-based: part of the noise, so the four pictures of a sheet differ. */
  pictureIndex: number;
  /** null: the model's default, as for `topK` and `temperature`. */
  guidanceScale: number | null;
  topK: number | null;
  temperature: number | null;
  variation: { parentIds: number[]; strength: VariationStrength } | null;
  /** Whether progress carries a small picture after every row. */
  previews: boolean;
};

export type VariationStrength = 'subtle' | 'strong';

/** Straight (not premultiplied) RGBA, 8 bits a channel, row by row. */
export type RawPicture = { rgba: Uint8Array; widthPx: number; heightPx: number };

export type SlotProgress = {
  slotId: string;
  rowsDone: number;
  rows: number;
  /** null where none was asked for, or the one before is too fresh. */
  preview: RawPicture | null;
};

export type SlotPicture = {
  slotId: string;
  /** Row by row, `rows * columns` of them. */
  ids: number[];
  /** Unadorned RGBA PNG: provenance is added where the prompt and its privacy are known. */
  png: Uint8Array;
  widthPx: number;
  heightPx: number;
  /** From admission to the last byte, waiting for rows shared with others included. */
  drawMs: number;
  /** Time in the graphs, shared rows counted by their share. */
  engineMs: number;
  /** Said, not hidden: what the model could not honour of this request. */
  notices: SlotNotice[];
};

/** `CAPTION_CUT`: the caption had more tokens than the model reads; `UNWANTED_CUT`: the same of `--no`. */
export type SlotNotice = 'CAPTION_CUT' | 'UNWANTED_CUT';

/** What a pipeline knows about its model; sent to the parent once a worker is ready. */
export type ModelInfo = {
  name: string;
  title: string;
  version: string;
  /** Hex sha256 of `model.json`, which lists the sha256 of every other file. */
  hash: string;
  rows: number;
  columns: number;
  codebookSize: number;
  captionTokens: number;
  widthPx: number;
  heightPx: number;
  previewWidthPx: number;
  previewHeightPx: number;
};

/**
 * What one advance did to one slot. Rows come in order; `drawn` and `failed` are a slot's last event. Pictures are promises, so
 * that the next row does not wait for pixels; whoever gets the event handles their failure.
 */
export type SlotEvent =
  | { kind: 'row'; slotId: string; rowsDone: number; rows: number; preview: Promise<RawPicture> | null }
  | { kind: 'drawn'; slotId: string; ids: number[]; drawing: Promise<Drawing>; notices: SlotNotice[] }
  | { kind: 'failed'; slotId: string; error: AppError };

/** A finished picture; times as in `SlotPicture`. */
export type Drawing = { picture: RawPicture; drawMs: number; engineMs: number };

/**
 * One model on one device.
 *
 * Not re-entrant: one caller awaits each `advance` before the next. Calls between two advances take effect at the next row.
 */
export type Pipeline = {
  readonly model: ModelInfo;
  readonly device: DeviceName;
  /** How many slots may be admitted at once. */
  readonly capacity: number;
  /** Slots admitted and not drawn to their last row. */
  readonly size: number;
  /** Takes a slot in; it joins the batch at the next `advance`. @throws {AppError} `INTERNAL` when full or the id is taken */
  admit(slot: SlotRequest): void;
  /** Draws one row of every admitted slot. Resolves with nothing when there is none. */
  advance(): Promise<SlotEvent[]>;
  /** Drops a slot without an event; an unknown id is ignored. */
  evict(slotId: string): void;
  /** The picture of finished ids. @throws {AppError} `INPUT_IDS` when there are not `rows * columns` ids of the codebook */
  decode(ids: readonly number[]): Promise<RawPicture>;
  close(): Promise<void>;
};
