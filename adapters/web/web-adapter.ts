// The web chat as an adapter: the page `npm start` opens, on the same studio as every other platform.

import { join } from 'node:path';
import {
  ADMIN_PATH,
  AppError,
  type ChatAdapter,
  type Config,
  type Easel,
  loadCatalog,
  type PromptModels,
  readPromptModels,
} from '../../src/index.ts';
import { type AdminEasel, addAdmin } from './admin/add-admin.ts';
import { createBoard } from './board.ts';
import { addDeskRoutes } from './desk-routes.ts';
import { createWebDirectory } from './directory.ts';
import type { Mount } from './mounts.ts';
import { openPeople, type WebPerson } from './people.ts';
import { addPictureRoutes } from './picture-routes.ts';
import { openReactions } from './reactions.ts';
import { addRoutes } from './routes.ts';
import { PLATFORM } from './scope.ts';
import { checkExposure, createServer } from './server.ts';
import { addSessionRoutes } from './session-routes.ts';
import { createStreams } from './streams.ts';
import { createWebMessages } from './web-messages.ts';
import type { WireVocabulary } from './wire.ts';

export type WebAdapter = ChatAdapter & {
  /** Where the page is, such as `http://127.0.0.1:3000`. @throws before `start` */
  readonly address: string;
};

export type WebAdapterOptions = {
  readonly modelsDir?: string;
  /** Paths of this server that others answer, such as Slack's signed endpoint. */
  readonly mounts?: readonly Mount[];
};

/** Words of a vocabulary that completion offers: a page should not load a dictionary. */
const OBJECTS_MAX = 4_000;
const PEOPLE_TOLD_MAX = 300;

/**
 * Opens the web chat over an open Easel; `easel.connect` starts it.
 *
 * @throws {AppError} `CONFIG_INVALID` when other machines could reach it without a sign-in, `ADAPTER_UNAVAILABLE` when the page is not built
 */
export async function createWebAdapter(
  config: Pick<Config, 'web' | 'dataDir' | 'model'>,
  easel: AdminEasel & Pick<Easel, 'desk' | 'reactions'>,
  options: WebAdapterOptions = {},
): Promise<WebAdapter> {
  const { host, port, publicUrl, hostToken } = config.web;
  checkExposure(config.web);
  const { app, guard } = await createServer({ host, publicUrl, mounts: options.mounts ?? [] }, easel);
  const dir = join(config.dataDir, 'web');
  const people = await openPeople(dir);
  const reactions = await openReactions(join(dir, 'reactions.jsonl'));
  const streams = createStreams();
  const { studio } = easel;
  const board = createBoard({ studio, people, reactions, streams });
  const software = String(easel.status()['version'] ?? 'Easel');
  let isClosing = false;
  let address: string | null = null;

  const tellPeople = (): void => {
    const known = people.all().toSorted((one, other) => other.createdAtMs - one.createdAtMs);
    const told = known.slice(0, PEOPLE_TOLD_MAX).map(({ id, name }) => ({ id, name }));
    streams.glimpse('people', { people: told, online: streams.online });
  };
  streams.onPeople(tellPeople);

  const sessions = addSessionRoutes({
    ...{ app, guard, people, streams, hostToken },
    isSecure: publicUrl?.startsWith('https:') === true,
    version: software,
    languageOf: async (id) => (await studio.settings({ platform: PLATFORM, user: id })).language,
    onPeople: tellPeople,
  });
  const vocabulary = await readVocabulary(config.model, options.modelsDir);
  const directory = createWebDirectory(people);
  const { ask } = addRoutes({
    app,
    studio,
    tracker: easel.reactions,
    board,
    people,
    reactions,
    sessions,
    streams,
    vocabulary,
    isClosing: () => isClosing,
  });
  addDeskRoutes({ app, desk: easel.desk, directory, ask: (request) => ask(request, '') });
  addPictureRoutes({ app, studio, sessions, software });
  const closeAdmin = addAdmin({
    ...{ app, easel, people, hostToken, personOf: sessions.personOf },
    isSecure: publicUrl?.startsWith('https:') === true,
  });

  return {
    platform: PLATFORM,
    // Pages are told row by row by events; edits on the way would say it a second time.
    limits: {
      editsPerMinute: 60,
      editGapMs: 60_000,
      editableForMs: Number.MAX_SAFE_INTEGER,
      uploadBytesMax: 64 * 1024 * 1024,
      imageFormats: ['png'],
    },
    messages: createWebMessages(board, streams),
    administers: async (_tenant, user) => (await people.roleOf(user)) === 'admin',
    directory,
    get address() {
      if (address === null) throw new AppError('INTERNAL', 'The web chat has no address before it has started.');
      return address;
    },
    async start() {
      try {
        address = await app.listen({ host, port });
      } catch (cause) {
        throw new AppError('ADAPTER_UNAVAILABLE', whyNotListening(cause, host, port), { cause });
      }
    },
    async stopRequests() {
      isClosing = true;
    },
    async close() {
      streams.close();
      closeAdmin();
      board.close();
      await app.close();
    },
  };
}

