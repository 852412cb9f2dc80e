/** `vocabulary.json`: what a model was taught to draw. Serves expansion of emoji, hints and notices. */
import { z } from 'zod';

export const modelVocabularySchema = z.object({
  objects: z.array(z.object({ name: z.string(), emoji: z.string().nullish(), category: z.string().default('') })),
  colours: z.array(z.string()).default([]),
  styles: z.array(z.string()).default([]),
  backgrounds: z.array(z.string()).default([]),
  /** Every word of the training captions, lower case. */
  words: z.array(z.string()).default([]),
});

/** Objects with their emoji, colours, styles, backgrounds, and every word the captions held. */
export type ModelVocabulary = z.infer<typeof modelVocabularySchema>;
