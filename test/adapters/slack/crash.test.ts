// Easel dies at every step of a request on Slack, and in the middle of an upload: what was accepted is shown once.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../fakes/protocol/eventually.ts';
import { openSlackStage, type SlackStage } from './stage.ts';

const TIMEOUT_MS = 600_000;
const PATIENCE_MS = 120_000;
let stage: SlackStage;
beforeAll(async () => {
  stage = await openSlackStage({ server: { patience: 20, tierFactor: 100 }, easel: { rowMs: 1 } });
}, 120_000);
afterAll(() => stage.close(), 60_000);

/** Slack has been told that the command came; what is not in the database yet is nobody's promise. */
const UNPROMISED = ['before accept'];
const PROMISED = [
  'after accept',
  'after placeholder',
  'after placed',
  'after draw',
  'after drawn',
  'after posting',
  'after post',
];

const shown = async (prompt: string) => (await stage.ada.look()).filter((message) => message.prompt === prompt);

async function isDrawnOnce(prompt: string): Promise<void> {
  await eventually(prompt, async () => (await shown(prompt)).some(({ state }) => state === 'result'), PATIENCE_MS);
  expect(await shown(prompt)).toHaveLength(1);
}

it('at each step of /imagine', { timeout: TIMEOUT_MS }, async () => {
  const { easel, ada } = stage;
  for (const point of [...UNPROMISED, ...PROMISED]) {
    const prompt = `a fox ${point} --n 1`;
    await easel.dieAt(point, 'accept');
    await ada.imagine(prompt);
    await easel.died();
    await easel.startAgain();
    if (PROMISED.includes(point)) await isDrawnOnce(`a fox ${point}`);
    else expect((await shown(`a fox ${point}`)).length).toBeLessThanOrEqual(1);
  }
  for (const point of PROMISED) expect(await shown(`a fox ${point}`)).toHaveLength(1);
});

it.each([
  'POST /api/files.getUploadURLExternal',
  'POST /api/files.completeUploadExternal',
  'POST /api/files.info',
  'POST /api/chat.update',
])('in the middle of %s', { timeout: TIMEOUT_MS }, async (on) => {
  const { easel, slack, ada } = stage;
  const prompt = `a cat at ${on.split('.').at(-1)}`;
  await stage.hold();
  await ada.imagine(`${prompt} --n 1`);
  await eventually('the placeholder', async () => (await shown(prompt)).length > 0, PATIENCE_MS);
  // The server does it; who asked hears of it no more.
  slack.faults.plan({ on, fault: { kind: 'loseAnswer' } });
  await stage.release();
  await eventually('the call', () => slack.faults.unused().length === 0, PATIENCE_MS);
  await easel.kill();
  await easel.startAgain();
  await isDrawnOnce(prompt);
});

it('at a re-roll by button: the first stays, the second comes once', { timeout: TIMEOUT_MS }, async () => {
  const { easel, ada } = stage;
  await ada.imagine('a dog pressed --n 1');
  await isDrawnOnce('a dog pressed');
  const results = async () => (await shown('a dog pressed')).filter(({ state }) => state === 'result');
  let expected = 1;
  for (const point of ['after accept', 'after placeholder', 'after post']) {
    const [first] = await results();
    if (first === undefined) throw new Error('The first is gone.');
    await easel.dieAt(point, 'accept');
    await ada.press(first, 'reroll');
    await easel.died();
    await easel.startAgain();
    expected += 1;
    await eventually(point, async () => (await results()).length >= expected, PATIENCE_MS);
    expect(await shown('a dog pressed')).toHaveLength(expected);
  }
});
