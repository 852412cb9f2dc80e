import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Messages } from '../../../src/conversation/messages.ts';
import { AppError } from '../../../src/errors.ts';
import { onStep } from '../../../src/ops/step.ts';
import { accepted, asking, eventually, openTestEasel, type TestEasel, until } from '../studio/harness.ts';

describe('the deliverer', { timeout: 180_000 }, () => {
  let t: TestEasel;
  let messages: Messages;
  beforeAll(async () => {
    t = await openTestEasel();
    messages = { ...t.chat.messages };
  }, 180_000);
  afterAll(() => t.dispose());
  afterEach(() => {
    Object.assign(t.chat.messages, messages);
    t.worker.release();
  });

  const submit = (text = 'a red apple --n 1', user = 'ada') => t.easel.studio.submit({ ...asking(user), text });
  const messagesOf = (id: string) => t.chat.all.filter(({ generationId }) => generationId === id);

  it('shows the painting on its way in the placeholder, then the result in the same message', async () => {
    t.worker.hold();
    const { id } = accepted(await submit());
    await eventually(() => t.chat.shown(id)?.kind).toBe('painting');
    await eventually(() => t.chat.shown(id)?.image).not.toBeNull();
    expect(t.chat.shown(id)?.controls.map(({ kind }) => kind)).toEqual(['cancel']);
    const delivered = until(t.easel, 'delivered', id);
    t.worker.release();
    await delivered;
    expect(messagesOf(id)).toHaveLength(1);
    expect(t.chat.shown(id)?.kind).toBe('result');
    // Nothing may overtake the result.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(t.chat.shown(id)?.kind).toBe('result');
  });

  it('tells place and how many of yours are ahead while it waits', async () => {
    t.worker.hold();
    await submit('a red apple --n 4');
    await submit('a red apple --n 4');
    const { id } = accepted(await submit('a green apple'));
    await eventually(() => t.chat.shown(id)?.lines.join()).toContain('ahead');
    expect(t.chat.shown(id)?.kind).toBe('queued');
    t.worker.release();
    await until(t.easel, 'delivered', id);
  });

  it('looks for the placeholder before it posts again when the answer of the first post was lost', async () => {
    const post = t.chat.messages.post;
    let isFirst = true;
    t.chat.messages.post = async (...args) => {
      const ref = await post(...args);
      if (!isFirst) return ref;
      isFirst = false;
      throw new AppError('ADAPTER_UNAVAILABLE', 'The connection broke.', { details: { retryAfterMs: 10 } });
    };
    const { id } = accepted(await submit());
    await until(t.easel, 'delivered', id);
    expect(messagesOf(id)).toHaveLength(1);
    expect(t.chat.calls.map(({ name }) => name)).toContain('find');
  });

  it('waits as long as a busy platform asks, and delivers then', async () => {
    const busy = () => new AppError('ADAPTER_BUSY', 'Slow down.', { details: { retryAfterMs: 30 } });
    t.chat.failNext('post', busy(), busy());
    const { id } = accepted(await submit());
    await until(t.easel, 'delivered', id);
    expect(messagesOf(id)).toHaveLength(1);
  });

  it('posts the result anew when somebody deleted the placeholder meanwhile', async () => {
    t.worker.hold();
    const { id } = accepted(await submit());
    await eventually(() => messagesOf(id).length).toBe(1);
    const [placeholder] = messagesOf(id);
    if (placeholder !== undefined) t.chat.deleteMessage(placeholder);
    t.worker.release();
    await until(t.easel, 'delivered', id);
    expect(messagesOf(id).filter(({ removed }) => !removed)).toHaveLength(1);
    expect(t.chat.shown(id)?.kind).toBe('result');
  });

  it('sends the result to the person when the channel is gone', async () => {
    t.worker.hold();
    const { id } = accepted(await submit());
    await eventually(() => messagesOf(id).length).toBe(1);
    const [placeholder] = messagesOf(id);
    if (placeholder !== undefined) t.chat.deleteMessage(placeholder);
    const gone = new AppError('ADAPTER_CHANNEL_GONE', 'The channel is gone.');
    // Edits on the way may meet it first.
    t.chat.messages.edit = async () => {
      throw gone;
    };
    t.chat.failNext('post', gone);
    t.worker.release();
    await until(t.easel, 'delivered', id);
    expect(messagesOf(id).at(-1)).toMatchObject({ channel: '@ada', removed: false });
  });

  it('cancels and refunds a private request when direct messages are closed, and says so in private', async () => {
    t.chat.failNext('direct', new AppError('ADAPTER_DIRECT_CLOSED', 'Closed.'));
    t.worker.hold();
    const { id } = accepted(await submit('a red apple --private'));
    await eventually(async () => (await t.easel.store.outbox.get(id))?.state).toBe('refunded');
    expect((await t.easel.store.generations.get(id))?.status).toBe('cancelled');
    expect(t.chat.privateReplies).toMatchObject([{ kind: 'refused', generationId: id }]);
    t.worker.release();
  });

  it('tells a failure by its words and refunds it', async () => {
    t.worker.failNext(new AppError('WORKER_DIED', 'Died twice on it.'));
    const { id } = accepted(await submit());
    await until(t.easel, 'delivered', id);
    expect(t.chat.shown(id)).toMatchObject({ kind: 'failed' });
    expect(t.chat.shown(id)?.lines.join(' ')).toContain('stopped twice');
    expect((await t.easel.store.generations.get(id))?.charge.state).toBe('refunded');
  });

  it('delivers what could be drawn when one picture of a sheet failed, and says so', async () => {
    t.worker.failNext(new AppError('WORKER_DIED', 'Died twice on it.'));
    const { id } = accepted(await submit('a red apple --n 2'));
    await until(t.easel, 'delivered', id);
    expect(t.chat.shown(id)?.kind).toBe('result');
    expect(t.chat.shown(id)?.lines.join(' ')).toContain('1 picture could not be drawn');
  });

  it('keeps jobs while the device is gone, tells everyone since when, and goes on by itself', async () => {
    t.worker.hold();
    const drawing = accepted(await submit('a red apple --n 4'));
    const waiting = accepted(await submit('a green apple --n 1', 'bob'));
    await eventually(() => [drawing, waiting].map(({ id }) => messagesOf(id).length)).toEqual([1, 1]);
    t.worker.setState('down');
    for (const { id } of [drawing, waiting]) {
      await eventually(() => t.chat.shown(id)?.heading).toMatch(/^Kept, since \d\d:\d\d/);
    }
    expect(t.easel.status()).toMatchObject({ worker: 'down' });
    const ends = [drawing, waiting].map(({ id }) => until(t.easel, 'delivered', id));
    t.worker.setState('ready');
    t.worker.release();
    await Promise.all(ends);
    for (const { id } of [drawing, waiting]) expect(t.chat.shown(id)?.kind).toBe('result');
  });

  it('draws again what a device refused because it was going, not because of the picture', async () => {
    t.worker.failNext(new AppError('DEVICE_FAILED', 'The driver is gone.'));
    const { id } = accepted(await submit());
    await until(t.easel, 'delivered', id);
    expect(t.chat.shown(id)?.kind).toBe('result');
    expect(t.worker.asked.filter(({ slotId }) => slotId.startsWith(id))).toHaveLength(2);
  });

  it('passes each effect through its step, in the order of the request', async () => {
    const seen: string[] = [];
    const stop = onStep((name, edge) => edge === 'before' && seen.push(name));
    const { id } = accepted(await submit());
    await until(t.easel, 'delivered', id);
    stop();
    const order = (...names: string[]) => expect(seen.filter((name) => names.includes(name))).toEqual(names);
    order('accept', 'pick', 'draw', 'store', 'drawn', 'posting', 'post', 'settle');
    order('accept', 'placeholder', 'placed', 'posting', 'encode', 'post', 'settle');
  });
});
