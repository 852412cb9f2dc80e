import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MessageRef } from '../../../src/conversation/messages.ts';
import { asking, drawn, eventually, openTestEasel, type TestEasel } from '../studio/harness.ts';

describe('what is asked by pointing at a message', { timeout: 180_000 }, () => {
  let t: TestEasel;
  beforeAll(async () => {
    t = await openTestEasel();
  }, 180_000);
  afterAll(() => t.dispose());

  async function draw(text: string, user = 'ada') {
    const generation = await drawn(t, () => t.easel.studio.submit({ ...asking(user), text }));
    const message = t.chat.all.find(({ generationId }) => generationId === generation.id) as MessageRef;
    return { generation, message };
  }
  const childOf = async (id: string) => (await t.easel.store.generations.lineage(id)).children[0];

  it('varies a single picture at once, and asks which of a sheet', async () => {
    const single = await draw('a red apple --n 1');
    expect(await t.easel.messageActions.vary(asking('bob'), single.message)).toBeNull();
    expect(await childOf(single.generation.id)).toMatchObject({ kind: 'variation', scope: { user: 'bob' } });
    const sheet = await draw('a red apple --n 2');
    const view = await t.easel.messageActions.vary(asking('bob'), sheet.message);
    expect(view?.controls.map(({ kind, pictureIndex, strength }) => [kind, pictureIndex, strength])).toEqual([
      ...[
        ['vary', 0, 'strong'],
        ['vary', 1, 'strong'],
        ['vary', 0, 'subtle'],
        ['vary', 1, 'subtle'],
      ],
    ]);
  });

  it('tells prompt and seed as they can be typed again', async () => {
    const { generation, message } = await draw('a red apple --n 1 --seed 7');
    const view = await t.easel.messageActions.details(asking('bob'), message);
    expect(view.lines[0]).toBe('/imagine a red apple --seed 7 --n 1');
    expect(view.fields.map(({ value }) => value)).toEqual(expect.arrayContaining(['7', generation.id, 'drawn']));
  });

  it('deletes for the author alone, and cancels what is not drawn', async () => {
    const { generation, message } = await draw('a red apple --n 1');
    expect(await t.easel.messageActions.remove(asking('bob'), message)).toMatchObject({ kind: 'refused' });
    expect(await t.easel.messageActions.remove(asking('ada'), message)).toMatchObject({ kind: 'answer' });
    expect((await t.easel.store.generations.get(generation.id))?.status).toBe('removed');
    t.worker.hold();
    const waiting = await t.easel.studio.submit({ ...asking('ada'), text: 'a slow apple --n 1' });
    const id = waiting.kind === 'accepted' ? (waiting.generations[0]?.id ?? '') : '';
    const find = () => t.chat.all.find(({ generationId }) => generationId === id);
    await eventually(async () => {
      const ref = find();
      return ref !== undefined && (await t.easel.studio.ofMessage('chat', ref.channel, ref.messageId)) !== null;
    }).toBe(true);
    await t.easel.messageActions.remove(asking('ada'), find() as MessageRef);
    expect((await t.easel.store.generations.get(id))?.status).toBe('cancelled');
    t.worker.release();
  });

  it('draws a reply as a child, with the options it had unless the reply gives them', async () => {
    const { generation, message } = await draw('a red apple --n 2 --no green --seed 7');
    expect(await t.easel.messageActions.reply(asking('bob'), message, 'green instead of red --n 1')).toBeNull();
    const child = await childOf(generation.id);
    expect(child).toMatchObject({ prompt: 'a green apple', options: { unwanted: 'green' }, scope: { user: 'bob' } });
    expect(child?.pictures).toHaveLength(1);
    const other = await draw('a red apple --n 1');
    await t.easel.messageActions.reply(asking('bob'), other.message, 'no leaf');
    expect(await childOf(other.generation.id)).toMatchObject({ prompt: 'a red apple', options: { unwanted: 'leaf' } });
  });

  it('takes a reply that is wrong for what it is, and others’ messages for none of its own', async () => {
    const { message } = await draw('a red apple --n 1');
    expect(await t.easel.messageActions.reply(asking('bob'), message, '--seed banana')).toMatchObject({
      kind: 'refused',
      lines: [expect.stringContaining('--seed')],
    });
    const elsewhere = { platform: message.platform, channel: message.channel, messageId: 'elsewhere' };
    expect(await t.easel.messageActions.reply(asking('bob'), elsewhere, 'darker')).toBeUndefined();
    expect(await t.easel.messageActions.details(asking('bob'), elsewhere)).toMatchObject({ kind: 'refused' });
  });

  it('tells nothing of private pictures to others', async () => {
    const { message } = await draw('a red apple --n 1 --private');
    expect(await t.easel.messageActions.details(asking('bob'), message)).toMatchObject({ kind: 'refused' });
    expect(await t.easel.messageActions.reply(asking('bob'), message, 'darker')).toMatchObject({ kind: 'refused' });
  });
});
