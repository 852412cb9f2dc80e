/** Easel on Slack in this process, over a fake worker: for what needs no kill. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSlackAdapter, type SlackAdapter } from '../../../adapters/slack/slack-adapter.ts';
import { createWebAdapter } from '../../../adapters/web/web-adapter.ts';
import { readConfig } from '../../../src/config.ts';
import { loadCatalog } from '../../../src/models/catalog.ts';
import { createLog } from '../../../src/ops/log.ts';
import { createEasel, type Easel } from '../../../src/studio/create-easel.ts';
import { FIXTURES_DIR } from '../../fakes/easel-process.ts';
import { createFakeSupervisor, type FakeSupervisor } from '../../fakes/fake-supervisor.ts';
import { copyPgliteFolder } from '../../fakes/pglite-folder.ts';
import type { Person } from '../../fakes/slack/person.ts';
import type { SeenMessage } from '../../fakes/slack/seen.ts';
import { type SlackServer, type SlackServerOptions, startSlackServer } from '../../fakes/slack/slack-server.ts';
import type { SlackChannel } from '../../fakes/slack/world.ts';
import { MANIFEST } from './stage.ts';

export type Workspace = {
  readonly slack: SlackServer;
  readonly easel: Easel;
  readonly adapter: SlackAdapter;
  readonly worker: FakeSupervisor;
  readonly ada: Person;
  readonly bob: Person;
  /** An admin of the workspace. */
  readonly eve: Person;
  readonly general: SlackChannel;
  /** Of the web page, where signed requests come; null: Socket Mode. */
  readonly address: string | null;
  /** Lines of the log, as they were written. */
  readonly log: string[];
  /** Messages of the app in the channel, or a thread of it. */
  posted(threadTs?: string): readonly SeenMessage[];
  close(): Promise<void>;
};

export type WorkspacePlan = {
  readonly server?: Partial<SlackServerOptions>;
  /** How events come. Default: Socket Mode. */
  readonly transport?: 'socket' | 'requests';
  /** Before the adapter connects. */
  readonly prepare?: (slack: SlackServer) => void;
  readonly environment?: Readonly<Record<string, string>>;
};

export async function openWorkspace(plan: WorkspacePlan = {}): Promise<Workspace> {
  const { server = {}, transport = 'socket', prepare, environment = {} } = plan;
  const slack = await startSlackServer({ manifest: MANIFEST, tierFactor: 10, ...server });
  const ada = slack.addPerson('ada');
  const bob = slack.addPerson('bob');
  const eve = slack.addPerson('eve', { role: 'admin' });
  const general = slack.addChannel('general', [ada.id, bob.id, eve.id]);
  prepare?.(slack);

  const dataDir = await mkdtemp(join(tmpdir(), 'easel-slack-'));
  await copyPgliteFolder(join(dataDir, 'db'));
  const catalog = await loadCatalog(FIXTURES_DIR);
  const { name, hash } = await catalog.resolve(catalog.defaultName);
  const worker = createFakeSupervisor({ name, hash });
  const isSocket = transport === 'socket';
  const config = readConfig({
    EASEL_DATA_DIR: dataDir,
    EASEL_PORT: '0',
    SLACK_BOT_TOKEN: slack.app.botToken,
    ...(isSocket ? { SLACK_APP_TOKEN: slack.app.appToken } : { SLACK_SIGNING_SECRET: slack.app.signingSecret }),
    SLACK_API_URL: slack.apiUrl,
    ...environment,
  });
  const log: string[] = [];
  const easel = await createEasel(config, {
    modelsDir: FIXTURES_DIR,
    supervisor: worker,
    log: createLog({ level: 'info', destination: { write: (line) => void log.push(line) } }),
  });
  const close = async (): Promise<void> => {
    await easel.close();
    await slack.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const adapter = await createSlackAdapter(config, easel, { modelsDir: FIXTURES_DIR });
    let address: string | null = null;
    if (adapter.mount !== null) {
      const web = await createWebAdapter(config, easel, { modelsDir: FIXTURES_DIR, mounts: [adapter.mount] });
      await easel.connect(web);
      address = web.address;
      slack.sendTo(`${web.address}${adapter.mount.path}`);
    }
    await easel.connect(adapter);
    return {
      ...{ slack, easel, adapter, worker, ada, bob, eve, general, log, address },
      posted: (threadTs) =>
        eve
          .look(threadTs === undefined ? { channel: general.id } : { channel: general.id, threadTs })
          .filter(({ author, isEphemeral }) => author === slack.app.botUserId && !isEphemeral),
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}
