// Slack tells of things more than once: of events under new envelopes, of commands that were acknowledged. Each is done once,
// over restarts, and by whichever process works on a PostgreSQL database.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresDatabase, type PostgresDatabase, whyNoPostgres } from '../../fakes/postgres-database.ts';
import { eventually } from '../../fakes/protocol/eventually.ts';
import type { Delivery } from '../../fakes/slack/delivery.ts';
import type { SeenMessage } from '../../fakes/slack/seen.ts';
import { isResult, openSlack, type SlackTest, seen } from './open-slack.ts';

const TIMEOUT = { timeout: 180_000 };
const noPostgres = await whyNoPostgres();

describe('one process', () => {
  let slack: SlackTest;
  beforeAll(async () => {
    slack = await openSlack();
  }, 120_000);
  afterAll(() => slack.close());

  it('draws a command once that Slack tells of four times, before a restart and after', TIMEOUT, async () => {
    const { server, ada, general } = slack;
    const delivery = told(ada.command('/imagine', 'a fox four times', { channel: general.id }));
    await delivery.done;
    await server.courier.again(delivery, 'same').done;
    await server.courier.again(delivery, 'new').done;
    await drawn(slack, 'a fox four times');
    await slack.restart();
    await server.courier.again(delivery, 'new').done;
    await drawn(slack, 'after the fourth', true);
    expect(drawnWith(slack, 'a fox four times')).toHaveLength(1);
  });

  it('draws a mention once by its event, under whatever envelope', TIMEOUT, async () => {
    const { server, ada, general } = slack;
    const delivery = told(ada.say('@app imagine a fox mentioned', { channel: general.id }).delivery);
    await delivery.done;
    await server.courier.again(delivery, 'same').done;
    await server.courier.again(delivery, 'new').done;
    await drawn(slack, 'a fox mentioned');
    await slack.restart();
    await server.courier.again(delivery, 'new').done;
    await drawn(slack, 'after the mention', true);
    expect(drawnWith(slack, 'a fox mentioned')).toHaveLength(1);
  });

  it('does what a button says once for each press, and again when it is pressed again', TIMEOUT, async () => {
    const { server, bob } = slack;
    const first = await drawn(slack, 'a fox pressed', true);
    const press = bob.press(first, '🔁 Re-roll');
    await press.done;
    await server.courier.again(press, 'same').done;
    await server.courier.again(press, 'new').done;
    await eventually('the second', () => drawnWith(slack, 'a fox pressed').length === 2, 60_000);
    await slack.restart();
    await server.courier.again(press, 'new').done;
    await bob.press(first, '🔁 Re-roll').done;
    await eventually('the third', () => drawnWith(slack, 'a fox pressed').length === 3, 60_000);
    await drawn(slack, 'after the presses', true);
    expect(drawnWith(slack, 'a fox pressed')).toHaveLength(3);
  });

  it('does what a reaction says once for a message, a person and an emoji', TIMEOUT, async () => {
    const { server, bob, ada } = slack;
    const first = await drawn(slack, 'a fox liked', true);
    const reaction = told(bob.react(first, 'repeat'));
    await reaction.done;
    await server.courier.again(reaction, 'same').done;
    await server.courier.again(reaction, 'new').done;
    await eventually('the second', () => drawnWith(slack, 'a fox liked').length === 2, 60_000);
    await slack.restart();
    await server.courier.again(reaction, 'new').done;
    // Another person's is another wish.
    await told(ada.react(first, 'repeat')).done;
    await eventually('the third', () => drawnWith(slack, 'a fox liked').length === 3, 60_000);
    await drawn(slack, 'after the reactions', true);
    expect(drawnWith(slack, 'a fox liked')).toHaveLength(3);
  });
});

describe.skipIf(noPostgres !== null)(
  `a process that takes over on PostgreSQL${noPostgres === null ? '' : ` (skipped: ${noPostgres})`}`,
  () => {
    it('does nothing again that the one before it did, and what that one left', TIMEOUT, async () => {
      const database: PostgresDatabase = await createPostgresDatabase();
      const first = await openSlack({ databaseUrl: database.url });
      const { server, ada, bob, general } = first;
      first.worker.hold();
      const command = told(ada.command('/imagine', 'a fox handed over --n 1', { channel: general.id }));
      const mention = told(bob.say('@app imagine a cat handed over --n 1', { channel: general.id }).delivery);
      await seen(
        'the fox',
        () => drawnWith(first, 'a fox handed over'),
        () => true,
      );
      await seen(
        'the cat',
        () => drawnWith(first, 'a cat handed over'),
        () => true,
      );
      // Two at once on one database are not possible: the second says so, and Slack has nobody to share payloads between.
      await expect(openSlack({ databaseUrl: database.url, beside: first })).rejects.toMatchObject({
        code: 'STORE_LOCKED',
      });
      await first.easel.close();
      const second = await openSlack({ databaseUrl: database.url, beside: first });
      const again = [command, mention].flatMap((each) => [
        server.courier.again(each, 'same'),
        server.courier.again(each, 'new'),
      ]);
      await Promise.all(again.map(({ done }) => done));
      for (const prompt of ['a fox handed over', 'a cat handed over']) {
        await seen('the picture', () => drawnWith(second, prompt), isResult);
        expect(drawnWith(second, prompt)).toHaveLength(1);
      }
      expect(second.worker.asked).toHaveLength(2);
      await second.close();
      await first.close();
      await database.drop();
    });
  },
);

function told(delivery: Delivery | null): Delivery {
  if (delivery === null) throw new Error('Slack did not send it.');
  return delivery;
}

function drawnWith({ server, ada, general }: SlackTest, prompt: string): readonly SeenMessage[] {
  const isOurs = ({ author, text }: SeenMessage) => author === server.app.botUserId && text.includes(prompt);
  return ada.look({ channel: general.id }).filter(isOurs);
}

/** @param isNew asks for it; then whatever was told before has been worked too */
async function drawn(slack: SlackTest, prompt: string, isNew = false): Promise<SeenMessage> {
  const { ada, general } = slack;
  if (isNew) await ada.command('/imagine', prompt, { channel: general.id })?.done;
  return seen('the picture', () => drawnWith(slack, prompt), isResult);
}
