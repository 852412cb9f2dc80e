import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MessageRef } from '../../../src/conversation/messages.ts';
import { AppError } from '../../../src/errors.ts';
import type { Generation } from '../../../src/store/records.ts';
import { accepted, asking, drawn, eventually, openTestEasel, type TestEasel } from '../studio/harness.ts';

describe('reactions', { timeout: 180_000 }, () => {
  let t: TestEasel;
  let sheet: { generation: Generation; message: MessageRef };
  let offsetMs = 0;
  /** Time stands still where seconds are counted. */
  let stoppedAtMs: number | null = null;
  beforeAll(async () => {
    // The real time, which a test may push forward.
    const { sleep } = await import('../../../src/ops/clock.ts').then(({ systemClock }) => systemClock);
    t = await openTestEasel({ clock: { nowMs: () => (stoppedAtMs ?? Date.now()) + offsetMs, sleep } });
  }, 180_000);
  afterAll(() => t.dispose());
  beforeEach(async () => {
    stoppedAtMs = null;
    sheet = await draw('a red apple --n 2');
  });

  async function draw(text: string, user = 'ada') {
    const generation = await drawn(t, () => t.easel.studio.submit({ ...asking(user), text }));
    const found = t.chat.all.find(({ generationId }) => generationId === generation.id);
    const { platform = '', channel = '', messageId = '' } = found ?? {};
    return { generation, message: { platform, channel, messageId } };
  }
  const who = (user: string) => ({ scope: asking(user).scope });
  const react = (emoji: string, user = 'bob', message = sheet.message) =>
    t.easel.reactions.add(who(user), { message, emoji, target: {} });
  const takeBack = (emoji: string, user = 'bob', message = sheet.message) =>
    t.easel.reactions.takeBack(who(user), { message, emoji });
  const childrenOf = async ({ id }: Generation) => (await t.easel.store.generations.lineage(id)).children;

  it('🔁 rolls again, once, however often it is told, also after a restart', async () => {
    const [first, ...others] = await Promise.all([react('🔁'), react('🔁'), react('🔁')]);
    expect(first?.outcome).toMatchObject({ kind: 'accepted' });
    expect(others.map(({ outcome }) => outcome)).toEqual([null, null]);
    await t.restart();
    expect((await react('🔁')).outcome).toBeNull();
    expect(await childrenOf(sheet.generation)).toMatchObject([{ kind: 'reroll', scope: { user: 'bob' } }]);
  });

  it('a number varies that picture, strongly unless the person set otherwise', async () => {
    const { outcome } = await react('2️⃣');
    expect(outcome).toMatchObject({ kind: 'accepted', generations: [{ kind: 'variation', parentPictureIndex: 1 }] });
    await t.easel.studio.saveSettings({ platform: 'chat', user: 'cleo' }, { strength: 'subtle' });
    const subtle = await react('1', 'cleo');
    expect(subtle.outcome).toBeNull();
    expect((await react('1\u20E3', 'cleo')).outcome).toMatchObject({
      generations: [{ options: { strength: 'subtle' } }],
    });
  });

  it('⬆️ waits for a number of the same person, and forgets after thirty seconds', async () => {
    expect(await react('⬆️')).toMatchObject({ outcome: null, waitsForNumber: true });
    expect((await react('2️⃣', 'carol')).outcome).toMatchObject({ generations: [{ kind: 'variation' }] });
    expect((await react('2️⃣')).outcome).toMatchObject({ generations: [{ kind: 'upscale', parentPictureIndex: 1 }] });
    offsetMs += 30_001;
    expect((await react('1️⃣')).outcome).toMatchObject({ generations: [{ kind: 'variation' }] });
  });

  it('⬆️ on a single picture upscales it at once', async () => {
    const { message } = await draw('a red apple --n 1');
    expect((await react('⬆️', 'bob', message)).outcome).toMatchObject({ generations: [{ kind: 'upscale' }] });
  });

  it('❌ deletes for its author; anybody else is told in private that it is not theirs', async () => {
    const refused = await react('❌', 'bob');
    expect(refused.view).toMatchObject({ kind: 'refused' });
    const told = t.chat.all.findLast(({ channel }) => channel === '@bob');
    expect(told?.views.at(-1)?.lines[0]).toContain('author');
    expect((await react('❌', 'ada')).outcome).toEqual({ kind: 'done', what: 'removed' });
    expect(t.chat.shown(sheet.generation.id)).toBeUndefined();
  });

  it('❌ cancels what is not drawn yet', async () => {
    t.worker.hold();
    const waiting = accepted(await t.easel.studio.submit({ ...asking('ada'), text: 'a slow apple' }));
    await eventually(() => t.chat.all.some(({ generationId }) => generationId === waiting.id)).toBe(true);
    const ref = t.chat.all.find(({ generationId }) => generationId === waiting.id) as MessageRef;
    await eventually(() => t.easel.studio.ofMessage('chat', ref.channel, ref.messageId).then((one) => one?.id)).toBe(
      waiting.id,
    );
    expect((await react('❌', 'ada', ref)).outcome).toEqual({ kind: 'done', what: 'cancelled' });
    t.worker.release();
  });

  it('a refusal that no direct message can carry leaves a ⚠️', async () => {
    t.chat.failNext('direct', new AppError('ADAPTER_DIRECT_CLOSED', 'closed'));
    await react('❌', 'bob');
    expect(t.chat.warned.at(-1)).toEqual(sheet.message);
  });

  it('✉️ sends the result; closed direct messages are said, not silent', async () => {
    expect((await react('✉️')).outcome).toEqual({ kind: 'done', what: 'sent' });
    const { message } = await draw('another apple --n 1');
    t.chat.failNext('direct', new AppError('ADAPTER_DIRECT_CLOSED', 'closed'), null);
    const told: unknown[] = [];
    const answer = await t.easel.reactions.add(who('bob'), { message, emoji: '✉️', target: {} }, async (view) => {
      told.push(view.kind);
    });
    expect(answer.outcome).toMatchObject({ kind: 'refused', error: { code: 'ADAPTER_DIRECT_CLOSED' } });
    expect(told).toEqual(['refused']);
  });

  it('⭐ keeps, until the last one who did takes it back, however late', async () => {
    await react('⭐', 'bob');
    await react('⭐', 'carol');
    expect((await t.easel.store.generations.get(sheet.generation.id))?.kept).toBe(true);
    offsetMs += 3_600_000;
    await takeBack('⭐', 'bob');
    expect((await t.easel.store.generations.get(sheet.generation.id))?.kept).toBe(true);
    expect((await takeBack('⭐', 'carol')).outcome).toEqual({ kind: 'done', what: 'unkept' });
    expect((await t.easel.store.generations.get(sheet.generation.id))?.kept).toBe(false);
  });

  it('taken back within three seconds, its request goes: cancelled, or removed when it was drawn', async () => {
    stoppedAtMs = Date.now();
    t.worker.hold();
    await react('🔁');
    offsetMs += 3_000;
    expect((await takeBack('🔁')).outcome).toEqual({ kind: 'done', what: 'cancelled' });
    t.worker.release();
    expect(await childrenOf(sheet.generation)).toMatchObject([{ status: 'cancelled' }]);
    const again = await drawn(t, async () => (await react('🔁')).outcome ?? Promise.reject(new Error('nothing')));
    expect((await takeBack('🔁')).outcome).toEqual({ kind: 'done', what: 'removed' });
    expect(t.chat.shown(again.id)).toBeUndefined();
  });

  it('taken back later, what was drawn stays', async () => {
    stoppedAtMs = Date.now();
    const child = await drawn(t, async () => (await react('🔁')).outcome ?? Promise.reject(new Error('nothing')));
    offsetMs += 3_001;
    expect((await takeBack('🔁')).outcome).toBeNull();
    expect(t.chat.shown(child.id)).toMatchObject({ kind: 'result' });
  });

  it('taken back while it is being accepted, it waits its turn and is cancelled', async () => {
    stoppedAtMs = Date.now();
    t.worker.hold();
    const adding = react('🔁');
    const taken = await takeBack('🔁');
    expect(taken.outcome).toEqual({ kind: 'done', what: 'cancelled' });
    expect((await adding).outcome).toMatchObject({ kind: 'accepted' });
    t.worker.release();
  });

  it('means nothing on messages of others, and other emoji mean nothing here', async () => {
    expect((await react('🔁', 'bob', { ...sheet.message, messageId: 'elsewhere' })).outcome).toBeNull();
    expect((await react('😂')).outcome).toBeNull();
    expect(await t.easel.store.reactions.count(sheet.generation.id, '😂')).toBe(0);
  });

  it('works on the copy that was sent to a person', async () => {
    await react('✉️', 'bob');
    const copy = t.chat.all.findLast(({ channel, generationId }) => channel === '@bob' && generationId !== null);
    expect((await react('🔁', 'bob', copy as MessageRef)).outcome).toMatchObject({ kind: 'accepted' });
  });
});
