/** conversations.*: channels, direct messages, and what was said in them. */
import { channelFor, messageAt, messageJson, publicMessages } from '../messages.ts';
import { SlackRefusal } from '../refusal.ts';
import type { SlackChannel, SlackMessage, World } from '../world.ts';
import { type Method, type MethodContext, method } from './method.ts';

type Page = { limit?: number; cursor?: string };
type Timeline = Page & {
  channel: string;
  oldest?: string;
  latest?: string;
  inclusive?: boolean;
  include_all_metadata?: boolean;
};

const PREFIXES = { public: 'channels', private: 'groups', im: 'im' } as const;

/** The scope depends on the kind of channel: `channels:history`, `groups:history`, `im:history`. */
const scopeFor = (what: 'read' | 'history') => (args: unknown, world: World) => {
  const channel = world.channels.get((args as { channel?: string }).channel ?? '');
  return [`${PREFIXES[channel?.kind ?? 'public']}:${what}`];
};

export const CONVERSATIONS: Readonly<Record<string, Method>> = {
  'conversations.open': method<{ users?: string; channel?: string; return_im?: boolean }>({
    body: 'ConversationsOpen',
    tier: 3,
    scopes: ['im:write'],
    run({ users, channel: known, return_im }, { world }) {
      if (users === undefined && known === undefined) throw new SlackRefusal('users_list_not_supplied', {}, true);
      if (users?.includes(',')) throw new SlackRefusal('method_not_supported_for_channel_type');
      const channel = users === undefined ? channelFor(world, known ?? '') : directChannel(world, users);
      return { channel: return_im === true ? channelJson(world, channel) : { id: channel.id } };
    },
  }),
  'conversations.info': method<{ channel: string; include_num_members?: boolean }>({
    body: 'ConversationsInfo',
    tier: 3,
    scopes: scopeFor('read'),
    run({ channel: id, include_num_members }, { world }) {
      const channel = channelFor(world, id);
      const count = include_num_members === true ? { num_members: channel.members.size } : {};
      return { channel: { ...channelJson(world, channel), ...count } };
    },
  }),
  'conversations.members': method<Page & { channel: string }>({
    body: 'ConversationsMembers',
    tier: 4,
    scopes: scopeFor('read'),
    run({ channel: id, ...page }, { world }) {
      const { items, next } = cut([...channelFor(world, id).members], page);
      return { members: items, response_metadata: { next_cursor: next } };
    },
  }),
  'conversations.history': method<Timeline>({
    body: 'ConversationsHistory',
    tier: 3,
    scopes: scopeFor('history'),
    run(args, context) {
      const channel = readable(context, args.channel);
      const all = publicMessages(context.world, channel.id).filter(({ threadTs }) => threadTs === null);
      return pageOf(context.world, all.toReversed(), args);
    },
  }),
  'conversations.replies': method<Timeline & { ts: string }>({
    body: 'ConversationsReplies',
    tier: 3,
    scopes: scopeFor('history'),
    run(args, context) {
      const { world } = context;
      const channel = readable(context, args.channel);
      const all = publicMessages(world, channel.id);
      if (!all.some(({ ts }) => ts === args.ts)) throw new SlackRefusal('thread_not_found');
      const parent = messageAt(world, channel.id, args.ts);
      return pageOf(world, [parent, ...all.filter(({ threadTs }) => threadTs === parent.ts)], args);
    },
  }),
};

/** The direct message channel of the bot with a person; made when it is not there. */
export function directChannel(world: World, user: string): SlackChannel {
  const person = world.users.get(user);
  if (person === undefined) throw new SlackRefusal('user_not_found');
  if (person.isBot) throw new SlackRefusal('cannot_dm_bot');
  if (person.isDeleted) throw new SlackRefusal('user_disabled');
  const found = [...world.channels.values()].find(({ kind, members }) => kind === 'im' && members.has(user));
  if (found !== undefined) return found;
  const channel: SlackChannel = {
    id: world.ids.next('D'),
    name: 'directmessage',
    kind: 'im',
    members: new Set([user, world.app.botUserId]),
    isArchived: false,
    isShared: person.teamId !== world.team.id,
  };
  world.channels.set(channel.id, channel);
  return channel;
}

function readable({ world }: MethodContext, id: string): SlackChannel {
  const channel = channelFor(world, id);
  if (!channel.members.has(world.app.botUserId)) throw new SlackRefusal('not_in_channel');
  return channel;
}

function pageOf(world: World, messages: readonly SlackMessage[], args: Timeline): Record<string, unknown> {
  const { oldest = '0', latest = '9', inclusive = false, include_all_metadata = false } = args;
  const inside = messages.filter(({ ts }) => (inclusive ? ts >= oldest && ts <= latest : ts > oldest && ts < latest));
  const { items, next } = cut(inside, args);
  return {
    messages: items.map((each) => messageJson(world, each, include_all_metadata)),
    has_more: next !== '',
    response_metadata: { next_cursor: next },
  };
}

function cut<T>(items: readonly T[], { limit = 100, cursor = '' }: Page): { items: readonly T[]; next: string } {
  if (!Number.isInteger(limit) || limit < 1 || limit > 999) throw new SlackRefusal('invalid_limit', {}, true);
  const from = cursor === '' ? 0 : Number(Buffer.from(cursor, 'base64').toString('utf8'));
  if (!Number.isInteger(from)) throw new SlackRefusal('invalid_cursor', {}, true);
  const next = from + limit < items.length ? Buffer.from(String(from + limit)).toString('base64') : '';
  return { items: items.slice(from, from + limit), next };
}

function channelJson(world: World, channel: SlackChannel): Record<string, unknown> {
  const { id, name, kind, members, isArchived, isShared } = channel;
  const isMember = members.has(world.app.botUserId);
  if (kind === 'im') {
    const user = [...members].find((each) => each !== world.app.botUserId);
    return { id, is_im: true, user, is_archived: isArchived, is_user_deleted: false };
  }
  return {
    id,
    name,
    is_channel: true,
    is_private: kind === 'private',
    is_group: false,
    is_im: false,
    is_mpim: false,
    is_member: isMember,
    is_archived: isArchived,
    is_ext_shared: isShared,
    is_shared: isShared,
    context_team_id: world.team.id,
  };
}
