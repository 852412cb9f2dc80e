import { expect, it } from 'vitest';
import { toSlotRequest } from '../../../src/queue/slot-request.ts';
import { readOptions, writeOptions } from '../../../src/studio/options.ts';
import { imagineWishes, rerollWish, varyWish } from '../../../src/studio/wishes.ts';
import { generation } from '../../fakes/generation.ts';
import { CONTEXT, MODEL, parsed } from '../prompt/fixture.ts';

const MODEL_HELD = { name: 'easel-nano', hash: 'h' };
const context = { ...CONTEXT, models: [{ ...MODEL, sheetStyles: ['fluent style', 'noto style'] }] } as const;
const captionsOf = (options: ReturnType<typeof readOptions>, count: number) =>
  Array.from(
    { length: count },
    (_, index) => toSlotRequest(generation({ options: writeOptions(options) }), index, null).caption,
  );

it('draws the pictures of a sheet in several styles, again when it is rolled again', () => {
  const [wish] = imagineWishes(parsed('a fox --n 4', context), MODEL_HELD, 'en', null);
  if (wish === undefined) throw new Error('no wish');
  const captions = ['a fox', 'a fox, fluent style', 'a fox, noto style', 'a fox'];
  expect(captionsOf(readOptions({ options: writeOptions(wish.options) }), 4)).toEqual(captions);
  const rolled = rerollWish(generation({ options: writeOptions(wish.options) }), MODEL_HELD, 'en', false);
  expect(captionsOf(rolled.options, 4)).toEqual(captions);
});

it('varies a picture in the style that it has', () => {
  const [wish] = imagineWishes(parsed('a fox --n 4', context), MODEL_HELD, 'en', null);
  if (wish === undefined) throw new Error('no wish');
  const sheet = generation({ options: writeOptions(wish.options) });
  for (const [index, caption] of ['a fox', 'a fox, fluent style'].entries()) {
    const varied = varyWish(sheet, index, 'strong', 4, MODEL_HELD, 'en');
    expect(captionsOf(varied.options, 4)).toEqual([caption, caption, caption, caption]);
  }
});

it('draws what an older version accepted from its one caption', () => {
  expect(captionsOf(readOptions({ options: { caption: 'a fox' } }), 2)).toEqual(['a fox', 'a fox']);
});