async function readVocabulary(model: string | null, modelsDir: string | undefined): Promise<WireVocabulary> {
  const catalog = await loadCatalog(modelsDir);
  const { models }: PromptModels = await readPromptModels(catalog, model ?? catalog.defaultName);
  const [first] = models;
  return {
    // The others are not loaded, so they cannot be asked for.
    models: [{ name: first.name, styles: first.styles.map(({ name, words }) => ({ name, words })) }],
    objects: (first.vocabulary?.objects ?? [])
      .slice(0, OBJECTS_MAX)
      .map(({ name, emoji, category }) => ({ name, emoji: emoji ?? null, category })),
    colours: (first.vocabulary?.colours ?? []).map(({ name }) => name),
  };
}

function whyNotListening(cause: unknown, host: string, port: number): string {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : null;
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${host} is taken, perhaps by another Easel. Set EASEL_PORT to another one, or end that program.`;
    case 'EACCES':
      return `This account may not listen on port ${port}. Set EASEL_PORT to one above 1023.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `This machine has no address ${host}. Set EASEL_HOST to one that it has, such as 127.0.0.1.`;
    default:
      return `The web chat cannot listen on ${host}:${port}.`;
  }
}

/** Where invites lie, for `easel invite`: it needs no running Easel. */
export async function createInvite(
  config: Pick<Config, 'web' | 'dataDir'>,
  name: string,
  role: 'member' | 'admin',
): Promise<string> {
  const people = await openPeople(join(config.dataDir, 'web'));
  return `${addressOf(config)}/invite/${await people.invite(name, role)}`;
}

export type WebSession = Pick<WebPerson, 'id' | 'name' | 'role' | 'via' | 'createdAtMs'>;

/** Who may use the web chat, newest first, for `easel sessions`: it needs no running Easel. */
export async function listSessions(config: Pick<Config, 'dataDir'>): Promise<readonly WebSession[]> {
  const people = await openPeople(join(config.dataDir, 'web'));
  return people.all().toSorted((one, other) => other.createdAtMs - one.createdAtMs);
}

/**
 * Ends one for good; a running Easel notices within a second.
 *
 * @returns false when there is no such session
 */
export async function endSession(config: Pick<Config, 'dataDir'>, id: string): Promise<boolean> {
  const people = await openPeople(join(config.dataDir, 'web'));
  if (!people.all().some((person) => person.id === id)) return false;
  await people.revoke(id);
  return true;
}

/** Where the web admin takes the secret of a one-use link. */
export function adminLink(config: Pick<Config, 'web'>, secret: string): string {
  return `${addressOf(config)}${ADMIN_PATH}/link/${secret}`;
}

/** As somebody at this machine, or (with a public address) anybody, opens it. */
function addressOf({ web: { publicUrl, host, port } }: Pick<Config, 'web'>): string {
  const shownHost = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return publicUrl ?? `http://${shownHost}:${port}`;
}
