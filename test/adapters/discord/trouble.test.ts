// Everything that goes wrong on Discord's side while something is drawn: nothing is lost, nothing doubled, nobody left waiting.

import { GatewayDispatchEvents, MessageFlags } from 'discord-api-types/v10';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { wordsFor } from '../../../src/conversation/words.ts';
import type { Shown } from '../../contracts/stories.ts';
import type { Person } from '../../fakes/discord/person.ts';
import type { SeenMessage } from '../../fakes/discord/seen.ts';
import { eventually } from '../../fakes/protocol/eventually.ts';
import { type DiscordStage, openStage } from './stage.ts';

const PATIENCE_MS = 60_000;
/** As Easel says it, before the first sign that Discord would take for markup. */
const CLOSED = wordsFor('en').say('error.ADAPTER_DIRECT_CLOSED').slice(0, 27);
const POST = 'POST /channels/:id/messages';
const EDIT = 'PATCH /channels/:id/messages/:id';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let stage: DiscordStage;
let ada: Person;
let bob: Person;

beforeAll(async () => {
  stage = await openStage({ server: { patience: 10, rateLimits: { routes: {} } } });
  ada = stage.adaPerson;
  bob = stage.bobPerson;
});
afterEach(async () => {
  await stage.release();
  expect(stage.server.faults.unused()).toEqual([]);
  stage.server.faults.clear();
});
afterAll(() => stage.close());

const of = async (prompt: string, channel = stage.channel, person = bob): Promise<readonly Shown[]> =>
  (await stage.player(person, channel).look()).filter((each) => each.prompt === prompt);

function drawn(prompt: string, channel = stage.channel, person = bob): Promise<Shown> {
  return eventually(
    `“${prompt}”`,
    async () => (await of(prompt, channel, person)).find(({ state }) => state === 'result'),
    PATIENCE_MS,
  );
}

/** Half painted, and held there. */
async function painting(prompt: string, channel = stage.channel): Promise<Shown> {
  await stage.hold();
  await ada.slash(channel, 'imagine', { prompt: `${prompt} --n 1` });
  return eventually(
    `“${prompt}” half painted`,
    async () => (await of(prompt, channel, ada)).find(({ state, hasPreview }) => state === 'painting' && hasPreview),
    PATIENCE_MS,
  );
}

const inbox = (person: Person, prompt: string): readonly SeenMessage[] =>
  person.inbox().filter(({ content, attachments }) => content.includes(prompt) && attachments.length > 0);

/** Easel goes on as if nothing had been. */
async function worksStill(prompt: string): Promise<void> {
  await stage.bob.imagine(`${prompt} --n 1`);
  await drawn(prompt);
  expect(await of(prompt)).toHaveLength(1);
}

it('a message deleted while it is drawn (10008) comes anew, once', async () => {
  const before = await painting('a red fox');
  stage.guild.deleteMessage(before.id);
  await stage.release();
  const after = await drawn('a red fox');
  expect(after.id).not.toBe(before.id);
  expect(await of('a red fox')).toHaveLength(1);
});

it('a channel deleted while something is drawn in it (10003): it comes by direct message', async () => {
  const channel = stage.guild.addChannel('short-lived');
  await painting('a blue fox', channel);
  stage.guild.deleteChannel(channel);
  await stage.release();
  await eventually('a direct message', () => inbox(ada, 'a blue fox').length > 0, PATIENCE_MS);
  expect(inbox(ada, 'a blue fox')).toHaveLength(1);
  await worksStill('a blue apple');
});

it.each([
  ['ViewChannel', 50_001],
  ['AttachFiles', 50_013],
] as const)('%s taken away while something is drawn (%i): it comes by direct message', async (permission, code) => {
  const channel = stage.guild.addChannel('strict');
  const prompt = `a fox without ${permission}`;
  await painting(prompt, channel);
  stage.guild.overwrite(channel, 'bot', { deny: [permission] });
  await stage.release();
  await eventually('a direct message', () => inbox(ada, prompt).length > 0, PATIENCE_MS);
  expect(inbox(ada, prompt)).toHaveLength(1);
  const codes = stage.server.record.exchanges.map(
    ({ answer }) => (answer?.body as { code?: number } | undefined)?.code,
  );
  expect(codes).toContain(code);
});

it('an archived thread (50083) does not lose what was drawn in it', async () => {
  const thread = stage.guild.addThread(stage.channel, 'old', ada);
  await painting('a grey fox', thread);
  stage.guild.archive(thread);
  await stage.release();
  await eventually('a direct message', () => inbox(ada, 'a grey fox').length > 0, PATIENCE_MS);
});

it('a person who leaves while something is drawn: the picture stays in the channel', async () => {
  await painting('a brown fox');
  stage.guild.leave(ada);
  await stage.release();
  await drawn('a brown fox');
  stage.guild.join(ada);
  expect(await of('a brown fox')).toHaveLength(1);
});

it('a bot thrown out while it draws gives up when nobody can be told (50278), and works when it is back', async () => {
  await painting('a pink fox');
  stage.guild.kickBot();
  await stage.release();
  await eventually('the last try', () =>
    stage.server.record.exchanges.some(
      ({ answer }) => (answer?.body as { code?: number } | undefined)?.code === 50_278,
    ),
  );
  expect(inbox(ada, 'a pink fox')).toEqual([]);
  stage.guild.inviteBot();
  await worksStill('a pink apple');
});

