/** Slack on loopback, as far as a bot like ours uses it: Web API, files, Socket Mode or signed HTTP, people who type and look. */
import { createProtocolClock, type ProtocolClock } from '../protocol/clock.ts';
import type { Faults } from '../protocol/faults.ts';
import type { Recorder } from '../protocol/recorder.ts';
import type { ProtocolAnswer, ProtocolRequest } from '../protocol/request.ts';
import { startProtocolServer } from '../protocol/server.ts';
import { createApp, type SlackApp, type SlackManifest } from './app.ts';
import { ACK_WITHIN_MS, type Courier, createCourier, type Transport } from './delivery.ts';
import { createEmit } from './events.ts';
import { createPerson, type Person } from './person.ts';
import { answerResponseUrl } from './response-url.ts';
import { createSignedHttp } from './signed-http.ts';
import { createSocketMode, type SocketMode } from './socket-mode.ts';
import { createTiers } from './tiers.ts';
import { type ApiCall, createWebApi, rateLimited } from './web-api.ts';
import {
  createWorld,
  type SlackChannel,
  type SlackGroup,
  type SlackMessage,
  type SlackUser,
  type World,
} from './world.ts';

export type SlackServerOptions = {
  /** As parsed from `manifest.yaml`: scopes, commands, events and shortcuts are those that it names. */
  manifest: SlackManifest;
  clock?: ProtocolClock;
  /** How many times Slack's numbers of calls a minute are allowed; 1 is what Slack says. */
  tierFactor?: number;
  /** How many times Slack's three seconds last: more than once where a busy machine must not be late by accident. */
  patience?: number;
  /** How often a file is looked at before it has its type: counted, since a busy machine makes a time of any length pass. */
  fileLooks?: number;
  /** Where the app takes signed requests; none: Socket Mode. */
  requestUrl?: string;
};

export type SlackServer = {
  /** For `SLACK_API_URL`: `http://127.0.0.1:1234/api/`. */
  readonly apiUrl: string;
  readonly origin: string;
  readonly clock: ProtocolClock;
  readonly app: SlackApp;
  readonly world: World;
  readonly sockets: SocketMode;
  readonly courier: Courier;
  /** Every call of the Web API. */
  readonly calls: readonly ApiCall[];
  /** `POST /api/chat.update` is how a call is named. */
  readonly faults: Faults;
  readonly record: Recorder;
  addPerson(name: string, given?: Partial<Pick<SlackUser, 'role' | 'teamId' | 'locale' | 'isDeleted'>>): Person;
  /** @param members ids of people; the app is one unless `withApp` is false */
  addChannel(
    name: string,
    members: readonly string[],
    given?: { kind?: 'public' | 'private'; withApp?: boolean; isShared?: boolean },
  ): SlackChannel;
  addGroup(handle: string, users: readonly string[]): SlackGroup;
  /** Everything that everybody sees in a channel, threads too. */
  posted(channel: string): readonly SlackMessage[];
  /** Requests go there from now on; null: Socket Mode. */
  sendTo(requestUrl: string | null): void;
  /** Somebody takes the app out of the workspace, or its token back: it is told, and nothing works any more. */
  uninstall(): void;
  revoke(): void;
  cut(): void;
  restore(): void;
  close(): Promise<void>;
};

