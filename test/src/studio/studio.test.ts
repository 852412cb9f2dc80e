import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onStep } from '../../../src/ops/step.ts';
import { createScriptedPlatform } from '../../fakes/scripted-platform.ts';
import { accepted, asking, drawn, openTestEasel, type TestEasel, until } from './harness.ts';

describe('the studio', { timeout: 180_000 }, () => {
  let t: TestEasel;
  beforeAll(async () => {
    t = await openTestEasel();
  }, 180_000);
  afterAll(() => t.dispose());

  const submit = (text: string, user = 'ada') => t.easel.studio.submit({ ...asking(user), text });
  const draw = (text: string, user = 'ada') => drawn(t, () => submit(text, user));

  it('draws what was asked and turns the one placeholder into the sheet', async () => {
    const generation = await draw('a red apple --seed 7');
    expect(generation).toMatchObject({ status: 'drawn', seed: 7, charge: { state: 'settled', pictures: 4 } });
    const messages = t.chat.all.filter(({ generationId }) => generationId === generation.id);
    expect(messages).toHaveLength(1);
    expect(['queued', 'painting']).toContain(messages[0]?.views[0]?.kind);
    const result = messages[0]?.views.at(-1);
    expect(result).toMatchObject({ kind: 'result', prompt: 'a red apple', image: { alt: 'a red apple', widthPx: 20 } });
    expect(result?.controls.map(({ kind }) => kind)).toContain('vary');
  });

  it('answers the same request twice at once with one generation', async () => {
    const request = { ...asking(), text: 'a red apple --n 1' };
    const [one, other] = await Promise.all([t.easel.studio.submit(request), t.easel.studio.submit(request)]);
    expect(accepted(one).id).toBe(accepted(other).id);
    expect([one, other].filter((outcome) => outcome.kind === 'accepted' && outcome.created)).toHaveLength(1);
  });

  it('refuses a bad prompt with its code, and accepts nothing', async () => {
    const outcome = await submit('');
    expect(outcome).toMatchObject({ kind: 'refused', error: { code: 'INPUT_PROMPT_EMPTY' } });
  });

  it('tells how many pictures braces make before it draws any', async () => {
    expect(await submit('a {red,green} apple')).toMatchObject({ kind: 'confirm', pictures: 8 });
    const outcome = await t.easel.studio.submit({ ...asking(), text: 'a {red,green} apple --n 1', confirmed: true });
    expect(outcome.kind === 'accepted' && outcome.generations.map(({ prompt }) => prompt)).toEqual([
      'a red apple',
      'a green apple',
    ]);
  });

  it('re-rolls with the same words and another seed, as a child', async () => {
    const parent = await draw('a red apple --seed 7 --n 1');
    const child = await drawn(t, () => t.easel.studio.reroll(asking('bob'), parent.id));
    expect(child).toMatchObject({ kind: 'reroll', parentId: parent.id, prompt: parent.prompt, scope: { user: 'bob' } });
    expect(child.seed).not.toBe(7);
  });

  it('varies one picture with its token ids, as strongly as asked or set', async () => {
    const parent = await draw('a red apple --n 2');
    await t.easel.studio.saveSettings({ platform: 'chat', user: 'cleo' }, { strength: 'subtle', count: 1 });
    const child = await drawn(t, () => t.easel.studio.vary(asking('cleo'), parent.id, 1, null));
    expect(child).toMatchObject({ kind: 'variation', parentPictureIndex: 1 });
    expect(child.pictures).toHaveLength(1);
    const asked = t.worker.asked.find(({ slotId }) => slotId.startsWith(child.id));
    const parentIds = await t.easel.store.pictures.ids({ generationId: parent.id, pictureIndex: 1 });
    expect(asked?.variation).toEqual({ parentIds, strength: 'subtle' });
    const again = await drawn(t, () => t.easel.studio.reroll(asking('cleo'), child.id));
    expect(again).toMatchObject({ kind: 'variation', parentId: parent.id, parentPictureIndex: 1 });
  });

  it('upscales one picture to twice its size, free, without the worker', async () => {
    const parent = await draw('a red apple --n 1');
    const asked = t.worker.asked.length;
    const child = await drawn(t, () => t.easel.studio.upscale(asking('bob'), parent.id, 0));
    expect(t.worker.asked).toHaveLength(asked);
    expect(child).toMatchObject({ kind: 'upscale', charge: { pictures: 0 }, pictures: [{ widthPx: 16 }] });
    expect(t.chat.shown(child.id)?.heading).toContain('Lanczos');
    expect(await t.easel.studio.upscale(asking(), child.id, 0)).toMatchObject({
      kind: 'refused',
      error: { code: 'INPUT_USAGE' },
    });
  });

  it('decodes a picture anew when its file has expired, for vary and upscale too', async () => {
    const parent = await draw('a blue apple --n 1 --seed 3');
    const slot = { generationId: parent.id, pictureIndex: 0 };
    const before = await t.easel.studio.picture(asking(), slot);
    await t.easel.store.pictures.expire([slot]);
    expect((await t.easel.store.generations.get(parent.id))?.pictures[0]?.blobKey).toBeNull();
    const child = await drawn(t, () => t.easel.studio.upscale(asking(), parent.id, 0));
    expect(child.status).toBe('drawn');
    expect(await t.easel.studio.picture(asking(), slot)).toEqual(before);
  });

  it('edits the prompt as a child of the picture', async () => {
    const parent = await draw('a red apple --n 1');
    const child = await drawn(t, () => t.easel.studio.edit({ ...asking(), text: 'a green apple --n 1' }, parent.id));
    expect(child).toMatchObject({ prompt: 'a green apple', parentId: parent.id });
    const lineage = await t.easel.studio.lineage(asking(), child.id);
    expect(lineage).toMatchObject({ kind: 'found', value: { ancestors: [{ id: parent.id }] } });
  });

  it('refuses a picture number that is not there and a picture that is not drawn', async () => {
    const parent = await draw('a red apple --n 1');
    expect(await t.easel.studio.vary(asking(), parent.id, 4, null)).toMatchObject({
      kind: 'refused',
      error: { code: 'INPUT_PICTURE_NUMBER' },
    });
    t.worker.hold();
    const waiting = accepted(await submit('a red apple --n 1'));
    expect(await t.easel.studio.upscale(asking(), waiting.id, 0)).toMatchObject({
      kind: 'refused',
      error: { code: 'JOB_NOT_DRAWN' },
    });
    const delivered = until(t.easel, 'delivered', waiting.id);
    t.worker.release();
    await delivered;
  });

  it('lets only the author or a moderator cancel, queued or running, and refunds it', async () => {
    t.worker.hold();
    const running = accepted(await submit('a red apple'));
    const queued = accepted(await submit('a green apple'));
    const stranger = { ...asking('mallory'), mayModerate: async () => false };
    expect(await t.easel.studio.cancel(stranger, running.id)).toMatchObject({
      kind: 'refused',
      error: { code: 'JOB_NOT_YOURS' },
    });
    const told = [until(t.easel, 'delivered', running.id), until(t.easel, 'delivered', queued.id)];
    expect(await t.easel.studio.cancel(asking(), running.id)).toEqual({ kind: 'done', what: 'cancelled' });
    expect(await t.easel.studio.cancel({ ...asking('mod'), mayModerate: async () => true }, queued.id)).toEqual({
      kind: 'done',
      what: 'cancelled',
    });
    t.worker.release();
    await Promise.all(told);
    for (const { id } of [running, queued]) {
      expect((await t.easel.store.generations.get(id))?.charge.state).toBe('refunded');
      expect(t.chat.shown(id)?.kind).toBe('cancelled');
    }
    expect(await t.easel.studio.cancel(asking(), running.id)).toMatchObject({
      kind: 'refused',
      error: { code: 'JOB_FINISHED' },
    });
    // The slots are free again.
    expect((await draw('a red apple --n 1')).status).toBe('drawn');
  });

  it('removes a picture with its message and file, and then knows nothing of it', async () => {
    const generation = await draw('a secret apple --n 1 --seed 99');
    const key = generation.pictures[0]?.blobKey ?? '';
    expect(await t.easel.studio.remove(asking('mallory'), generation.id)).toMatchObject({
      kind: 'refused',
      error: { code: 'JOB_NOT_YOURS' },
    });
    expect(await t.easel.studio.remove(asking(), generation.id)).toEqual({ kind: 'done', what: 'removed' });
    expect(t.chat.shown(generation.id)).toBeUndefined();
    expect(await t.easel.store.pictures.referenced([key])).toEqual([]);
    for (const outcome of [
      await t.easel.studio.reroll(asking(), generation.id),
      await t.easel.studio.show(asking(), generation.id),
      await t.easel.studio.vary(asking(), generation.id, 0, null),
    ]) {
      expect(outcome).toMatchObject({ kind: 'refused', error: { code: 'JOB_NOT_FOUND' } });
    }
  });

  it('shows a private picture to its author alone, by direct message', async () => {
    const generation = await draw('a private apple --private --n 1');
    const [message] = t.chat.all.filter(({ generationId }) => generationId === generation.id);
    expect(message?.channel).toBe('@ada');
    expect((await t.easel.studio.show(asking(), generation.id)).kind).toBe('found');
    for (const other of [asking('bob'), { ...asking('mod'), mayModerate: async () => true }]) {
      expect(await t.easel.studio.show(other, generation.id)).toMatchObject({
        kind: 'refused',
        error: { code: 'JOB_NOT_FOUND' },
      });
    }
    const child = await drawn(t, () => t.easel.studio.reroll(asking(), generation.id));
    expect(child.private).toBe(true);
    const { generations } = await t.easel.studio.history(asking('bob'), { limit: 100 });
    expect(generations.map(({ id }) => id)).not.toContain(generation.id);
    const own = await t.easel.studio.history(asking(), { user: 'ada', limit: 100 });
    expect(own.generations.map(({ id }) => id)).toContain(generation.id);
  });

  it("hides another server's pictures", async () => {
    const generation = await draw('a red apple --n 1');
    expect(await t.easel.studio.reroll(asking('eve', { tenant: 'other' }), generation.id)).toMatchObject({
      kind: 'refused',
      error: { code: 'JOB_NOT_FOUND' },
    });
  });

  it('applies personal settings and presets where nothing else was typed', async () => {
    const person = { platform: 'chat', user: 'dora' };
    await t.easel.studio.saveSettings(person, {
      count: 2,
      suffix: 'on a blue background',
      language: 'zh',
      private: true,
    });
    await t.easel.studio.savePreset(person, 'one', { flags: '--n 1 --seed 5' });
    const plain = await draw('a red apple --no green', 'dora');
    expect(plain).toMatchObject({ prompt: 'a red apple on a blue background', private: true });
    expect(plain.pictures).toHaveLength(2);
    expect(t.chat.shown(plain.id)?.heading).toBe('完成');
    const preset = accepted(
      await t.easel.studio.submit({ ...asking('dora'), text: 'a red apple', preset: 'one', private: false }),
    );
    expect(preset).toMatchObject({ seed: 5, private: false });
    expect(await t.easel.studio.saveSettings(person, { count: 99 })).toMatchObject({
      kind: 'refused',
      error: { code: 'INPUT_SETTING' },
    });
    expect(await t.easel.studio.saveSettings(person, { colour: 'red' })).toMatchObject({ kind: 'refused' });
  });

  it('forgets a person: rows, files and messages go', async () => {
    const generation = await draw('a red apple --n 1', 'fred');
    expect(await t.easel.studio.forgetMe({ platform: 'chat', user: 'fred' })).toEqual({ generations: 1 });
    expect(t.chat.shown(generation.id)).toBeUndefined();
    expect((await t.easel.studio.history(asking('fred'), { user: 'fred', limit: 10 })).generations).toEqual([]);
  });

  it('sends a copy by direct message once, and says when those are closed', async () => {
    const { AppError } = await import('../../../src/errors.ts');
    const generation = await draw('a red apple --n 1');
    const send = () => t.easel.studio.sendDirect(asking('gina'), generation.id);
    t.chat.failNext('direct', new AppError('ADAPTER_DIRECT_CLOSED', 'Closed.'));
    expect(await send()).toMatchObject({ kind: 'refused', error: { code: 'ADAPTER_DIRECT_CLOSED' } });
    expect(await send()).toEqual({ kind: 'done', what: 'sent' });
    expect(await send()).toEqual({ kind: 'done', what: 'sent' });
    expect(t.chat.all.filter(({ channel }) => channel === '@gina')).toHaveLength(1);
  });

  it('takes a request back within its moment', async () => {
    t.worker.hold();
    const request = { ...asking(), text: 'a red apple' };
    const generation = accepted(await t.easel.studio.submit(request));
    expect(await t.easel.studio.takeBack(asking('mallory'), request.requestKey)).toMatchObject({ kind: 'refused' });
    expect(await t.easel.studio.takeBack(asking(), request.requestKey)).toEqual({ kind: 'done', what: 'cancelled' });
    t.worker.release();
    expect((await t.easel.store.generations.get(generation.id))?.status).toBe('cancelled');
  });

  it('keeps a picture and lets it go by the same control', async () => {
    const generation = await draw('a red apple --n 1');
    const control = t.chat.shown(generation.id)?.controls.find(({ kind }) => kind === 'keep');
    if (control === undefined) throw new Error('no control');
    expect(await t.easel.studio.press(asking(), control)).toEqual({ kind: 'done', what: 'kept' });
    expect(await t.easel.studio.press(asking(), control)).toEqual({ kind: 'done', what: 'unkept' });
  });

  it('writes no prompt into the log', () => {
    expect(t.logged.join('')).not.toContain('apple');
  });
});

