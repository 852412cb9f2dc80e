// Easel dies at each step of a re-roll on Discord, by a power cut: what was accepted comes once, and nothing comes twice.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../fakes/protocol/eventually.ts';
import type { Fault } from '../../fakes/protocol/faults.ts';
import { type DiscordStage, openStage } from './stage.ts';

let stage: DiscordStage;
let first: string;

const PATIENCE_MS = 60_000;

beforeAll(async () => {
  // As if minutes lay between the lives.
  stage = await openStage({ server: { patience: 20, gateway: { identifyGapMs: 0 } } });
  await stage.ada.imagine('a fox --n 1');
  first = (await eventually('a picture', async () => (await results())[0], PATIENCE_MS)).id;
}, 120_000);
afterAll(() => stage.close(), 60_000);

const results = async () => (await stage.bob.look()).filter(({ state }) => state === 'result');
const all = async () => stage.bob.look();

async function reroll(): Promise<void> {
  const message = (await all()).find(({ id }) => id === first);
  if (message === undefined) throw new Error('The first picture is gone.');
  await stage.bob.press(message, 'reroll');
}

/** The power goes when Discord has this request in hand: before it did anything, or when all was done but the answer. */
function dieWith(
  on: string,
  fault: Extract<Fault['kind'], 'drop' | 'loseAnswer'>,
  isOther: (body: string) => boolean = () => true,
) {
  const [method, path = ''] = on.split(' ');
  stage.server.faults.plan({
    on: (request) => {
      const isIt =
        request.method === method &&
        new RegExp(`${path}$`, 'u').test(request.path) &&
        isOther(request.bytes.toString('latin1'));
      if (isIt) void stage.easel.kill();
      return isIt;
    },
    fault: { kind: fault },
  });
}

/** At a step of this request and of none before it. */
function dieAfterUpload(point: string) {
  stage.server.faults.plan({
    on: ({ method, path, bytes }) =>
      method === 'PATCH' && new RegExp(EDIT.split(' ')[1] ?? '', 'u').test(path) && isUpload(bytes.toString('latin1')),
    fault: { kind: 'hold', until: () => stage.easel.dieAt(point) },
  });
}

const CALLBACK = 'POST /callback';
const POST = 'POST /channels/\\d+/messages';
const EDIT = 'PATCH /channels/\\d+/messages/\\d+';

/** Whether the request was accepted before the power went: only then is a picture owed. */
type Point = [title: string, isOwed: boolean, arrange: () => void | Promise<void>];

const POINTS: readonly Point[] = [
  ['acknowledge, which never arrives', false, () => dieWith(CALLBACK, 'drop')],
  ['acknowledge, which arrives', false, () => dieWith(CALLBACK, 'loseAnswer')],
  ['submit, before it is stored', false, () => stage.easel.dieAt('before accept')],
  ['submit, after it is stored', true, () => stage.easel.dieAt('after accept')],
  ['placeholder, which never arrives', true, () => dieWith(POST, 'drop')],
  ['placeholder, which arrives', true, () => dieWith(POST, 'loseAnswer')],
  ['store id, of the placeholder', true, () => stage.easel.dieAt('after placed')],
  ['draw, before', true, () => stage.easel.dieAt('after pick')],
  ['draw, after', true, () => stage.easel.dieAt('after draw')],
  ['draw, after it is kept', true, () => stage.easel.dieAt('after drawn')],
  ['upload, which never arrives', true, () => dieWith(EDIT, 'drop', isUpload)],
  ['edit, which arrives', true, () => dieWith(EDIT, 'loseAnswer', isUpload)],
  ['settle, before', true, () => dieAfterUpload('before settle')],
  ['settle, after', true, () => dieAfterUpload('after settle')],
];

function isUpload(body: string): boolean {
  return body.includes('filename=') && !body.includes('preview');
}

/** Those that are owed so far. */
let owed = 1;

test.each(POINTS)('killed at: %s', { timeout: 120_000 }, async (_title, isOwed, arrange) => {
  // Nothing of the life before came twice in the meantime.
  expect(await results()).toHaveLength(owed);
  await arrange();
  // A press that nobody answers any more is waited for in vain.
  const pressed = reroll();
  await stage.easel.died();
  // The budget of connections is for crash loops, which this is: as if hours lay between the lives.
  await rm(join(stage.easel.dataDir, 'discord', 'identifies.json'), { force: true });
  await stage.easel.startAgain();
  owed += 1;
  if (isOwed) await pressed;
  else {
    expect(await results()).toHaveLength(owed - 1);
    await reroll();
  }
  await eventually('one picture more', async () => (await results()).length === owed, PATIENCE_MS);
  expect(stage.server.faults.unused()).toEqual([]);
});

test('every picture was drawn once, and nothing is left unfinished', async () => {
  await reroll();
  await eventually('a last one', async () => (await results()).length === owed + 1, PATIENCE_MS);
  expect(await all()).toHaveLength(owed + 1);
}, 120_000);
