import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPicture } from '../../../src/image/png.ts';
import { newGenerationId } from '../../../src/store/generation-id.ts';
import { askStatus, imagineRemotely } from '../../../src/studio/admin-client.ts';
import type { ImagineEvent } from '../../../src/studio/admin-commands.ts';
import { accepted, asking, drawn, eventually, openTestEasel, type TestEasel } from './harness.ts';

describe('beside a running Easel', { timeout: 180_000 }, () => {
  let t: TestEasel;
  beforeAll(async () => {
    t = await openTestEasel();
  }, 180_000);
  afterAll(() => t.dispose());
  const args = (text: string) => ({ text, requestKey: `terminal-${text}`, user: 'root' });

  it('has it draw, in its queue, and tells progress', async () => {
    const events: ImagineEvent[] = [];
    const result = await imagineRemotely(t.dataDir, args('a red apple --n 2 --seed 7'), (event) => events.push(event));
    expect(result?.pictures.map(({ seed, index }) => [seed, index])).toEqual([
      [7, 0],
      [7, 1],
    ]);
    const png = Buffer.from(result?.pictures[0]?.pngBase64 ?? '', 'base64');
    expect((await readPicture(png, (image) => image.metadata())).width).toBe(8);
    expect(events[0]).toMatchObject({ kind: 'accepted', pictures: 2 });
    expect(events.filter(({ kind }) => kind === 'progress').length).toBeGreaterThan(1);
  });

  it('hands on its refusals by their codes', async () => {
    await expect(imagineRemotely(t.dataDir, args(''), () => {})).rejects.toMatchObject({ code: 'INPUT_PROMPT_EMPTY' });
  });

  it('cancels what the one who waited gave up', async () => {
    t.worker.hold();
    const controller = new AbortController();
    const answer = imagineRemotely(t.dataDir, args('a slow apple'), () => controller.abort(), controller.signal);
    await expect(answer).rejects.toMatchObject({ code: 'CANCELLED' });
    await eventually(() => t.easel.queue.counts).toEqual({ waiting: 0, drawing: 0 });
    t.worker.release();
  });

  it('tells how it is', async () => {
    expect(await askStatus(t.dataDir)).toMatchObject({ worker: 'ready', waiting: 0, pid: process.pid });
  });

  it('is nobody where none runs', async () => {
    expect(await askStatus(`${t.dataDir}-elsewhere`)).toBeNull();
  });
});

describe('a picture whose model is gone', { timeout: 180_000 }, () => {
  let t: TestEasel;
  let id: string;
  beforeAll(async () => {
    t = await openTestEasel();
    id = newGenerationId(Date.now());
    const { requestKey, scope, target } = asking();
    const old = {
      id,
      kind: 'imagine',
      parentId: null,
      parentPictureIndex: null,
      prompt: 'an old apple',
      options: {},
      seed: 1,
      model: 'older',
      modelHash: 'old',
      pictures: 1,
      chargedPictures: 1,
    } as const;
    await t.easel.store.accept({
      requestKey,
      scope,
      private: false,
      target,
      acceptedAtMs: Date.now(),
      generations: [old],
    });
    const slot = { generationId: id, pictureIndex: 0 };
    await t.easel.store.jobs.begin([slot], 'claim', Date.now());
    const drawnSlot = {
      ...slot,
      ids: [1, 2, 3],
      blobKey: 'a'.repeat(64),
      sizeBytes: 9,
      widthPx: 8,
      heightPx: 8,
      drawMs: 1,
      engineMs: 1,
    };
    await t.easel.store.jobs.drawn({ ...drawnSlot, finishedAtMs: Date.now() });
    await t.easel.store.pictures.expire([slot]);
  }, 180_000);
  afterAll(() => t.dispose());

  it('is neither varied, upscaled nor shown, and says why', async () => {
    const { studio } = t.easel;
    for (const outcome of [
      await studio.vary(asking(), id, 0, null),
      await studio.upscale(asking(), id, 0),
      await studio.picture(asking(), { generationId: id, pictureIndex: 0 }),
    ]) {
      expect(outcome).toMatchObject({ kind: 'refused', error: { code: 'JOB_MODEL_GONE' }, generation: { id } });
    }
  });

  it('is drawn again from its words with the present model', async () => {
    const child = await drawn(t, () =>
      t.easel.studio.press(asking(), { kind: 'redraw', generationId: id, pictureIndex: null, strength: null }),
    );
    expect(child).toMatchObject({ prompt: 'an old apple', parentId: id, model: t.easel.model.name, status: 'drawn' });
    expect(accepted({ kind: 'accepted', created: true, generations: [child], notices: [] }).id).toBe(child.id);
  });
});
