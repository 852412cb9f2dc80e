// What goes into the prompt language and what comes out of it.

import type { AppError } from '../errors.ts';

/** What a prompt asks for besides its words. `null` means: the default, chosen by whoever runs it. */
export type PromptOptions = {
  /** uint32 */
  readonly seed: number | null;
  /** Pictures of this prompt, 1 or more. */
  readonly count: number;
  /** `width:height` in whole numbers, honoured by the model; else null and a notice. */
  readonly aspect: string | null;
  /** Name of a style of the model; an unknown one is null and a notice. */
  readonly style: string | null;
  /** What must not be drawn, as typed: one or more things, joined by ", ". */
  readonly unwanted: string | null;
  readonly guidanceScale: number | null;
  /** Name of a model of the context. */
  readonly model: string;
  readonly private: boolean;
};

/** One prompt to draw `options.count` pictures of: what became of the text after `{a,b}` was written out. */
export type Expansion = {
  /** The words as typed, without flags, braces written out. */
  readonly prompt: string;
  /** The words for the model: emoji named, the style's words appended. */
  readonly caption: string;
  /** The same for the pictures after the first, each in another style where the prompt leaves that open; in turn with `caption`. */
  readonly sheetCaptions: readonly string[];
  /** `options.unwanted` in words for the model. */
  readonly unwantedCaption: string | null;
  readonly options: PromptOptions;
};

/** Something the person should know before the pictures come; never a reason to stop. */
export type Notice = {
  readonly code: NoticeCode;
  /** One plain English sentence or two. */
  readonly message: string;
  /** What the sentence names, for the same in another language. */
  readonly details: Readonly<Record<string, string | number | readonly string[]>>;
};

export const NOTICE_CODES = [
  'PERMUTATIONS',
  'ASPECT_NOT_HONOURED',
  'STYLE_NOT_HONOURED',
  'GUIDANCE_NOT_HONOURED',
  'PRIVATE_NOT_HONOURED',
  'EMOJI_UNKNOWN',
  'EMOJI_APPROXIMATED',
  'WORDS_UNKNOWN',
] as const;
export type NoticeCode = (typeof NOTICE_CODES)[number];

export type ParsedPrompt = {
  /** At least one; each with its own options, since braces may stand in flags too. */
  readonly expansions: readonly [Expansion, ...Expansion[]];
  /** Pictures of all expansions together. */
  readonly pictureCount: number;
  readonly notices: readonly Notice[];
};

/** Refusals are returned, with a code of the area INPUT or MODEL; only bugs are thrown. */
export type PromptResult =
  | { readonly ok: true; readonly parsed: ParsedPrompt }
  | { readonly ok: false; readonly refusal: AppError };

/** A flag that did not come in the text: an option of a slash command, a flag of the command line. */
export type GivenFlag = { readonly name: string; readonly value: string };

export type NamedWords = { readonly name: string; readonly aliases: readonly string[] };

/** The model's own words: the part of `vocabulary.json` that the prompt language needs. */
export type PromptVocabulary = {
  readonly objects: readonly (NamedWords & {
    readonly emoji?: string | null | undefined;
    readonly category: string;
    /** Words near to it that the model never saw. */
    readonly tags?: readonly string[];
  })[];
  readonly colours: readonly NamedWords[];
  readonly styles: readonly (NamedWords & { readonly words: string })[];
  readonly backgrounds: readonly NamedWords[];
  /** What its captions were written in, by English names; absent or empty: English. */
  readonly languages?: readonly string[];
  /** Every word of the training captions, in lower case. */
  readonly words: readonly string[];
};

/** What the prompt language must know of a model. */
export type PromptModel = {
  readonly name: string;
  readonly picture: { readonly widthPx: number; readonly heightPx: number };
  readonly styles: readonly { readonly name: string; readonly words: string }[];
  /** Words of the styles that pictures of a sheet after the first may be in. */
  readonly sheetStyles: readonly string[];
  readonly guided: boolean;
  /** null: the model takes any words and any emoji. */
  readonly vocabulary: PromptVocabulary | null;
};

export type PromptContext = {
  /** The default first; `--model` names one of them. */
  readonly models: readonly [PromptModel, ...PromptModel[]];
  /** Pictures when `--n` is not given: four in chat, one on the command line. */
  readonly defaultCount: number;
  readonly limits: PromptLimits;
  /** Whether `--private` means anything here. */
  readonly canBePrivate: boolean;
};

export type PromptLimits = {
  /** Of the text as typed, in code points. */
  readonly charactersMax: number;
  /** The largest `--n`. */
  readonly countMax: number;
  /** Prompts that braces may make. */
  readonly promptsMax: number;
  /** Pictures of all prompts together. */
  readonly picturesMax: number;
};
