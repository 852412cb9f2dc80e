// One story with nothing faked on our side: the shipped model draws, the real Bolt delivers.

import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../fakes/protocol/eventually.ts';
import { modelsDir } from '../web/shipped.ts';
import { openSlackStage, type SlackStage } from './stage.ts';

describe('Slack with the real worker', () => {
  let stage: SlackStage;
  beforeAll(async () => {
    stage = await openSlackStage({ easel: { worker: 'real', modelsDir } });
  }, 180_000);
  afterAll(() => stage.close(), 60_000);

  it('a prompt becomes a picture that was drawn for it, with its words beside it', async () => {
    await stage.ada.imagine('a red apple --n 1 --seed 7');
    const shown = await eventually(
      'the apple',
      async () => (await stage.bob.look()).find(({ prompt, state }) => prompt === 'a red apple' && state === 'result'),
      90_000,
    );
    expect(shown).toMatchObject({ author: 'ada', pictures: 1, alt: 'a red apple' });
    const message = stage.bob.person.look({ channel: stage.general.id }).find(({ ts }) => shown.id.endsWith(ts));
    const [picture] = message?.pictures ?? [];
    const { data, info } = await sharp(picture?.bytes).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    expect(info.width).toBeGreaterThanOrEqual(32);
    // Not a plain square: many colours, some of them seen.
    const colours = new Set<number>();
    for (let at = 0; at < data.length; at += 4) {
      if ((data[at + 3] ?? 0) > 0) colours.add(data.readUInt32BE(at) >>> 8);
    }
    expect(colours.size).toBeGreaterThan(20);
  }, 120_000);
});
