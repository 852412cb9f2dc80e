import { describe, expect, it } from 'vitest';
import { editWords } from '../../../src/prompt/edit-words.ts';

describe('a reply with other words', () => {
  it.each([
    ['a red fox', 'darker', 'a red fox, darker', '', null],
    ['a red fox', '  blue instead of red ', 'a blue fox', '', null],
    ['a Red Fox', 'blue instead of red', 'a blue Fox', '', null],
    ['a red fox', 'with blue instead of red', 'a blue fox', '', null],
    ['a red fox', 'blue instead of green', 'a red fox, blue instead of green', '', null],
    ['一只红狐狸', '把红换成蓝', '一只蓝狐狸', '', null],
    ['a red fox', 'no hat', 'a red fox', '', 'hat'],
    ['a red fox', 'without a hat --n 1', 'a red fox', '--n 1', 'a hat'],
    ['一只狐狸', '不要帽子', '一只狐狸', '', '帽子'],
    ['a red fox', 'darker --n 1 --seed 7', 'a red fox, darker', '--n 1 --seed 7', null],
    ['a red fox', '--n 1', 'a red fox', '--n 1', null],
    ['a red fox', '', 'a red fox', '', null],
    ['a red fox', 'a $& fox instead of red', 'a a $& fox fox', '', null],
  ])('“%s” and “%s” make “%s”', (prompt, reply, edited, flags, unwanted) => {
    expect(editWords(prompt, reply)).toEqual({ prompt: edited, flags, unwanted, isWhole: false });
  });

  it.each([
    ['= a blue dog --n 2', 'a blue dog', '--n 2'],
    ['/imagine a blue dog', 'a blue dog', ''],
    ['imagine a blue dog', 'a blue dog', ''],
  ])('“%s” stands for the whole', (reply, prompt, flags) => {
    expect(editWords('a red fox', reply)).toEqual({ prompt, flags, unwanted: null, isWhole: true });
  });
});
