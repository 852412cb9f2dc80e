import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FLAG_NAMES } from '../../../src/prompt/scan.ts';
import { parsed } from './fixture.ts';

const page = readFileSync(new URL('../../../docs/prompts.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/^\| `(--[^`]+)`/gmu)].map(([, example]) => example ?? '');

it('the page about prompts explains every flag, with an example that is read', () => {
  expect(new Set(examples.map((example) => example.split(' ')[0]))).toEqual(
    new Set(FLAG_NAMES.map((name) => `--${name}`)),
  );
  for (const example of examples) {
    const { code } = parsed(`a fox ${example}`).notices.find(({ code }) => code !== 'WORDS_UNKNOWN') ?? { code: null };
    expect(code).toBeNull();
  }
});