// Opening a database takes its time on a busy machine.
describe('an Easel that ends', { timeout: 180_000 }, () => {
  it('closes requests, drawing, deliveries, adapters and the database, in this order', async () => {
    const t = await openTestEasel();
    await t.dispose();
    expect(t.closed).toEqual(['requests', 'drawing', 'deliveries', 'adapters', 'metrics', 'database']);
  });

  it('refuses new requests while it closes and draws what was accepted the next time', async () => {
    const t = await openTestEasel();
    t.worker.hold();
    const generation = accepted(await t.easel.studio.submit({ ...asking(), text: 'a red apple' }));
    const closing = t.easel.close();
    expect(await t.easel.studio.submit({ ...asking(), text: 'a late apple' })).toMatchObject({
      kind: 'refused',
      error: { code: 'JOB_CLOSING' },
    });
    await closing;
    await t.restart();
    await until(t.easel, 'delivered', generation.id);
    expect(t.chat.all.filter(({ generationId }) => generationId === generation.id)).toHaveLength(1);
    expect(t.chat.shown(generation.id)?.kind).toBe('result');
    await t.dispose();
  });

  it('refuses to run twice on one folder, naming the folder and the process', async () => {
    const t = await openTestEasel();
    const { createEasel } = await import('../../../src/studio/create-easel.ts');
    const { readConfig } = await import('../../../src/config.ts');
    const { MODELS_DIR } = await import('./harness.ts');
    const { dataDir } = t;
    const second = createEasel(readConfig({ EASEL_DATA_DIR: dataDir }), { modelsDir: MODELS_DIR });
    await expect(second).rejects.toThrow(new RegExp(`${dataDir}.*${process.pid}`, 'su'));
    await t.dispose();
  });

  it('delivers at once what a platform missed that connects later than the others', async () => {
    const t = await openTestEasel();
    const later = createScriptedPlatform('later');
    const request = { ...asking('ada', { platform: 'later' }), text: 'a red apple --n 1' };
    const { id } = accepted(await t.easel.studio.submit(request));
    const delivered = until(t.easel, 'delivered', id);
    const retries: string[] = [];
    const stop = onStep((name, edge) => edge === 'before' && name === 'later' && retries.push(name));
    await t.easel.connect(later);
    await delivered;
    stop();
    expect(later.all).toHaveLength(1);
    expect(retries).toEqual([]);
    await t.dispose();
  });

  it('connects a platform that comes later, and delivers what waited for it', async () => {
    const t = await openTestEasel({ chat: createScriptedPlatform('chat') });
    const later = createScriptedPlatform('later');
    await t.easel.connect(later);
    const generation = await drawn(t, () =>
      t.easel.studio.submit({ ...asking('ada', { platform: 'later' }), text: 'a red apple' }),
    );
    expect(later.shown(generation.id)?.kind).toBe('result');
    expect(t.chat.all).toHaveLength(0);
    await t.dispose();
  });
});
