// Emoji are words: they become the names that the model's vocabulary gives them.

import type { PromptVocabulary } from './types.ts';

export type EmojiText = {
  readonly text: string;
  /** Emoji that the vocabulary has no name for, in order, once each; they are left out. */
  readonly unknown: readonly string[];
  /** Joined emoji of which only parts have names, with what is drawn instead. */
  readonly approximated: readonly { readonly emoji: string; readonly names: readonly string[] }[];
};

const ZERO_WIDTH_JOINER = '\u200D';
/** Presentation selectors, the enclosing keycap and skin tones change how an emoji looks, not what it is. */
const APPEARANCE = /[\uFE0E\uFE0F\u{1F3FB}-\u{1F3FF}]/gu;
const GENDER = /\u200D[\u2640\u2642]/gu;
/** Signs such as (c), digits and # count as emoji to Unicode; in a prompt they are text unless shown as a picture. */
const EMOJI =
  /\p{Regional_Indicator}|\p{Emoji_Presentation}|(?![\d#*])\p{Emoji}\uFE0F|[\d#*]\uFE0F?\u20E3|(?![\u00A9\u00AE\u2122])\p{Extended_Pictographic}/u;
/** After these a thing follows: "under" + rainbow = "under a rainbow", while "red" + fox = "red fox". */
const CONNECTORS = new Set(
  'and or with without under over on in into inside by near behind beside between of from to at above below plus holding wearing like as'.split(
    ' ',
  ),
);

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'names'; readonly names: readonly string[] };

/**
 * Replaces emoji by words: "🦊🌈" reads "a fox and a rainbow", "a red 🦊 under a 🌈" reads "a red fox under a rainbow".
 *
 * Skin tones, presentation selectors and genders do not matter; a joined emoji without a name is split into its parts.
 */
export function emojiToWords(text: string, vocabulary: PromptVocabulary): EmojiText {
  if (!EMOJI.test(text)) return { text, unknown: [], approximated: [] };
  const names = namesByEmoji(vocabulary);
  const unknown = new Set<string>();
  const approximated = new Map<string, readonly string[]>();
  const pieces: Piece[] = [];
  for (const { segment } of graphemes.segment(text)) {
    if (!EMOJI.test(segment)) {
      pieces.push({ kind: 'text', text: segment });
      continue;
    }
    const whole = names.get(plain(segment)) ?? names.get(plain(segment).replace(GENDER, ''));
    const parts =
      whole === undefined
        ? plain(segment)
            .split(ZERO_WIDTH_JOINER)
            .flatMap((part) => names.get(part) ?? [])
        : [whole];
    if (parts.length === 0) unknown.add(segment);
    else if (whole === undefined) approximated.set(segment, parts);
    pieces.push({ kind: 'names', names: parts });
  }
  return {
    text: join(pieces),
    unknown: [...unknown],
    approximated: [...approximated].map(([emoji, parts]) => ({ emoji, names: parts })),
  };
}

/** Things that the training captions never count. */
const UNCOUNTED = new Set(
  'popcorn bacon salad bread money spaghetti sushi rain fire honey milk beer corn garlic broccoli cheese chocolate meat yarn soap poo camping lightning'.split(
    ' ',
  ),
);

/** A name with its article, as the training captions have it; plurals and what is not counted go without. */
export function withArticle(name: string): string {
  if (UNCOUNTED.has(name)) return name;
  if (/[^aisu]s$/iu.test(name) && !/(?:ss|us|is)$/iu.test(name)) return name;
  const vowelSound = /^(?:[aeio]|u(?!ni|se|ku)|hour|honest)/iu.test(name) && !/^(?:eu|ewe|one\b)/iu.test(name);
  return `${vowelSound ? 'an' : 'a'} ${name}`;
}

function namesByEmoji(vocabulary: PromptVocabulary): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { emoji, name } of vocabulary.objects) {
    const key = plain(emoji ?? '');
    if (key !== '' && !names.has(key)) names.set(key, name);
  }
  return names;
}

function plain(emoji: string): string {
  return emoji.normalize('NFC').replace(APPEARANCE, '');
}

/** Puts the pieces together; names of emoji that stand next to each other become one list. */
function join(pieces: readonly Piece[]): string {
  let text = '';
  let run: string[] = [];
  const flush = (): void => {
    if (run.length > 0) text = appendWords(text, listOf(run, text));
    run = [];
  };
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind === 'names') {
      run.push(...piece.names);
    } else if (run.length === 0 || !leadsToNames(pieces, index)) {
      const afterEmoji = run.length > 0;
      flush();
      text = afterEmoji && /^[\p{L}\p{N}]/u.test(piece.text) ? appendWords(text, piece.text) : text + piece.text;
    }
  }
  flush();
  return text
    .replace(/\s+/gu, ' ')
    .replace(/ (?=[,.!?;:])/gu, '')
    .trim();
}

/** Whether nothing but spaces and commas stands between this piece and the next emoji. */
function leadsToNames(pieces: readonly Piece[], from: number): boolean {
  for (const piece of pieces.slice(from)) {
    if (piece.kind === 'names') return true;
    if (!/^[\s,+&]$/u.test(piece.text)) return false;
  }
  return false;
}

function listOf(names: readonly string[], before: string): string {
  const lastWord = /(?<word>[\p{L}\p{N}']+)\s*$/u.exec(before)?.groups?.['word']?.toLowerCase();
  const described = lastWord !== undefined && !CONNECTORS.has(lastWord);
  const things = names.map((name, index) => (index === 0 && described ? name : withArticle(name)));
  const last = things.pop() ?? '';
  return things.length === 0 ? last : `${things.join(', ')} and ${last}`;
}

function appendWords(text: string, words: string): string {
  return text === '' || text.endsWith(' ') ? text + words : `${text} ${words}`;
}
