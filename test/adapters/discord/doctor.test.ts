// `easel doctor` on Discord: asked over HTTP, no connection spent.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDiscord } from '../../../adapters/discord/doctor.ts';
import { type DiscordServer, startDiscordServer } from '../../fakes/discord/server.ts';

describe('easel doctor on Discord', () => {
  let server: DiscordServer;
  beforeAll(async () => {
    server = await startDiscordServer();
  });
  afterAll(async () => {
    await server.close();
    expect(server.violations).toEqual([]);
  });
  const check = (token = server.token) => checkDiscord({ token, apiUrl: server.api });

  it('says how to invite a bot that is in no server', async () => {
    const [token, servers] = await check();
    expect(token).toMatchObject({ name: 'discord token', ok: true, message: 'Easel, in 0 servers' });
    expect(servers?.message).toContain('permissions=274878024768');
  });

  it('names the channels where permissions are missing, and which', async () => {
    const owner = server.person('owner');
    const guild = server.guild('Foxes', [owner]);
    guild.addChannel('pictures');
    const closed = guild.addChannel('closed');
    guild.overwrite(closed, 'everyone', { deny: ['SendMessages'] });
    guild.overwrite(closed, 'bot', { deny: ['AttachFiles', 'SendMessages'] });
    const checks = await check();
    expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['discord token', true],
      ['discord scopes in Foxes', true],
      ['discord permissions in Foxes', false],
    ]);
    expect(checks[2]?.message).toBe('missing in #closed (Send Messages, Attach Files)');
    guild.overwrite(closed, 'bot', { allow: ['AttachFiles', 'SendMessages'] });
    expect((await check())[2]).toMatchObject({ ok: true, message: 'all that are needed, in 2 channels' });
    expect(server.gateway.starts).toBe(0);
  });

  it('says what to do about a token that Discord does not know', async () => {
    const [token] = await check('nonsense');
    expect(token).toMatchObject({ ok: false });
    expect(token?.message).toContain('Discord does not know DISCORD_TOKEN');
    expect(token?.message).not.toContain('nonsense');
    server.record.takeViolations();
  });

  it('says that Discord cannot be reached', async () => {
    const [token] = await checkDiscord({ token: 'x', apiUrl: 'http://127.0.0.1:9' });
    expect(token?.message).toMatch(/^Discord cannot be asked/u);
  });
});
