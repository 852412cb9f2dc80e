/** How long Slack waits for an acknowledgement while the device is busy: of 3 s it may, for 99 of 100, and for a burst. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery } from '../../test/fakes/slack/delivery.ts';
import { type Bench, toResult } from '../bench.ts';
import { type SlackEasel, withSlackEasel } from './slack-easel.ts';

const PER_SECOND = 10;
const SECONDS = 20;
const IDLE_SECONDS = 10;
const BURST = 200;
const BURST_WITHIN_MS = 1_000;
/** More sheets than are drawn while it is measured. */
const QUEUED_SHEETS = 40;

export const slackAck: Bench = {
  name: 'slack-ack-p99-ms',
  run: (model) =>
    withSlackEasel(model, async (easel) => {
      const idleMs = p99Of(await steadily(easel, IDLE_SECONDS * PER_SECOND, 'help'));
      await saturate(easel);
      const busyMs = p99Of(await steadily(easel, SECONDS * PER_SECOND, 'imagine'));
      const note = `${SECONDS * PER_SECOND} requests for pictures, ${PER_SECOND} a second, a queue of sheets, against an idle bot`;
      return toResult('slack-ack-p99-ms', 'ms', busyMs, idleMs, note);
    }),
};

export const slackBurst: Bench = {
  name: 'slack-ack-burst-ms',
  run: (model) =>
    withSlackEasel(model, async (easel) => {
      await saturate(easel);
      const timesMs = await ended(
        Array.from({ length: BURST }, (_, at) => at),
        BURST_WITHIN_MS / BURST,
        (at) => ask(easel, at, 'imagine'),
      );
      const note = `the slowest of ${BURST} requests for pictures in a second, a queue of sheets; Slack waits 3000 ms`;
      return toResult('slack-ack-burst-ms', 'ms', Math.max(...timesMs), null, note);
    }),
};

/** The device draws from here on until the bench ends. */
async function saturate(easel: SlackEasel): Promise<void> {
  const { server } = easel;
  const before = server.courier.deliveries.length;
  for (let sheet = 0; sheet < QUEUED_SHEETS; sheet += 1) ask(easel, sheet, 'imagine');
  await Promise.all(server.courier.deliveries.slice(before).map(({ done }) => done));
}

function steadily(easel: SlackEasel, count: number, what: 'imagine' | 'help'): Promise<readonly number[]> {
  return ended(
    Array.from({ length: count }, (_, at) => at),
    1_000 / PER_SECOND,
    (at) => ask(easel, at, what),
  );
}

/** @returns how long each waited for its acknowledgement; one that came too late counts as for ever */
async function ended(
  numbers: readonly number[],
  gapMs: number,
  send: (at: number) => Delivery,
): Promise<readonly number[]> {
  const deliveries: Delivery[] = [];
  for (const at of numbers) {
    deliveries.push(send(at));
    await sleep(gapMs);
  }
  await Promise.all(deliveries.map(({ done }) => done));
  return deliveries.map(({ attempts }) => attempts[0]?.ackMs ?? Number.POSITIVE_INFINITY);
}

function ask({ people, channel }: SlackEasel, at: number, what: 'imagine' | 'help'): Delivery {
  const person = people[at % people.length];
  const delivery =
    what === 'imagine'
      ? person?.command('/imagine', `a red fox --seed ${at}`, { channel })
      : person?.command('/easel', 'help', { channel });
  if (delivery === null || delivery === undefined) throw new Error(person?.told.at(-1) ?? 'nobody');
  return delivery;
}

function p99Of(timesMs: readonly number[]): number {
  return timesMs.toSorted((one, other) => one - other)[Math.floor(timesMs.length * 0.99)] ?? Number.NaN;
}
