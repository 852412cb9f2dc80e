/** How long Discord waits for the first answer while the device is busy: of 3 s it may, for 99 of 100, and for a burst. */
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../test/fakes/protocol/eventually.ts';
import { type Bench, toResult } from '../bench.ts';
import { type DiscordEasel, withDiscordEasel } from './discord-easel.ts';

const PER_SECOND = 10;
const SECONDS = 20;
const IDLE_SECONDS = 10;
const BURST = 200;
const BURST_WITHIN_MS = 1_000;
/** More sheets than are drawn while it is measured. */
const QUEUED_SHEETS = 40;
const FIRST_WITHIN_MS = 120_000;

type What = 'imagine' | 'help' | 'edit';

export const discordAck: Bench = {
  name: 'discord-ack-p99-ms',
  run: (model) =>
    withDiscordEasel(model, async (easel) => {
      const idleMs = p99Of(await steadily(easel, IDLE_SECONDS, 'help'));
      await saturate(easel);
      const busyMs = p99Of(await steadily(easel, SECONDS, 'imagine'));
      const note = `${SECONDS * PER_SECOND} requests for pictures, ${PER_SECOND} a second, a queue of sheets, against an idle bot`;
      return toResult('discord-ack-p99-ms', 'ms', busyMs, idleMs, note);
    }),
};

export const discordForm: Bench = {
  name: 'discord-form-p99-ms',
  run: (model) =>
    withDiscordEasel(model, async (easel) => {
      await firstPicture(easel);
      const idleMs = p99Of(await steadily(easel, IDLE_SECONDS, 'edit'));
      await saturate(easel);
      const busyMs = p99Of(await steadily(easel, SECONDS, 'edit'));
      const note = `${SECONDS * PER_SECOND} presses of a button that opens a form, ${PER_SECOND} a second, a queue of sheets, against an idle bot`;
      return toResult('discord-form-p99-ms', 'ms', busyMs, idleMs, note);
    }),
};

export const discordBurst: Bench = {
  name: 'discord-ack-burst-ms',
  run: (model) =>
    withDiscordEasel(model, async (easel) => {
      await saturate(easel);
      const timesMs = await ended(easel, BURST, BURST_WITHIN_MS / BURST, 'imagine');
      const note = `the slowest of ${BURST} requests for pictures in a second, a queue of sheets; Discord waits 3000 ms`;
      return toResult('discord-ack-burst-ms', 'ms', Math.max(...timesMs), null, note);
    }),
};

/** The device draws from here on until the bench ends. */
async function saturate(easel: DiscordEasel): Promise<void> {
  const { server } = easel;
  await ended(easel, QUEUED_SHEETS, 0, 'imagine');
  await eventually('the device at work', () =>
    server.record.exchanges.some(({ request }) => request.method === 'PATCH'),
  );
}

async function firstPicture(easel: DiscordEasel): Promise<void> {
  await ask(easel, 0, 'imagine');
  await eventually('a picture', () => editButton(easel) !== null, FIRST_WITHIN_MS);
}

function editButton({ people, channel }: DiscordEasel): { messageId: string; customId: string } | null {
  for (const { id, buttons } of people[0]?.see(channel) ?? []) {
    const customId = buttons.find((button) => button.customId?.startsWith('easel:edit:') === true)?.customId ?? null;
    if (customId !== null) return { messageId: id, customId };
  }
  return null;
}

function steadily(easel: DiscordEasel, seconds: number, what: What): Promise<readonly number[]> {
  return ended(easel, seconds * PER_SECOND, 1_000 / PER_SECOND, what);
}

/** @returns how long each waited for its first answer; one that came too late counts as for ever */
async function ended(easel: DiscordEasel, count: number, gapMs: number, what: What): Promise<readonly number[]> {
  const before = easel.people.map(({ interactions }) => interactions.length);
  const asked: Promise<unknown>[] = [];
  for (let at = 0; at < count; at += 1) {
    asked.push(ask(easel, at, what));
    await sleep(gapMs);
  }
  await Promise.all(asked);
  return easel.people.flatMap(({ interactions }, at) =>
    interactions.slice(before[at]).map(({ acknowledgedAfterMs }) => acknowledgedAfterMs ?? Number.POSITIVE_INFINITY),
  );
}

function ask(easel: DiscordEasel, at: number, what: What): Promise<unknown> {
  const { people, channel } = easel;
  const person = people[at % people.length];
  if (person === undefined) throw new Error('nobody');
  if (what === 'help') return person.slash(channel, 'easel help');
  if (what === 'imagine') return person.slash(channel, 'imagine', { prompt: `a red fox --seed ${at}` });
  const button = editButton(easel);
  if (button === null) throw new Error('There is no button to edit.');
  return person.press(button.messageId, button.customId);
}

function p99Of(timesMs: readonly number[]): number {
  return timesMs.toSorted((one, other) => one - other)[Math.floor(timesMs.length * 0.99)] ?? Number.NaN;
}
