/** A workspace: its people, channels, messages, files and forms, as the server keeps them. */
import type { ProtocolClock } from '../protocol/clock.ts';
import type { SlackApp } from './app.ts';
import { createIds, type Ids } from './ids.ts';
import { createTriggers, TRIGGER_LIFE_MS, type Triggers } from './triggers.ts';

export type BlockJson = { type: string; block_id?: string } & Record<string, unknown>;
export type ViewJson = {
  type: 'modal' | 'home';
  blocks: BlockJson[];
  callback_id?: string;
  external_id?: string;
} & Record<string, unknown>;
export type Metadata = { event_type: string; event_payload: Record<string, unknown> };

export type SlackUser = {
  readonly id: string;
  readonly name: string;
  /** Another than the workspace's: somebody who is here through a shared channel. */
  readonly teamId: string;
  role: 'owner' | 'admin' | 'member' | 'guest';
  isDeleted: boolean;
  isBot: boolean;
  locale: string;
};

export type SlackChannel = {
  readonly id: string;
  readonly name: string;
  readonly kind: 'public' | 'private' | 'im';
  readonly members: Set<string>;
  isArchived: boolean;
  /** With another workspace. */
  isShared: boolean;
};

export type SlackMessage = {
  readonly ts: string;
  readonly channel: string;
  readonly threadTs: string | null;
  readonly user: string;
  readonly botId: string | null;
  /** Who alone sees it; null: everybody in the channel. */
  readonly ephemeralTo: string | null;
  text: string;
  blocks: BlockJson[];
  metadata: Metadata | null;
  readonly reactions: Map<string, string[]>;
  /** Whom it has called, when posted or edited. */
  pings: string[];
  edits: number;
};

export type SlackFile = {
  readonly id: string;
  readonly name: string;
  readonly altText: string;
  readonly lengthBytes: number;
  readonly user: string;
  readonly createdAtMs: number;
  readonly uploadPath: string;
  readonly downloadPath: string;
  title: string;
  bytes: Buffer | null;
  /** How many answers of `files.info` still come without its type; null: not completed yet. */
  looksLeft: number | null;
  channels: string[];
};

export type SlackView = {
  id: string;
  hash: string;
  json: ViewJson;
  user: string;
  rootId: string;
  previousId: string | null;
};

export type SlackGroup = {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly users: Set<string>;
};

export type Team = {
  readonly id: string;
  readonly domain: string;
  /** What the admins allow to be uploaded. */
  uploads: 'allowed' | 'disabled' | 'images';
  refusedFileTypes: Set<string>;
  uploadBytesMax: number;
};

export type World = {
  readonly clock: ProtocolClock;
  readonly ids: Ids;
  readonly app: SlackApp;
  readonly team: Team;
  readonly triggers: Triggers;
  readonly users: Map<string, SlackUser>;
  readonly channels: Map<string, SlackChannel>;
  /** In the order they were posted, ephemeral ones too. */
  readonly messages: SlackMessage[];
  readonly files: Map<string, SlackFile>;
  readonly groups: Map<string, SlackGroup>;
  /** Stacks of open forms, by user; the last is on top. */
  readonly modals: Map<string, SlackView[]>;
  readonly homes: Map<string, SlackView>;
  /** Answers of `files.info` without its type that a file has once its upload is complete. */
  readonly fileLooks: number;
  /** `http://127.0.0.1:1234` */
  origin(): string;
};

export function createWorld(
  clock: ProtocolClock,
  app: SlackApp,
  { origin, fileLooks, patience }: { origin: () => string; fileLooks: number; patience: number },
): World {
  const ids = createIds(clock);
  const bot: SlackUser = {
    id: app.botUserId,
    name: app.name.toLowerCase(),
    teamId: 'T0WORKSPACE',
    role: 'member',
    isDeleted: false,
    isBot: true,
    locale: 'en-US',
  };
  return {
    clock,
    ids,
    app,
    team: {
      id: 'T0WORKSPACE',
      domain: 'workspace',
      uploads: 'allowed',
      refusedFileTypes: new Set(),
      uploadBytesMax: 1_000_000_000,
    },
    triggers: createTriggers(clock, ids, origin, TRIGGER_LIFE_MS * patience),
    users: new Map([[bot.id, bot]]),
    channels: new Map(),
    messages: [],
    files: new Map(),
    groups: new Map(),
    modals: new Map(),
    homes: new Map(),
    fileLooks,
    origin,
  };
}
