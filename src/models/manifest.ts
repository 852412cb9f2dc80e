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

const files = z.strictObject({
  tokenizer: file,
  prefill: file,
  row: file,
  rowUnrolled: file,
  /** The graphs in float16, for devices that are faster with it: all three, or none. */
  prefillHalf: file.optional(),
  rowHalf: file.optional(),
  rowUnrolledHalf: file.optional(),
  weights: file,
  decoder: file,
  preview: file,
  vocabulary: file,
  reference: file,
});
export type FileRole = keyof z.infer<typeof files>;

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
  /** Names of styles for the pictures of a sheet after the first, of a model that would draw them all alike. */
  sheetStyles: z.array(z.string()).default([]),
  license: z.string(),
  attribution: z.array(z.string()).default([]),
  sources: z.array(z.object({ name: z.string(), version: z.string(), license: z.string() })).default([]),
  files: files.refine(({ prefillHalf, rowHalf, rowUnrolledHalf }) => {
    const absent = [prefillHalf, rowHalf, rowUnrolledHalf].filter((half) => half === undefined).length;
    return absent === 0 || absent === 3;
  }, 'the graphs in float16 belong together: list all three, or none'),
});
export type ModelManifest = z.infer<typeof modelManifestSchema>;
