// Connecting: whose token it is, what Discord allows in a day, and coming back.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Connection, connect } from '../../../adapters/discord/connection.ts';
import { createLog } from '../../../src/ops/log.ts';
import { type DiscordServer, type DiscordServerOptions, startDiscordServer } from '../../fakes/discord/server.ts';
import { eventually } from '../../fakes/protocol/eventually.ts';

describe('a connection', () => {
  let dataDir: string;
  let server: DiscordServer;
  let connection: Connection | undefined;
  let lines: string[];
  let readies: number;
  const closing = new AbortController();

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'easel-discord-'));
    lines = [];
    readies = 0;
  });
  afterEach(async () => {
    await connection?.close();
    await server.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function open(options: DiscordServerOptions = {}, token?: string): Promise<Connection> {
    server = await startDiscordServer(options);
    server.guild('Foxes', [server.person('owner')]);
    return begin(token);
  }

  function begin(token = server.token): Connection {
    connection = connect({
      token,
      apiUrl: server.api,
      dataDir,
      userAgent: 'Easel test',
      signal: closing.signal,
      log: createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } }),
      listen: () => {},
      onReady: async () => {
        readies += 1;
      },
    });
    return connection;
  }

  it('asks for intents of which none is privileged, and knows its servers', async () => {
    const { settled } = await open();
    await settled;
    expect(connection?.client?.guilds.cache.map(({ name }) => name)).toEqual(['Foxes']);
    expect(readies).toBe(1);
    expect(server.violations).toEqual([]);
  });

  it('ends by itself for a token that is no bot’s, says so, and asks for nothing more', async () => {
    const { settled } = await open({}, 'MTIz.nobody.knows-this-token-at-all-0000');
    await settled;
    expect(connection?.isRefused).toBe(true);
    expect(lines.join('')).toContain('does not know DISCORD_TOKEN');
    expect(lines.join('')).not.toContain('nobody');
    const asked = server.record.exchanges.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(server.record.exchanges).toHaveLength(asked);
    expect(server.gateway.starts).toBe(0);
  });

  it('waits and spends nothing when few connections are left today', async () => {
    const { settled } = await open({ gateway: { startsMax: 0 } });
    await settled;
    expect(connection?.client).toBeNull();
    expect(lines.join('')).toContain('so that the token is not reset');
    expect(server.gateway.starts).toBe(0);
  });

  it('counts each connection on disk before it is made', async () => {
    await (await open()).settled;
    const stored = JSON.parse(await readFile(join(dataDir, 'discord', 'identifies.json'), 'utf8'));
    expect(stored.tokens).toBeGreaterThan(11);
    expect(stored.tokens).toBeLessThan(13);
    await connection?.close();
    await begin().settled;
    const after = JSON.parse(await readFile(join(dataDir, 'discord', 'identifies.json'), 'utf8'));
    expect(after.tokens).toBeLessThan(12);
    expect(server.gateway.starts).toBe(2);
  });

  it('goes on trying while Discord is away, and is there when it is back', async () => {
    server = await startDiscordServer();
    server.cut();
    await begin().settled;
    expect(connection?.client).toBeNull();
    server.restore();
    await eventually('connected', () => connection?.client !== null && readies === 1);
    expect(server.gateway.starts).toBe(1);
  });

  it('closes while it is trying', async () => {
    server = await startDiscordServer();
    server.cut();
    await begin().settled;
    await connection?.close();
    server.restore();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(server.gateway.starts).toBe(0);
  });
});