it('direct messages closed just before something private is posted (50007): said where it was asked', async () => {
  const eve = stage.server.person('eve');
  stage.guild.join(eve);
  stage.server.faults.plan({
    on: ({ method, path, bytes }) =>
      method === 'POST' &&
      /\/channels\/\d+\/messages$/u.test(path) &&
      bytes.toString('latin1').includes('a secret fox'),
    fault: { kind: 'hold', until: async () => eve.setDmsClosed(true) },
  });
  await eve.slash(stage.channel, 'imagine', { prompt: 'a secret fox --n 1 --private' });
  await eventually(
    'a word to eve',
    () => eve.see(stage.channel).some(({ isEphemeral, text }) => isEphemeral && text.includes(CLOSED)),
    PATIENCE_MS,
  );
  expect(eve.inbox()).toEqual([]);
  expect(await of('a secret fox')).toEqual([]);
});

it('a picture over the limit of the server (40005) comes smaller, or says why it does not', async () => {
  const channel = stage.guild.addChannel('small');
  stage.guild.setUploadLimit(600);
  await ada.slash(channel, 'imagine', { prompt: 'a huge fox' });
  await eventually(
    'an end',
    () => ada.see(channel).some(({ content, isEphemeral }) => !isEphemeral && /too large|larger/iu.test(content)),
    PATIENCE_MS,
  );
  stage.guild.setUploadLimit(10 * 1024 * 1024);
});

it('429s of a route, of all requests and of a shared resource are waited out', async () => {
  const { faults } = stage.server;
  faults.plan({ on: POST, fault: { kind: 'rateLimit', scope: 'route', retryAfterMs: 300 } });
  faults.plan({ on: EDIT, fault: { kind: 'rateLimit', scope: 'shared', retryAfterMs: 300 } });
  faults.plan({ on: EDIT, skip: 1, fault: { kind: 'rateLimit', scope: 'global', retryAfterMs: 300 } });
  await ada.slash(stage.channel, 'imagine', { prompt: 'a patient fox --n 1' });
  await drawn('a patient fox');
  await eventually(
    'all of them',
    () => faults.unused().length === 0 || worksStill('another apple').then(() => false),
    PATIENCE_MS,
  );
  expect(await of('a patient fox')).toHaveLength(1);
});

it('a placeholder and a result whose answers are lost, or that a proxy refuses, come once', async () => {
  const { faults } = stage.server;
  faults.plan({ on: POST, fault: { kind: 'loseAnswer' } });
  faults.plan({ on: POST, fault: { kind: 'answer', answer: { status: 502, body: 'Bad gateway' } } });
  faults.plan({ on: EDIT, fault: { kind: 'loseAnswer' } });
  await ada.slash(stage.channel, 'imagine', { prompt: 'a lost fox --n 1' });
  await drawn('a lost fox');
  await worksStill('a found apple');
  expect(await of('a lost fox')).toHaveLength(1);
});

it('an interaction that Discord has given up on (10062) draws nothing', async () => {
  stage.server.faults.plan({ on: 'POST /interactions/:id/:token/callback', fault: { kind: 'refuse', code: 10_062 } });
  void ada.slash(stage.channel, 'imagine', { prompt: 'a late fox --n 1' });
  await eventually('a refusal', () => stage.server.faults.unused().length === 0);
  await worksStill('a timely apple');
  expect(await of('a late fox')).toEqual([]);
});

it('an interaction told twice (40060) draws once', async () => {
  await ada.slash(stage.channel, 'imagine', { prompt: 'a double fox --n 1' });
  stage.server.gateway.repeat(GatewayDispatchEvents.InteractionCreate);
  await drawn('a double fox');
  await worksStill('a single apple');
  expect(await of('a double fox')).toHaveLength(1);
  const told = stage.server.record.takeViolations();
  expect(told.every((text) => text.includes('already been acknowledged'))).toBe(true);
});

it('ten minutes without Discord: what was accepted comes, once, and new wishes are heard', async () => {
  const { server } = stage;
  await painting('a lonely fox');
  const { starts } = server.gateway;
  server.cut();
  await stage.release();
  await eventually('the loss', () => [...server.gateway.sessions.values()].every(({ socket }) => socket === null));
  await server.clock.pass(600_000);
  server.restore();
  await drawn('a lonely fox');
  expect(await of('a lonely fox')).toHaveLength(1);
  await eventually('a new session', () => server.gateway.starts > starts, PATIENCE_MS);
  await eventually(
    'a connection',
    () => [...server.gateway.sessions.values()].some(({ socket }) => socket !== null),
    PATIENCE_MS,
  );
  await worksStill('a sociable apple');
  expect(server.gateway.starts - starts).toBeLessThanOrEqual(2);
});

it('an outage of the server alone is no farewell: what is drawn there comes when it is back', async () => {
  await painting('a hidden fox');
  stage.guild.setOutage(true);
  await stage.release();
  await drawn('a hidden fox');
  stage.guild.setOutage(false);
  await worksStill('a visible apple');
});

it('no answer to one person alone is left thinking', async () => {
  await eventually('answers', () => {
    const all = [...stage.server.world.messages.values()];
    const waiting = all.filter(({ flags, onlyFor }) => onlyFor !== null && (flags & MessageFlags.Loading) !== 0);
    return waiting.every(
      ({ interactionId }) => stage.server.discord.interactions.get(interactionId ?? '')?.state !== 'answered',
    );
  });
});
