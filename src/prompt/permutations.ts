// `a {red,blue} {fox,owl}` -> four prompts. Counted before any is made, so that a short text cannot ask for millions.

import { AppError } from '../errors.ts';

/** Literal text, or the alternatives between two braces, each a sequence again. */
type Part = string | readonly Sequence[];
type Sequence = readonly Part[];

/**
 * Writes out `{a,b}`, nested ones too, in reading order: the last braces turn fastest.
 *
 * A backslash keeps a brace or a comma as it is; escapes stay in the results, since flags are read from them next.
 *
 * @throws {AppError} `INPUT_BRACES` when braces do not pair or hold nothing, `INPUT_TOO_MANY_PROMPTS` above `promptsMax`
 */
export function writeOutBraces(text: string, promptsMax: number): readonly string[] {
  const sequence = readSequence(text);
  const count = countOf(sequence);
  if (count > promptsMax) {
    const made = Number.isSafeInteger(count) ? count.toLocaleString('en') : 'countless';
    throw new AppError(
      'INPUT_TOO_MANY_PROMPTS',
      `The braces make ${made} prompts and ${promptsMax} is the most at a time. Take some words out of the braces.`,
      { details: { promptsMax } },
    );
  }
  return expand(sequence);
}

function countOf(sequence: Sequence): number {
  let count = 1;
  for (const part of sequence) {
    if (typeof part !== 'string') count *= part.reduce((sum, alternative) => sum + countOf(alternative), 0);
  }
  return count;
}

function expand(sequence: Sequence): readonly string[] {
  let texts: readonly string[] = [''];
  for (const part of sequence) {
    const endings = typeof part === 'string' ? [part] : part.flatMap(expand);
    texts = texts.flatMap((text) => endings.map((ending) => text + ending));
  }
  return texts;
}

/** An opened brace: the alternatives closed so far and the one being read. */
type Group = { readonly alternatives: Part[][]; current: Part[] };

function readSequence(text: string): Sequence {
  const root: Group = { alternatives: [], current: [] };
  const open: Group[] = [root];
  let literal = '';
  const flush = (group: Group): void => {
    if (literal !== '') group.current.push(literal);
    literal = '';
  };
  for (let at = 0; at < text.length; at++) {
    const sign = text.charAt(at);
    const group = open.at(-1) ?? root;
    const inBraces = open.length > 1;
    if (sign === '\\') {
      literal += text.slice(at, at + 2);
      at++;
    } else if (sign === '{') {
      flush(group);
      open.push({ alternatives: [], current: [] });
    } else if (sign === ',' && inBraces) {
      flush(group);
      group.alternatives.push(group.current);
      group.current = [];
    } else if (sign === '}') {
      if (!inBraces) throw unpaired('}', '{');
      flush(group);
      group.alternatives.push(group.current);
      if (group.alternatives.every((alternative) => alternative.every(isBlank))) {
        throw new AppError(
          'INPUT_BRACES',
          'There is nothing between two braces. Write the choices there, as in {red,blue}, or put a backslash before each brace.',
        );
      }
      open.pop();
      open.at(-1)?.current.push(group.alternatives.map(trimEnds));
    } else {
      literal += sign;
    }
  }
  if (open.length > 1) throw unpaired('{', '}');
  flush(root);
  return root.current;
}

function isBlank(part: Part): boolean {
  return typeof part === 'string' && part.trim() === '';
}

/** `{red, blue}` means the same as `{red,blue}`: spaces next to a brace or comma are not part of the choice. */
function trimEnds(alternative: readonly Part[]): Sequence {
  return alternative.map((part, index) => {
    if (typeof part !== 'string') return part;
    const start = index === 0 ? part.trimStart() : part;
    return index === alternative.length - 1 ? trimEndUnescaped(start) : start;
  });
}

/** A space after a backslash is the backslash's. */
function trimEndUnescaped(text: string): string {
  const trimmed = text.trimEnd();
  const backslashes = /\\*$/u.exec(trimmed)?.[0].length ?? 0;
  return backslashes % 2 === 1 ? text.slice(0, trimmed.length + 1) : trimmed;
}

function unpaired(found: '{' | '}', missing: '{' | '}'): AppError {
  return new AppError(
    'INPUT_BRACES',
    `There is a ${found} without its ${missing}. Add it, or write \\${found} for the sign itself.`,
  );
}
