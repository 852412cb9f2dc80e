/** `model.json` (format 1 of docs/model-format.md) and `vocabulary.json`, checked once at the door. */
import { z } from 'zod';

const positive = z.int().positive();
const size = z.object({ widthPx: positive, heightPx: positive });
const file = z.object({
  // A model is data from elsewhere: its files stay inside its folder.
  path: z.string().regex(/^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_./-]*$/, 'a path inside the model folder'),
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits'),
});

export const FILE_ROLES = [
  'tokenizer',
  'prefill',
  'row',
  'rowUnrolled',
  'weights',
  'decoder',
  'preview',
  'vocabulary',
  'reference',
] as const;
export type FileRole = (typeof FILE_ROLES)[number];

export const modelManifestSchema = z.object({
  formatVersion: z.literal(1),
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  family: z.literal('easel'),
  title: z.string(),
  version: z.string(),
  picture: size,
  preview: size,
  grid: z.object({ rows: positive, columns: positive }),
  codebookSize: positive,
  caption: z.object({ tokens: positive, padId: z.int().nonnegative(), nullIds: z.array(z.int().nonnegative()).min(1) }),
  transformer: z.object({
    layers: positive,
    width: positive,
    heads: positive,
    headWidth: positive,
    parameters: positive,
  }),
  precision: z.string(),
  sampling: z.object({
    guidanceScale: z.number().min(0),
    /** In place of `guidanceScale` where something is unwanted: pushing away takes more than pulling. */
    unwantedGuidanceScale: z.number().min(0).optional(),
    guidanceRampRows: positive,
    topK: positive,
    topKMax: positive,
    temperature: z.number().positive(),
  }),
  variation: z.object({ subtle: z.number(), strong: z.number() }),
  styles: z.array(z.object({ name: z.string(), words: z.string() })).default([]),
  license: z.string(),
  attribution: z.array(z.string()).default([]),
  sources: z.array(z.object({ name: z.string(), version: z.string(), license: z.string() })).default([]),
  files: z.record(z.enum(FILE_ROLES), file),
});
export type ModelManifest = z.infer<typeof modelManifestSchema>;
