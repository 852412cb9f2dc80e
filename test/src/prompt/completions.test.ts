import { describe, expect, it } from 'vitest';
import { completePrompt } from '../../../src/prompt/completions.ts';
import { VOCABULARY } from './fixture.ts';

const vocabulary = {
  ...VOCABULARY,
  objects: [...VOCABULARY.objects, { name: 'cup of coffee', category: 'food', aliases: [] }],
  backgrounds: [{ name: 'sea', aliases: ['under water', 'in the sea'] }],
};

describe('completing a prompt', () => {
  it('offers the things that the last word begins', () => {
    expect(completePrompt('a red ra', vocabulary)).toEqual([{ text: 'a red rainbow', about: 'things' }]);
    expect(completePrompt('a re', vocabulary)).toContainEqual({ text: 'a red', about: 'colour' });
  });

  it('completes names of several words from where they begin', () => {
    expect(completePrompt('a cup of c', vocabulary)).toEqual([{ text: 'a cup of coffee', about: 'food' }]);
    expect(completePrompt('a fox under w', vocabulary)).toEqual([{ text: 'a fox under water', about: 'background' }]);
    expect(completePrompt('a fox, Noto', vocabulary)).toEqual([{ text: 'a fox, noto style', about: 'style' }]);
  });

  it('offers nothing for one letter, a whole name, a space or a word that nothing begins with', () => {
    for (const text of ['', 'a', 'fox', 'a fox ', 'steampunk']) expect(completePrompt(text, vocabulary)).toEqual([]);
  });

  it('offers no more than asked for', () => {
    const many = Array.from({ length: 40 }, (_, index) => ({ name: `fo${index}`, category: '', aliases: [] }));
    expect(completePrompt('fo', { ...vocabulary, objects: many })).toHaveLength(25);
    expect(completePrompt('fo', { ...vocabulary, objects: many }, 7)).toHaveLength(7);
  });
});
