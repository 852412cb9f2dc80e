/** Easel on Slack's protocol server. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { createSlackAdapter } from '../../adapters/slack/slack-adapter.ts';
import { findPackageRoot } from '../../src/models/package-root.ts';
import { eventually } from '../../test/fakes/protocol/eventually.ts';
import type { Person } from '../../test/fakes/slack/person.ts';
import { type SlackServer, startSlackServer } from '../../test/fakes/slack/slack-server.ts';
import type { BenchModel } from '../bench.ts';
import { type EaselChild, serveAsChild, withEaselChild } from '../easel-child.ts';

const PEOPLE = 20;
/** Slack's own limits are not what is measured. */
const TIER_FACTOR = 1_000;
const READY_WITHIN_MS = 120_000;

export type SlackEasel = Pick<EaselChild, 'readyAtMs' | 'delivered'> & {
  readonly server: SlackServer;
  readonly channel: string;
  readonly people: readonly Person[];
};

/** Ready to draw, on a fresh folder; it ends when `work` does. */
export async function withSlackEasel<T>(model: BenchModel, work: (easel: SlackEasel) => Promise<T>): Promise<T> {
  const manifest = parse(readFileSync(join(findPackageRoot(import.meta.url), 'adapters/slack/manifest.yaml'), 'utf8'));
  const server = await startSlackServer({ manifest, tierFactor: TIER_FACTOR });
  const people = Array.from({ length: PEOPLE }, (_, at) => server.addPerson(`person${at}`));
  const ids = people.map(({ id }) => id);
  const channel = server.addChannel('drawing', ids).id;
  const { botToken, appToken } = server.app;
  const environment = { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken, SLACK_API_URL: server.apiUrl };
  try {
    return await withEaselChild(fileURLToPath(import.meta.url), model, environment, async (child) => {
      await eventually('Easel', () => child.isReady() && server.sockets.openCount > 0, READY_WITHIN_MS);
      return work({ ...child, server, channel, people });
    });
  } finally {
    await server.close();
  }
}

await serveAsChild(createSlackAdapter);
