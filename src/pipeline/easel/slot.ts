/** What the engine keeps of one picture while it is drawn. */
import { AppError } from '../../errors.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import type { CaptionTokenizer } from '../caption-tokenizer.ts';
import type { SlotNotice, SlotRequest } from '../pipeline.ts';
import type { ModelShape } from './model-shape.ts';

export type Slot = {
  readonly slotId: string;
  readonly captionIds: readonly number[];
  readonly unwantedIds: readonly number[];
  readonly seed: number;
  readonly pictureIndex: number;
  readonly guidanceScale: number;
  readonly topK: number;
  readonly temperature: number;
  /** The parent's ids to lean toward, or null. */
  readonly biasIds: readonly number[] | null;
  readonly biasStrength: number;
  readonly previews: boolean;
  readonly notices: readonly SlotNotice[];
  readonly admittedAtMs: number;
  /** Drawn so far, row by row. */
  readonly ids: number[];
  rowsDone: number;
  engineMs: number;
  previewAtMs: number;
};

/**
 * Fills in the model's defaults and turns words into tokens.
 *
 * @throws {AppError} `INPUT_IDS` when a variation's parent is not a picture of this model
 */
export function toSlot(
  request: SlotRequest,
  manifest: ModelManifest,
  shape: ModelShape,
  tokenize: CaptionTokenizer,
): Slot {
  const { sampling, variation, caption } = manifest;
  const wanted = tokenize(request.caption);
  const unwanted = request.unwanted === null ? null : tokenize(request.unwanted);
  const notices: SlotNotice[] = [];
  if (wanted.cut) notices.push('CAPTION_CUT');
  if (unwanted?.cut) notices.push('UNWANTED_CUT');
  const orNull = (ids: readonly number[] | undefined): readonly number[] =>
    ids === undefined || ids.length === 0 ? caption.nullIds : ids;
  if (request.variation !== null) checkIds(request.variation.parentIds, shape);
  return {
    slotId: request.slotId,
    captionIds: orNull(wanted.ids),
    unwantedIds: orNull(unwanted?.ids),
    seed: request.seed >>> 0,
    pictureIndex: request.pictureIndex,
    guidanceScale: request.guidanceScale ?? defaultGuidance(request, sampling),
    topK: Math.min(sampling.topKMax, Math.max(1, Math.round(request.topK ?? sampling.topK))),
    temperature: Math.max(0.01, request.temperature ?? sampling.temperature),
    biasIds: request.variation?.parentIds ?? null,
    biasStrength: request.variation === null ? 0 : variation[request.variation.strength],
    previews: request.previews,
    notices,
    admittedAtMs: performance.now(),
    ids: [],
    rowsDone: 0,
    engineMs: 0,
    previewAtMs: Number.NEGATIVE_INFINITY,
  };
}

/** The slot before its first row; the same request, the same time of admission. */
export function restart(slot: Slot): Slot {
  return { ...slot, ids: [], rowsDone: 0 };
}

/** @throws {AppError} `INPUT_IDS` unless there are R C ids of the codebook */
export function checkIds(ids: readonly number[], { rows, columns, codebookSize }: ModelShape): void {
  const wrong =
    ids.length !== rows * columns || ids.some((id) => !Number.isInteger(id) || id < 0 || id >= codebookSize);
  if (!wrong) return;
  throw new AppError(
    'INPUT_IDS',
    'These are not the tokens of a picture of this model: draw the picture again with it.',
    {
      details: { ids: ids.length, expected: rows * columns, codebookSize },
    },
  );
}

function defaultGuidance({ unwanted }: SlotRequest, sampling: ModelManifest['sampling']): number {
  return unwanted === null ? sampling.guidanceScale : (sampling.unwantedGuidanceScale ?? sampling.guidanceScale);
}

/** The scale at a row: from nearly none to the whole over the first rows, so that the composition stays varied. */
export function guidanceAtRow(guidanceScale: number, row: number, rampRows: number): number {
  return 1 + (guidanceScale - 1) * Math.min(1, (row + 1) / rampRows);
}
