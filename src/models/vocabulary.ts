/** `vocabulary.json`: what a model was taught to draw. Serves expansion of emoji, hints and notices. */
import { z } from 'zod';

const aliases = z.array(z.string()).default([]);

export const modelVocabularySchema = z.object({
  objects: z.array(
    z.object({
      name: z.string(),
      emoji: z.string().nullish(),
      category: z.string().default(''),
      aliases,
      /** Words near to it that no training caption held, such as search words of its emoji. */
      tags: aliases,
    }),
  ),
  colours: z.array(z.object({ name: z.string(), aliases })).default([]),
  styles: z.array(z.object({ name: z.string(), words: z.string(), aliases })).default([]),
  backgrounds: z.array(z.object({ name: z.string(), aliases })).default([]),
  /** The languages of the training captions, by their English names. */
  languages: z.array(z.string()).default([]),
  /** Every word of the training captions, lower case. */
  words: z.array(z.string()).default([]),
});

/** Objects with their emoji, colours, styles, backgrounds, and every word the captions held. */
export type ModelVocabulary = z.infer<typeof modelVocabularySchema>;
