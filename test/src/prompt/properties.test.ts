import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePrompt } from '../../../src/prompt/parse-prompt.ts';
import { printPrompt } from '../../../src/prompt/print-prompt.ts';
import { scanLine } from '../../../src/prompt/scan.ts';
import type { PromptContext, PromptOptions } from '../../../src/prompt/types.ts';
import { CONTEXT, first, MODEL } from './fixture.ts';

const WIDE: PromptContext = {
  ...CONTEXT,
  models: [MODEL, { ...MODEL, name: 'other model' }],
  limits: { ...CONTEXT.limits, charactersMax: 10_000, promptsMax: 64 },
};

/** Text made of what the language gives a meaning to, and of anything else. */
const wildText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          '{',
          '}',
          ',',
          '\\',
          '"',
          '--',
          '—',
          '–',
          ' ',
          '=',
          '--seed',
          '--n',
          '--no',
          '--ar',
          '--style',
          '--private',
        ],
        ...[
          '--model',
          '--guidance',
          '7',
          '1:1',
          'noto',
          'a fox',
          '🦊',
          '🐻‍❄️',
          '🏽',
          '\u200D',
          '\uFE0F',
          '\u202E',
          '“',
          '”',
        ],
      ),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));

const options: fc.Arbitrary<PromptOptions> = fc.record({
  seed: fc.option(fc.integer({ min: 0, max: 2 ** 32 - 1 })),
  count: fc.integer({ min: 1, max: 16 }),
  aspect: fc.option(fc.constantFrom('1:1', '3:3')),
  style: fc.option(fc.constantFrom('noto', 'fluent')),
  unwanted: fc.option(
    fc
      .array(
        fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replace(/[\s,]+/gu, ' ').trim()),
        { minLength: 1, maxLength: 3 },
      )
      .map((things) => things.filter((thing) => thing !== '').join(', '))
      .filter((things) => things !== '' && !/[\u3001\uFF0C]/u.test(things)),
  ),
  guidanceScale: fc.option(fc.integer({ min: 10, max: 200 }).map((tenths) => tenths / 10)),
  model: fc.constantFrom('easel-nano', 'other model'),
  private: fc.boolean(),
});

describe('the prompt language, for any text', () => {
  it('answers with prompts or with a refusal of its own areas, and throws nothing', () => {
    fc.assert(
      fc.property(wildText, (text) => {
        const result = parsePrompt(text, CONTEXT);
        if (result.ok) {
          expect(result.parsed.pictureCount).toBeLessThanOrEqual(CONTEXT.limits.picturesMax);
          expect(result.parsed.expansions.every(({ caption }) => caption !== '')).toBe(true);
        } else {
          expect(['INPUT', 'MODEL']).toContain(result.refusal.area);
          expect(result.refusal.message).toMatch(/[.?]$/u);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('reads back what it printed, words and options', () => {
    fc.assert(
      fc.property(wildText, options, (text, wanted) => {
        const read = parsePrompt(text, WIDE);
        fc.pre(read.ok);
        const { prompt } = read.parsed.expansions[0];
        const again = first(printPrompt(prompt, wanted), WIDE);
        expect(again.prompt).toBe(prompt);
        expect(again.options).toEqual({ ...wanted, unwanted: wanted.unwanted?.normalize('NFC') ?? null });
      }),
      { numRuns: 1000 },
    );
  });

  it('a long dash in place of -- changes nothing', () => {
    const flags = fc.subarray(['--seed 7', '--no red, blue', '--private', '--n=2', '--style "noto"']);
    fc.assert(
      fc.property(flags, fc.constantFrom('—', '–'), (parts, dash) => {
        const line = ['a fox', ...parts].join(' ');
        expect(scanLine(line.replaceAll('--', dash))).toEqual(scanLine(line));
      }),
    );
  });
});
