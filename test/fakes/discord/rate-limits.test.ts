// Rate limits: by route and channel, of all requests together, and of those that were mistakes.

import { afterEach, expect, it } from 'vitest';
import { createProtocolClock } from '../protocol/clock.ts';
import { openRaw } from './ask.ts';
import type { DiscordServer, DiscordServerOptions } from './server.ts';

let server: DiscordServer;

async function open(options: DiscordServerOptions = {}) {
  const opened = await openRaw({ clock: createProtocolClock({ speed: 0 }), ...options });
  server = opened.server;
  return { ...opened, post: (id = opened.channel) => opened.ask(`POST /channels/${id}/messages`, { content: 'x' }) };
}

afterEach(async () => {
  await server.close();
  expect(server.faultsOfItsOwn).toEqual([]);
});

it('a channel takes five messages in five seconds, and says how many are left', async () => {
  const { guild, post } = await open();
  const left = [];
  for (let at = 0; at < 5; at += 1) left.push((await post()).headers.get('x-ratelimit-remaining'));
  expect(left).toEqual(['4', '3', '2', '1', '0']);
  await server.clock.pass(2_000);
  const refused = await post();
  expect(refused).toMatchObject({ status: 429, body: { retry_after: 3, global: false } });
  expect(refused.headers.get('retry-after')).toBe('3');
  expect(refused.headers.get('x-ratelimit-scope')).toBe('user');
  // Another channel counts for itself.
  expect((await post(guild.addChannel('other'))).status).toBe(200);
  await server.clock.pass(3_000);
  expect((await post()).status).toBe(200);
});

it('all requests of a second together are limited, but not answers to interactions', async () => {
  const { ask, post, ada, channel } = await open({ rateLimits: { globalPerSecond: 3, routes: {} } });
  await ask(`PUT /applications/${server.world.application.id}/commands`, [{ name: 'ping', description: 'x' }]);
  for (let at = 0; at < 2; at += 1) await post();
  const refused = await post();
  expect(refused).toMatchObject({ status: 429, body: { global: true } });
  expect(refused.headers.get('x-ratelimit-global')).toBe('true');
  const shown = ada.slash(channel, 'ping');
  const [interaction] = ada.interactions;
  const answered = await ask(`POST /interactions/${interaction?.id}/${interaction?.token}/callback`, { type: 5 });
  expect(answered.status).toBe(204);
  await shown;
});

it('too many invalid requests ban the address, which is a violation', async () => {
  const { ask, guild, post } = await open({ rateLimits: { invalidMax: 3, routes: {} } });
  guild.kickBot();
  for (let at = 0; at < 3; at += 1) expect((await post()).status).toBe(403);
  expect(server.rateLimits.invalidRequests).toBe(3);
  expect(await ask('GET /users/@me')).toMatchObject({ status: 429, body: {} });
  expect(server.record.takeViolations()).toHaveLength(1);
  await server.clock.pass(600_001);
  expect((await ask('GET /users/@me')).status).toBe(200);
});

it('a shared limit is nobody’s mistake', async () => {
  const { post } = await open();
  server.faults.plan({
    on: 'POST /channels/:id/messages',
    fault: { kind: 'rateLimit', scope: 'shared', retryAfterMs: 1_000 },
  });
  const refused = await post();
  expect(refused.headers.get('x-ratelimit-scope')).toBe('shared');
  expect(server.rateLimits.invalidRequests).toBe(0);
});

it('a nonce that is enforced gives the first message again, for some minutes', async () => {
  const { ask, channel } = await open({ rateLimits: { routes: {} } });
  const post = (nonce: string, isEnforced = true) =>
    ask(`POST /channels/${channel}/messages`, { content: 'x', nonce, enforce_nonce: isEnforced });
  const first = (await post('1')).body['id'];
  expect((await post('1')).body['id']).toBe(first);
  expect((await post('2')).body['id']).not.toBe(first);
  expect((await post('1', false)).body['id']).not.toBe(first);
  await server.clock.pass(300_001);
  expect((await post('1')).body['id']).not.toBe(first);
});

it('a link to a picture dies after a day, and the message has a fresh one', async () => {
  const { ask, channel } = await open();
  const { body } = await ask(`POST /channels/${channel}/messages`, {}, { files: { 'fox.png': 64 } });
  const urlIn = (message: Record<string, unknown>) => (message['attachments'] as { url: string }[])[0]?.url ?? '';
  const url = urlIn(body);
  expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(64);
  expect((await fetch(`${url}0`)).status).toBe(404);
  await server.clock.pass(86_400_000);
  expect((await fetch(url)).status).toBe(404);
  const fresh = await ask(`GET /channels/${channel}/messages/${body['id']}`);
  expect((await fetch(urlIn(fresh.body))).status).toBe(200);
});
