/** Easel on Slack in this process: the real adapter and Bolt, a real database, a fake worker, Slack on loopback. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSlackAdapter, type SlackAdapter } from '../../../adapters/slack/slack-adapter.ts';
import { readConfig } from '../../../src/config.ts';
import { loadCatalog } from '../../../src/models/catalog.ts';
import { createLog } from '../../../src/ops/log.ts';
import { createEasel, type Easel, type EaselOptions } from '../../../src/studio/create-easel.ts';
import { createFakeSupervisor, type FakeSupervisor } from '../../fakes/fake-supervisor.ts';
import { eventually } from '../../fakes/protocol/eventually.ts';
import type { Person } from '../../fakes/slack/person.ts';
import type { SeenMessage } from '../../fakes/slack/seen.ts';
import { type SlackServer, type SlackServerOptions, startSlackServer } from '../../fakes/slack/slack-server.ts';
import type { SlackChannel } from '../../fakes/slack/world.ts';
import { MODELS_DIR } from '../../src/studio/harness.ts';
import { MANIFEST } from './stage.ts';

const PATIENCE_MS = 60_000;

export type SlackPlan = {
  server?: Partial<SlackServerOptions>;
  /** Over signed HTTP instead of Socket Mode: requests are handed to the adapter's mount. */
  overHttp?: boolean;
  databaseUrl?: string;
  options?: EaselOptions;
  /** Another Easel on the same Slack and database. */
  beside?: SlackTest;
};

export type SlackTest = {
  readonly server: SlackServer;
  readonly ada: Person;
  readonly bob: Person;
  readonly general: SlackChannel;
  readonly easel: Easel;
  readonly adapter: SlackAdapter;
  readonly worker: FakeSupervisor;
  readonly logged: readonly string[];
  /** Closes and opens again on the same data; Slack keeps its messages. */
  restart(): Promise<void>;
  close(): Promise<void>;
};

export async function openSlack(plan: SlackPlan = {}): Promise<SlackTest> {
  const { beside } = plan;
  const server =
    beside?.server ?? (await startSlackServer({ manifest: MANIFEST, patience: 10, tierFactor: 100, ...plan.server }));
  const ada = beside?.ada ?? server.addPerson('ada');
  const bob = beside?.bob ?? server.addPerson('bob');
  const general = beside?.general ?? server.addChannel('general', [ada.id, bob.id]);
  const dataDir = await mkdtemp(join(tmpdir(), 'easel-slack-'));
  const catalog = await loadCatalog(MODELS_DIR);
  const model = await catalog.resolve(catalog.defaultName);
  const config = readConfig({
    EASEL_DATA_DIR: dataDir,
    DATABASE_URL: plan.databaseUrl,
    SLACK_BOT_TOKEN: server.app.botToken,
    ...(plan.overHttp === true
      ? { SLACK_SIGNING_SECRET: server.app.signingSecret }
      : { SLACK_APP_TOKEN: server.app.appToken }),
    SLACK_API_URL: server.apiUrl,
  });
  const logged: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => void logged.push(line) } });

  async function open() {
    const worker = createFakeSupervisor({ name: model.name, hash: model.hash });
    const before = server.sockets.greetedCount;
    const easel = await createEasel(config, { modelsDir: MODELS_DIR, supervisor: worker, log, ...plan.options });
    const adapter = await createSlackAdapter(config, easel, { modelsDir: MODELS_DIR });
    await easel.connect(adapter).catch(async (thrown: unknown) => {
      await easel.close();
      throw thrown;
    });
    await easel.ready;
    if (plan.overHttp !== true) await eventually('its socket', () => server.sockets.greetedCount > before, PATIENCE_MS);
    return { worker, easel, adapter };
  }
  let now = await open();
  return {
    server,
    ada,
    bob,
    general,
    logged,
    get easel() {
      return now.easel;
    },
    get adapter() {
      return now.adapter;
    },
    get worker() {
      return now.worker;
    },
    async restart() {
      await now.easel.close();
      now = await open();
    },
    async close() {
      await now.easel.close();
      if (beside === undefined) await server.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The first message that is as asked, where a person looks. */
export function seen(
  what: string,
  look: () => readonly SeenMessage[],
  isIt: (message: SeenMessage) => boolean,
): Promise<SeenMessage> {
  return eventually(what, () => look().find(isIt), PATIENCE_MS);
}

/** One with a finished picture and what can be done with it. */
export const isResult = (message: SeenMessage): boolean =>
  message.pictures.length > 0 && message.controls.some(({ text }) => text.includes('Re-roll'));