export async function startSlackServer(options: SlackServerOptions): Promise<SlackServer> {
  const { manifest, clock = createProtocolClock(), tierFactor = 1, fileLooks = 0, requestUrl } = options;
  const { patience = 1 } = options;
  const ackWithinMs = ACK_WITHIN_MS * patience;
  const app = createApp(manifest);
  const world = createWorld(clock, app, { origin: () => origin, fileLooks, patience });
  const violation = (text: string): void => server.record.violation(text);
  const sockets = createSocketMode(clock, world.ids, app.id, ackWithinMs, violation);
  const http = (url: string): Transport => createSignedHttp(clock, { url, secret: app.signingSecret, ackWithinMs });
  let transport: Transport = requestUrl === undefined ? sockets : http(requestUrl);
  const courier = createCourier(clock, world.ids, () => transport);
  const emit = createEmit(world, courier);
  const newSocketUrl = (): string => sockets.newSocketUrl(server.host);
  const api = createWebApi({ world, emit, newSocketUrl }, createTiers(clock, tierFactor), violation);

  const server = await startProtocolServer({
    clock,
    connect: (path, query) => sockets.connect(path, query),
    answerOf: (fault) =>
      fault.kind === 'rateLimit'
        ? rateLimited(Math.ceil(fault.retryAfterMs / 1_000))
        : { status: 200, body: { ok: false, error: String(fault.code) } },
    handle(request) {
      if (request.path.startsWith('/api/')) return api.handle(request);
      if (request.path.startsWith('/commands/')) return answerResponseUrl(world, request, violation);
      if (request.path.startsWith('/upload/')) return takeUpload(world, request, violation);
      if (request.path.startsWith('/files-pri/')) return giveFile(world, request);
      violation(`nothing is at ${request.path}`);
      return { status: 404, body: 'Not found' };
    },
  });
  const origin = `http://${server.host}`;

  return {
    apiUrl: `${origin}/api/`,
    origin,
    clock,
    app,
    world,
    sockets,
    courier,
    calls: api.calls,
    faults: server.faults,
    record: server.record,
    addPerson(name, given = {}) {
      const id = world.ids.next('U');
      const defaults = { role: 'member', teamId: world.team.id, locale: 'en-US', isDeleted: false } as const;
      const user: SlackUser = { ...defaults, ...given, id, name, isBot: false };
      world.users.set(id, user);
      return createPerson({ world, courier, emit, violation }, user);
    },
    addChannel(name, members, { kind = 'public', withApp = true, isShared = false } = {}) {
      const everyone = new Set([...members, ...(withApp ? [app.botUserId] : [])]);
      const channel: SlackChannel = {
        id: world.ids.next('C'),
        name,
        kind,
        members: everyone,
        isArchived: false,
        isShared,
      };
      world.channels.set(channel.id, channel);
      return channel;
    },
    addGroup(handle, users) {
      const group: SlackGroup = { id: world.ids.next('S'), handle, name: handle, users: new Set(users) };
      world.groups.set(group.id, group);
      return group;
    },
    posted: (channel) => world.messages.filter((each) => each.channel === channel && each.ephemeralTo === null),
    sendTo: (url) => {
      transport = url === null ? sockets : http(url);
    },
    uninstall() {
      emit({ type: 'app_uninstalled' });
      app.state = 'inactive';
    },
    revoke() {
      emit({ type: 'tokens_revoked', tokens: { oauth: [], bot: [app.botUserId] } });
      app.state = 'revoked';
    },
    cut: server.cut,
    restore: server.restore,
    close: server.close,
  };
}

/** The bytes of a file, raw or as a form, exactly as many as were announced. */
function takeUpload(
  world: World,
  { path, bytes, files }: ProtocolRequest,
  violation: (text: string) => void,
): ProtocolAnswer {
  const file = [...world.files.values()].find(({ uploadPath }) => uploadPath === path);
  const given = files[0]?.bytes ?? bytes;
  if (file === undefined) return { status: 404, body: 'Not found' };
  if (given.length !== file.lengthBytes) {
    violation(`an upload of ${given.length} bytes, announced as ${file.lengthBytes}`);
    return { status: 400, body: 'Length mismatch' };
  }
  file.bytes = given;
  return { status: 200, body: `OK - ${given.length}` };
}

function giveFile({ app, files }: World, { path, headers }: ProtocolRequest): ProtocolAnswer {
  const file = [...files.values()].find(({ downloadPath }) => downloadPath === path);
  const isAllowed = headers.authorization === `Bearer ${app.botToken}` && app.scopes.has('files:read');
  if (file === undefined || file.bytes === null || !isAllowed) return { status: 404, body: 'Not found' };
  return { status: 200, body: file.bytes };
}
