/** What the studio writes into a generation's `options`: everything needed to draw it again, as JSON. */
import { z } from 'zod';
import type { Generation, JsonObject } from '../store/records.ts';

const optionsSchema = z.object({
  /** The words for the model; `prompt` has them as typed. */
  caption: z.string().default(''),
  count: z.int().positive().default(1),
  aspect: z.string().nullable().default(null),
  style: z.string().nullable().default(null),
  unwanted: z.string().nullable().default(null),
  unwantedCaption: z.string().nullable().default(null),
  guidanceScale: z.number().nullable().default(null),
  strength: z.enum(['subtle', 'strong']).nullable().default(null),
  /** Said with the result: what could not be honoured. */
  notices: z.array(z.string()).default([]),
  locale: z.string().default('en'),
});
export type GenerationOptions = z.infer<typeof optionsSchema>;

/** Options of a generation, defaults where an older version wrote less. */
export function readOptions(generation: Pick<Generation, 'options'>): GenerationOptions {
  const parsed = optionsSchema.safeParse(generation.options);
  return parsed.success ? parsed.data : optionsSchema.parse({});
}

export function writeOptions(options: GenerationOptions): JsonObject {
  return { ...options };
}
