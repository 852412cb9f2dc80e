import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.ts';
import { onStep } from '../../../src/ops/step.ts';
import { asking, drawn, eventually, openTestEasel, type TestEasel } from '../studio/harness.ts';

describe('the gallery', { timeout: 180_000 }, () => {
  let t: TestEasel;
  let nowOffsetMs = 0;
  beforeAll(async () => {
    const { systemClock } = await import('../../../src/ops/clock.ts');
    const clock = { ...systemClock, nowMs: () => Date.now() + nowOffsetMs };
    t = await openTestEasel({ clock, galleryOf: ({ tenant }) => (tenant === 'team' ? 'best' : null) });
  }, 180_000);
  afterAll(() => t.dispose());

  const draw = (text: string, more = {}) =>
    drawn(t, () => t.easel.studio.submit({ ...asking('ada', more), text: `${text} --n 1` }));
  const copies = (id: string) => t.chat.all.filter((each) => each.generationId === id && each.channel === 'best');
  const shown = (id: string) => copies(id).filter(({ removed }) => !removed).length;

  it('shows a kept picture once, with credit and a way to the original, also when it is kept twice', async () => {
    const { id } = await draw('a red apple');
    await t.easel.studio.keep(asking('bob'), id, true);
    await t.easel.studio.keep(asking('carol'), id, true);
    await eventually(() => shown(id)).toBe(1);
    const original = t.chat.all.find(({ generationId, channel }) => generationId === id && channel === 'general');
    expect(copies(id)[0]?.views.at(-1)).toMatchObject({
      user: 'ada',
      prompt: 'a red apple',
      image: { alt: 'a red apple' },
      link: { address: `https://chat.example/general/${original?.messageId}` },
    });
    const copy = copies(id)[0];
    await eventually(() => t.easel.studio.ofMessage('chat', 'best', copy?.messageId ?? '').then((one) => one?.id)).toBe(
      id,
    );
    expect(shown(id)).toBe(1);
  });

  it('takes it down when nobody keeps it any more, and when it is deleted', async () => {
    const { id } = await draw('a blue apple');
    await t.easel.studio.keep(asking('bob'), id, true);
    await eventually(() => shown(id)).toBe(1);
    await t.easel.studio.keep(asking('bob'), id, false);
    await eventually(() => shown(id)).toBe(0);
    await t.easel.studio.keep(asking('bob'), id, true);
    await eventually(() => shown(id)).toBe(1);
    await t.easel.studio.remove(asking('ada'), id);
    await eventually(() => shown(id)).toBe(0);
  });

  it('shows nothing private, nothing of its own channel, and nothing of places without a gallery', async () => {
    const own = await draw('a yellow apple', { channel: 'best' });
    const secret = await draw('a secret apple --private');
    const elsewhere = await draw('a far apple', { tenant: 'other' });
    for (const { id } of [own, secret]) await t.easel.studio.keep(asking('ada'), id, true);
    await t.easel.studio.keep(asking('ada', { tenant: 'other' }), elsewhere.id, true);
    const last = await draw('a last apple');
    await t.easel.studio.keep(asking('ada'), last.id, true);
    await eventually(() => shown(last.id)).toBe(1);
    expect(copies(own.id)).toHaveLength(1);
    expect(copies(secret.id)).toEqual([]);
    expect(copies(elsewhere.id)).toEqual([]);
  });

  it('finds what it had posted when Easel was killed before it knew', async () => {
    const { id } = await draw('a lost apple');
    const stop = onStep((name, edge) => {
      if (name === 'show-kept' && edge === 'after') throw new AppError('STORE_UNAVAILABLE', 'killed here');
    });
    await t.easel.studio.keep(asking('bob'), id, true);
    await eventually(() => shown(id)).toBe(1);
    stop();
    await t.restart();
    nowOffsetMs += 10_000;
    await t.easel.studio.keep(asking('carol'), id, true);
    await eventually(() =>
      t.easel.studio.ofMessage('chat', 'best', copies(id)[0]?.messageId ?? '').then((one) => one?.id),
    ).toBe(id);
    expect(copies(id)).toHaveLength(1);
  });

  it('tries again what the platform could not take, and gives up on a channel that is gone', async () => {
    const busy = await draw('a busy apple');
    t.chat.failNext('post', new AppError('ADAPTER_BUSY', 'busy', { details: { retryAfterMs: 20 } }));
    await t.easel.studio.keep(asking('bob'), busy.id, true);
    await eventually(() => shown(busy.id)).toBe(1);
    const gone = await draw('a gone apple');
    t.chat.failNext('post', new AppError('ADAPTER_CHANNEL_GONE', 'gone'));
    await t.easel.studio.keep(asking('bob'), gone.id, true);
    await eventually(() => t.easel.store.gallery.next(['chat'], Date.now() + nowOffsetMs + 3_600_000, 100)).toEqual([]);
    expect(copies(gone.id)).toEqual([]);
  });
});

describe('a ping', { timeout: 180_000 }, () => {
  it('comes to who asked for it when the wait was long, and to nobody else', async () => {
    let nowOffsetMs = 0;
    const { systemClock } = await import('../../../src/ops/clock.ts');
    const t = await openTestEasel({ clock: { ...systemClock, nowMs: () => Date.now() + nowOffsetMs } });
    try {
      await t.easel.studio.saveSettings({ platform: 'chat', user: 'ada' }, { ping: true });
      const wait = async (user: string, delayMs: number) => {
        t.worker.hold();
        const done = drawn(t, () => t.easel.studio.submit({ ...asking(user), text: 'a slow apple --n 1' }));
        await eventually(() => t.easel.queue.counts.drawing + t.easel.queue.counts.waiting).toBe(1);
        nowOffsetMs += delayMs;
        t.worker.release();
        return done;
      };
      await wait('bob', 120_000);
      const { id } = await wait('ada', 120_000);
      await eventually(() => t.chat.pings.length).toBe(1);
      await wait('ada', 1_000);
      expect(t.chat.pings).toMatchObject([{ user: 'ada', view: { user: 'ada' } }]);
      const { ref } = t.chat.pings[0] ?? {};
      expect(t.chat.all.find(({ messageId }) => messageId === ref?.messageId)?.generationId).toBe(id);
    } finally {
      await t.dispose();
    }
  });
});
