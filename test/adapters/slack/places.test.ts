// Where Easel cannot post: not in the channel, archived, taken out while it draws. Nothing is lost: the picture reaches the person.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../fakes/protocol/eventually.ts';
import type { SlackChannel } from '../../fakes/slack/world.ts';
import { isResult, openSlack, type SlackTest, seen } from './open-slack.ts';

const TIMEOUT = { timeout: 120_000 };
let slack: SlackTest;
beforeAll(async () => {
  slack = await openSlack();
}, 120_000);
afterAll(async () => {
  const violations = slack.server.record.takeViolations();
  await slack.close();
  expect(violations).toEqual([]);
});

const chargeOf = async (prompt: string): Promise<string | undefined> => {
  const { generations } = await slack.easel.store.generations.history({
    platform: 'slack',
    withPrivate: true,
    limit: 100,
  });
  return generations.find((each) => each.prompt === prompt)?.charge.state;
};

describe('a channel', () => {
  it('that the bot is not in: the picture comes to the person, who is told why', TIMEOUT, async () => {
    const { server, ada } = slack;
    const elsewhere = server.addChannel('elsewhere', [ada.id], { withApp: false });
    await ada.command('/imagine', 'a fox outside', { channel: elsewhere.id })?.done;
    await seen('the picture', ada.direct, (message) => isResult(message) && message.text.includes('a fox outside'));
    await seen(
      'why',
      () => ada.look({ channel: elsewhere.id }),
      ({ isEphemeral }) => isEphemeral,
    );
    expect(server.posted(elsewhere.id)).toEqual([]);
    await eventually('its charge', async () => (await chargeOf('a fox outside')) === 'settled', 60_000);
  });

  it('that is private and without the bot: the same', TIMEOUT, async () => {
    const { server, ada } = slack;
    const secret = server.addChannel('secret', [ada.id], { kind: 'private', withApp: false });
    await ada.command('/imagine', 'a fox in secret', { channel: secret.id })?.done;
    await seen('the picture', ada.direct, (message) => isResult(message) && message.text.includes('a fox in secret'));
    expect(server.posted(secret.id)).toEqual([]);
  });

  const archive = (channel: SlackChannel): void => {
    channel.isArchived = true;
  };
  const leave = ({ members }: SlackChannel): void => void members.delete(slack.server.app.botUserId);
  it.each<[string, string, (channel: SlackChannel) => void]>([
    ['archived', 'a fox archived', archive],
    ['left by the bot', 'a fox left', leave],
  ])('that is %s while it draws: the picture comes to the person', TIMEOUT, async (_what, prompt, spoil) => {
    const { server, ada, worker } = slack;
    const channel = server.addChannel('busy', [ada.id]);
    worker.hold();
    await ada.command('/imagine', prompt, { channel: channel.id })?.done;
    await seen(
      'the placeholder',
      () => ada.look({ channel: channel.id }),
      ({ text }) => text.includes(prompt),
    );
    spoil(channel);
    worker.release();
    await seen('the picture', ada.direct, (message) => isResult(message) && message.text.includes(prompt));
    await eventually('its charge', async () => (await chargeOf(prompt)) === 'settled', 60_000);
    expect(server.posted(channel.id)).toHaveLength(1);
    expect(ada.direct().filter(({ text }) => text.includes(prompt))).toHaveLength(1);
  });

  it(
    'whose message somebody deleted while it draws: what it cost goes back, and nothing is posted again',
    TIMEOUT,
    async () => {
      const { server, ada, worker, general } = slack;
      worker.hold();
      await ada.command('/imagine', 'a fox deleted', { channel: general.id })?.done;
      const { ts } = await seen(
        'the placeholder',
        () => ada.look({ channel: general.id }),
        ({ text }) => text.includes('a fox deleted'),
      );
      server.world.messages.splice(
        server.world.messages.findIndex((each) => each.ts === ts),
        1,
      );
      worker.release();
      await eventually(
        'its end',
        async () => ['settled', 'refunded'].includes(String(await chargeOf('a fox deleted'))),
        60_000,
      );
      expect(server.posted(general.id).filter(({ text }) => text.includes('a fox deleted')).length).toBeLessThanOrEqual(
        1,
      );
    },
  );
});

describe('a person', () => {
  it(
    'of another workspace in a shared channel is drawn for, and is no admin here, whatever they are there',
    TIMEOUT,
    async () => {
      const { server, general } = slack;
      const eve = server.addPerson('eve', { teamId: 'T0ELSEWHERE', role: 'owner' });
      general.members.add(eve.id);
      general.isShared = true;
      eve.say('@app imagine a fox of a stranger', { channel: general.id });
      const result = await seen(
        'the picture',
        () => eve.look({ channel: general.id }),
        (message) => isResult(message) && message.text.includes('a fox of a stranger'),
      );
      expect(result.text).toContain('eve');
      eve.say('@app limits list', { channel: general.id });
      const refusal = await seen('a refusal', eve.ephemeral, () => true);
      expect(refusal.text).toMatch(/admin/iu);
      general.isShared = false;
    },
  );

  it('who takes no direct messages is told so where they asked', TIMEOUT, async () => {
    const { server, ada, general } = slack;
    server.faults.plan({
      on: 'POST /api/conversations.open',
      times: 10,
      fault: { kind: 'refuse', code: 'user_disabled' },
    });
    const carl = server.addPerson('carl');
    general.members.add(carl.id);
    await carl.command('/imagine', 'a fox in private --private', { channel: general.id })?.done;
    await seen('why', carl.ephemeral, ({ text }) => /direct message/iu.test(text));
    server.faults.clear();
    expect(ada.look({ channel: general.id }).some(({ text }) => text.includes('in private'))).toBe(false);
  });
});
