/** Words as a reader sees them: one spelling for letters that look alike, decorated, stretched or spaced out. */
import { resolveConfusablesTransformer, resolveLeetSpeakTransformer } from 'obscenity';

export type FoldedWord = {
  /** Every spelling it may be read as; the plainest first. */
  spellings: readonly string[];
};

const CONFUSABLES = resolveConfusablesTransformer();
const LEET = resolveLeetSpeakTransformer();
/** A word with the signs that stand for letters in it, such as `b@d` and `$ale`. */
const WORD = /[\p{L}\p{N}\p{M}@$!|]+/gu;
const OUTER_SIGNS = /^[@$!|]+|[@$!|]+$/gu;
/** Marks over these letters are decoration; elsewhere they are part of the letter. */
const DECORATION = /(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]\p{M}*)\p{M}/gu;
/** Written without spaces: words are found anywhere in them. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;
const SPACED_OUT_MIN = 3;

export function isUnspaced(text: string): boolean {
  return UNSPACED.test(text);
}

/** Compatibility forms, case, invisible characters and decoration gone; letters still those of their script. */
export function foldText(text: string): string {
  return (
    text
      .normalize('NFKD')
      .replaceAll(/\p{Cf}/gu, '')
      .replaceAll(DECORATION, '')
      .normalize('NFKC')
      // Up first: ß is ss, and ı is i.
      .toUpperCase()
      .toLowerCase()
  );
}

/** In order; letters that stand alone in a row are also one word, `b a d` being one. */
export function foldWords(text: string): FoldedWord[] {
  const words = [...foldText(text).matchAll(WORD)].map(([word]) => word);
  const folded: FoldedWord[] = [];
  for (let at = 0; at < words.length; at += 1) {
    let end = at;
    while (end < words.length && [...(words[end] ?? '')].length === 1) end += 1;
    if (end - at >= SPACED_OUT_MIN) folded.push({ spellings: spellingsOf(words.slice(at, end).join('')) });
    folded.push({ spellings: spellingsOf(words[at] ?? '') });
  }
  return folded;
}

/** The one spelling under which a word of a list is kept. */
export function spellingOf(word: string): string {
  return spellingsOf(foldText(word))[0] ?? '';
}

function spellingsOf(word: string): string[] {
  const plain = word.replaceAll(OUTER_SIGNS, '');
  const read = [plain, word].flatMap((each) => {
    const looks = transform(each, CONFUSABLES);
    // Digits alone are a number, not letters in disguise.
    return /\p{L}/u.test(each) ? [transform(looks, LEET), looks] : [looks];
  });
  const all = read.flatMap((each) => [
    each,
    each.replaceAll(/(.)\1{2,}/gu, '$1'),
    each.replaceAll(/(.)\1{2,}/gu, '$1$1'),
  ]);
  return [...new Set(all)].filter((each) => each !== '');
}

type Transformer = ReturnType<typeof resolveConfusablesTransformer>;

function transform(word: string, { transform: one }: Transformer): string {
  return [...word]
    .map((character) => {
      const code = one(character.codePointAt(0) ?? 0);
      return code === undefined ? '' : String.fromCodePoint(code);
    })
    .join('')
    .toLowerCase();
}
