import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ZH } from '../../../adapters/web/page/words-zh.ts';

const PAGE = fileURLToPath(new URL('../../../adapters/web/page', import.meta.url));
const sources = readdirSync(PAGE)
  .filter((name) => /\.tsx?$/u.test(name) && !name.startsWith('words'))
  .map((name) => ({ name, text: readFileSync(`${PAGE}/${name}`, 'utf8') }));
const whole = sources.map(({ text }) => text).join('\n');

/** What stands in `t('…')`, both sides of a choice too. */
function said(text: string): string[] {
  const unquote = (quoted: string) => quoted.slice(1, -1).replaceAll("\\'", "'");
  const literal = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/gu;
  return [...text.matchAll(/\bt\(((?:[^()]|\([^()]*\))*)\)/gu)].flatMap(([, inside = '']) => {
    const [first = ''] = inside.split(/,\s*\{/u);
    const choice = first.replace(/^[\s\S]*?\?(?!\.)/u, '');
    return (choice.match(literal) ?? []).map(unquote).filter((word) => /[A-Za-z]/u.test(word));
  });
}

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/gu)].map(([, name]) => name).sort();

describe('the words of the page', () => {
  it('are all there in Chinese, with the same values', () => {
    const keys = [...new Set(said(whole))];
    expect(keys.length).toBeGreaterThan(90);
    expect(keys.filter((key) => !Object.hasOwn(ZH, key))).toEqual([]);
    for (const [english, chinese] of Object.entries(ZH)) {
      expect(placeholders(chinese), english).toEqual(placeholders(english));
    }
  });

  it('are all still said somewhere', () => {
    const isSaid = (english: string) =>
      whole.includes(`'${english.replaceAll("'", "\\'")}'`) || whole.includes(`"${english}"`);
    expect(Object.keys(ZH).filter((english) => !isSaid(english))).toEqual([]);
  });

  it('none is written into the page but through t()', () => {
    const bare = sources.flatMap(({ name, text }) => [
      ...[...text.matchAll(/\b(?:aria-label|title|placeholder)="([^"]*[A-Za-z][^"]*)"/gu)].map(
        ([, word]) => `${name}: ${word}`,
      ),
      ...[...text.matchAll(/>\s*([A-Z][a-z]+[^<>{}=;]*?)\s*<\//gu)].map(([, word]) => `${name}: ${word}`),
    ]);
    // Names of a language, of a key and of the program are the same everywhere.
    expect(bare.filter((line) => !/: (?:English|Easel|Enter)$/u.test(line))).toEqual([]);
  });
});
