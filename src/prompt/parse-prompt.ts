// The prompt language, whole: text in, prompts to draw or a refusal out.

import { AppError } from '../errors.ts';
import { type Findings, makeCaption, makeSheetCaptions, makeUnwantedCaption, unknownWordNotices } from './caption.ts';
import { cleanText } from './clean.ts';
import { writeOutBraces } from './permutations.ts';
import { readFlags } from './read-flags.ts';
import { type RawFlag, scanLine, toRawFlags } from './scan.ts';
import type { Expansion, GivenFlag, Notice, ParsedPrompt, PromptContext, PromptResult } from './types.ts';

/**
 * Reads what a person typed: words, flags anywhere among them (`--seed 7`, `--no red, blue`, a long dash counts as
 * `--`), `{a,b}` for several prompts, emoji for words.
 *
 * @param given flags that came beside the text; one that the text also has must have the same value
 * @returns the prompts to draw, with notices to show before they are drawn, or the refusal to show instead
 */
export function parsePrompt(text: string, context: PromptContext, given: readonly GivenFlag[] = []): PromptResult {
  try {
    return { ok: true, parsed: parse(text, context, given) };
  } catch (thrown) {
    if (thrown instanceof AppError) return { ok: false, refusal: thrown };
    throw thrown;
  }
}

function parse(text: string, context: PromptContext, given: readonly GivenFlag[]): ParsedPrompt {
  const { limits } = context;
  const line = cleanText(text, limits.charactersMax);
  const givenFlags = toRawFlags(
    given.map(({ name, value }) => ({ name, value: cleanText(value, limits.charactersMax) })),
  );
  const findings: Findings = { notices: [], unknownWords: new Map() };
  const [first, ...others] = writeOutBraces(line, limits.promptsMax).map((written) =>
    expansionOf(written, givenFlags, context, findings),
  );
  if (first === undefined) throw promptEmpty();
  const expansions = [first, ...others] as const;
  const pictureCount = expansions.reduce((sum, { options }) => sum + options.count, 0);
  if (pictureCount > limits.picturesMax) {
    throw new AppError(
      'INPUT_TOO_MANY_PICTURES',
      `${expansions.length} prompts make ${pictureCount} pictures and ${limits.picturesMax} is the most at a time. Lower --n or take words out of the braces.`,
      { details: { pictureCount, picturesMax: limits.picturesMax } },
    );
  }
  const notices = [
    ...permutationNotices(expansions.length, pictureCount),
    ...findings.notices,
    ...unknownWordNotices(findings),
  ];
  return { expansions, pictureCount, notices: once(notices) };
}

function expansionOf(
  written: string,
  given: readonly RawFlag[],
  context: PromptContext,
  findings: Findings,
): Expansion {
  const { prompt, flags } = scanLine(written);
  if (!/[\p{L}\p{N}\p{S}]/u.test(prompt)) throw promptEmpty(flags.some(({ name }) => name === 'no'));
  const read = readFlags([...flags, ...given], context);
  findings.notices.push(...read.notices);
  const { options, model } = read;
  const caption = makeCaption(prompt, options.style, model, findings);
  return {
    prompt,
    caption,
    sheetCaptions: options.style === null ? makeSheetCaptions(caption, model) : [],
    unwantedCaption: makeUnwantedCaption(options.unwanted, model, findings),
    options,
  };
}

function permutationNotices(promptCount: number, pictureCount: number): readonly Notice[] {
  if (promptCount === 1) return [];
  const pictures = pictureCount === promptCount ? '' : `, ${pictureCount} pictures in all`;
  return [
    {
      code: 'PERMUTATIONS',
      message: `The braces make ${promptCount} prompts${pictures}.`,
      details: { prompts: promptCount, pictures: pictureCount },
    },
  ];
}

function promptEmpty(hasUnwanted = false): AppError {
  const hint = hasUnwanted ? ' All words after --no are what to leave out: put the others before it.' : '';
  return new AppError('INPUT_PROMPT_EMPTY', `The prompt is empty. Say what to draw, like "a red apple".${hint}`);
}

/** The same thing is said once, however many prompts it concerns. */
function once(notices: readonly Notice[]): readonly Notice[] {
  return [...new Map(notices.map((notice) => [notice.message, notice])).values()];
}
