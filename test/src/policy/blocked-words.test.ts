import { describe, expect, it } from 'vitest';
import { blockedWordsFilter, cleanBlockedWord, findBlocked } from '../../../src/policy/blocked-words.ts';
import type { TenantSettings } from '../../../src/policy/limits.ts';

const settings = (words: readonly string[], more: Partial<TenantSettings['blockedWords']> = {}): TenantSettings => ({
  ...{ timeZone: null, galleryChannel: null },
  blockedWords: { words, allowed: [], defaultList: false, ...more },
});
const NONE = settings([]);
const blocked = (prompt: string, ...words: string[]) => findBlocked(prompt, [NONE, settings(words)])?.word ?? null;
const offends = (prompt: string, allowed: readonly string[] = []) =>
  findBlocked(prompt, [NONE, settings([], { defaultList: true, allowed })]);

describe('a blocked word', () => {
  it.each([
    ['a weapon in the rain', 'weapon'],
    ['A WEAPON!', 'weapon'],
    ['a wéäpön', 'weapon'],
    ['a ｗｅａｐｏｎ', 'weapon'],
    ['a 𝔴𝔢𝔞𝔭𝔬𝔫', 'weapon'],
    ['a wеарon', 'weapon'], // Cyrillic е, а, р
    ['a we\u200Bap\u00ADon', 'weapon'],
    ['a w3ap0n', 'weapon'],
    ['a we@pon', 'weapon'],
    ['a weaaaaapon', 'weapon'],
    ['a w e a p o n', 'weapon'],
    ['a w.e.a.p.o.n', 'weapon'],
    ['“weapon”', 'weapon'],
    ['a weapon', 'WEAPON'],
    ['a weapon', 'Weаpon'], // the list itself with a Cyrillic а
    ['кот под дождём', 'кот'],
    ['a straße', 'STRASSE'],
    ['一把武器', '武器'],
    ['一把 武 器', '武器'],
    ['two big guns', 'big guns'],
    ['two  BIG\nguns', 'big guns'],
    ['2 weapons', 'weapon*'],
    ['superweapon', '*weapon'],
    ['call 911', '911'],
  ])('is found in “%s”', (prompt, word) => {
    expect(blocked(prompt, word)).toBe(word);
  });

  it.each([
    ['a weaponsmith', 'weapon'],
    ['a good dog', 'god'],
    ['an assassin of classics', 'ass'],
    ['Scunthorpe', 'cunt'],
    ['big red guns', 'big guns'],
    ['guns big', 'big guns'],
    ['9112', '911'],
    ['котёнок', 'кот'],
    ['', 'weapon'],
  ])('is not found in “%s” for %s', (prompt, word) => {
    expect(blocked(prompt, word)).toBeNull();
  });

  it('of the host counts everywhere, and it is said whose it is', () => {
    expect(findBlocked('a weapon', [settings(['weapon']), NONE])).toEqual({ word: 'weapon', list: 'host' });
    expect(findBlocked('a weapon', [NONE, settings(['weapon'])])).toEqual({ word: 'weapon', list: 'tenant' });
    expect(findBlocked('a weapon', [NONE, NONE])).toBeNull();
  });

  it('is refused with the word as it stands in the list, in every prompt of a request', () => {
    const place = { platform: 'web', tenant: 'web' };
    const refusal = blockedWordsFilter.check(['a fox', 'a WEAPON'], [NONE, settings(['weapon'])], place);
    expect(refusal).toMatchObject({
      code: 'FILTER_WORDS',
      area: 'FILTER',
      details: { word: 'weapon', list: 'tenant' },
    });
    expect(blockedWordsFilter.check(['a fox'], [NONE, settings(['weapon'])], place)).toBeNull();
  });

  it.each(['', '   ', '!!!', '**', 'x'.repeat(101)])('cannot be “%s”', (word) => {
    expect(() => cleanBlockedWord(word)).toThrow(expect.objectContaining({ code: 'INPUT_SETTING' }));
  });

  it('is kept as it was typed, spaces aside', () => {
    expect(cleanBlockedWord('  Big   Guns ')).toBe('Big Guns');
  });

  it('costs little however long the list and the prompt are', () => {
    const words = Array.from({ length: 1_000 }, (_, index) => `word${index} phrase`);
    const prompt = 'a red fox under a rainbow '.repeat(40);
    expect(findBlocked(prompt, [NONE, settings(words, { defaultList: true })])).toBeNull();
  });
});

describe('the maintained list', () => {
  it('is off until somebody switches it on', () => {
    expect(findBlocked('what the fuck', [NONE, NONE])).toBeNull();
    expect(offends('what the fuck')).toEqual({ word: 'fuck', list: 'default' });
  });

  it.each(['FUCK', 'fuuuuck', 'fück', 'fu\u200Bck', 'ƒuck'])('finds %s', (word) => {
    expect(offends(`a ${word} apple`)).not.toBeNull();
  });

  it.each(['a class of assassins', 'a dickcissel bird', 'Scunthorpe', 'a cockatoo', 'a red fox'])(
    'leaves “%s” alone',
    (prompt) => {
      expect(offends(prompt, ['dickcissel'])).toBeNull();
    },
  );

  it('leaves alone what an admin allowed', () => {
    const word = offends('a dick')?.word ?? '';
    expect(word).not.toBe('');
    expect(offends('a dick', ['dick'])).toBeNull();
  });
});
