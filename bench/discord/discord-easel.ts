/** Easel on Discord's protocol server. */
import { fileURLToPath } from 'node:url';
import { createDiscordAdapter } from '../../adapters/discord/discord-adapter.ts';
import type { Person } from '../../test/fakes/discord/person.ts';
import { type DiscordServer, startDiscordServer } from '../../test/fakes/discord/server.ts';
import { eventually } from '../../test/fakes/protocol/eventually.ts';
import type { BenchModel } from '../bench.ts';
import { type EaselChild, serveAsChild, withEaselChild } from '../easel-child.ts';

const PEOPLE = 20;
const READY_WITHIN_MS = 120_000;

export type DiscordEasel = Pick<EaselChild, 'readyAtMs' | 'delivered'> & {
  readonly server: DiscordServer;
  readonly channel: string;
  readonly people: readonly Person[];
};

/** Ready to draw, on a fresh folder; it ends when `work` does. */
export async function withDiscordEasel<T>(model: BenchModel, work: (easel: DiscordEasel) => Promise<T>): Promise<T> {
  // What Discord allows is not what is measured.
  const server = await startDiscordServer({ rateLimits: { routes: {}, globalPerSecond: 10_000 } });
  const people = Array.from({ length: PEOPLE }, (_, at) => server.person(`person${at}`));
  const channel = server.guild('Painters', people).addChannel('drawing');
  const environment = { DISCORD_TOKEN: server.token, DISCORD_API_URL: server.api };
  try {
    return await withEaselChild(fileURLToPath(import.meta.url), model, environment, async (child) => {
      await eventually('Easel', () => child.isReady() && server.world.commands.size > 0, READY_WITHIN_MS);
      return work({ ...child, server, channel, people });
    });
  } finally {
    await server.close();
  }
}

await serveAsChild(createDiscordAdapter);
