/** What the studio writes into a generation's `options`: everything needed to draw it again, as JSON. */
import { z } from 'zod';
import { captionAt } from '../prompt/caption.ts';
import { NOTICE_CODES } from '../prompt/types.ts';
import type { Generation, JsonObject } from '../store/records.ts';

const noticeSchema = z.object({
  code: z.enum(NOTICE_CODES),
  message: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string()).readonly()])),
});

const optionsSchema = z.object({
  /** The words for the model; `prompt` has them as typed. */
  caption: z.string().default(''),
  /** The same for the pictures after the first, in turn with `caption`. */
  sheetCaptions: z.array(z.string()).default([]),
  count: z.int().positive().default(1),
  aspect: z.string().nullable().default(null),
  style: z.string().nullable().default(null),
  unwanted: z.string().nullable().default(null),
  unwantedCaption: z.string().nullable().default(null),
  guidanceScale: z.number().nullable().default(null),
  strength: z.enum(['subtle', 'strong']).nullable().default(null),
  /** Said with the result: what could not be honoured. Plain strings are of older versions. */
  notices: z.array(z.union([z.string(), noticeSchema])).default([]),
  locale: z.string().default('en'),
});
export type GenerationOptions = z.infer<typeof optionsSchema>;

/** Options of a generation, defaults where an older version wrote less. */
export function readOptions(generation: Pick<Generation, 'options'>): GenerationOptions {
  const parsed = optionsSchema.safeParse(generation.options);
  return parsed.success ? parsed.data : optionsSchema.parse({});
}

/** The words for the model of one picture (0-based). */
export function captionOf(generation: Pick<Generation, 'options' | 'prompt'>, pictureIndex: number): string {
  const { caption, sheetCaptions } = readOptions(generation);
  return captionAt(caption === '' ? generation.prompt : caption, sheetCaptions, pictureIndex);
}

export function writeOptions(options: GenerationOptions): JsonObject {
  return { ...options };
}
