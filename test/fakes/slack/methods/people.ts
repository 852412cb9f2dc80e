/** apps.*, auth.*, team.*, users.*, usergroups.*, reactions.*: who is who, and what they think of a message. */
import { channelFor, messageAt, messageJson } from '../messages.ts';
import { SlackRefusal } from '../refusal.ts';
import type { SlackUser, World } from '../world.ts';
import { type Method, type MethodContext, method } from './method.ts';

type Reaction = { channel: string; timestamp: string; name: string };

export const PEOPLE: Readonly<Record<string, Method>> = {
  'apps.connections.open': method<object>({
    body: 'AppsConnectionsOpen',
    tier: 1,
    scopes: 'app',
    run: (_args, { newSocketUrl }) => ({ url: newSocketUrl() }),
  }),
  'auth.test': method<object>({
    body: 'AuthTest',
    tier: 'special',
    scopes: [],
    run: (_args, { world }) => ({
      url: `https://${world.team.domain}.slack.com/`,
      team: 'Workspace',
      user: world.app.name.toLowerCase(),
      team_id: world.team.id,
      user_id: world.app.botUserId,
      bot_id: world.app.botId,
      is_enterprise_install: false,
    }),
  }),
  'team.info': method<object>({
    body: 'TeamInfo',
    tier: 3,
    scopes: ['team:read'],
    run: (_args, { world }) => ({ team: { id: world.team.id, name: 'Workspace', domain: world.team.domain } }),
  }),
  'users.info': method<{ user: string; include_locale?: boolean }>({
    body: 'UsersInfo',
    tier: 4,
    scopes: ['users:read'],
    run({ user: id, include_locale = false }, { world }) {
      const user = world.users.get(id);
      if (user === undefined) throw new SlackRefusal('user_not_found');
      return { user: userJson(world, user, include_locale) };
    },
  }),
  'usergroups.list': method<{ include_users?: boolean }>({
    body: 'UsergroupsList',
    tier: 2,
    scopes: ['usergroups:read'],
    run: ({ include_users = false }, { world }) => ({
      usergroups: [...world.groups.values()].map(({ id, handle, name, users }) => ({
        id,
        team_id: world.team.id,
        is_usergroup: true,
        name,
        handle,
        ...(include_users ? { users: [...users] } : {}),
      })),
    }),
  }),
  'usergroups.users.list': method<{ usergroup: string }>({
    body: 'UsergroupsUsersList',
    tier: 2,
    scopes: ['usergroups:read'],
    run({ usergroup }, { world }) {
      const group = world.groups.get(usergroup);
      if (group === undefined) throw new SlackRefusal('no_such_subteam');
      return { users: [...group.users] };
    },
  }),
  'reactions.add': method<Reaction>({
    body: 'ReactionsAdd',
    tier: 3,
    scopes: ['reactions:write'],
    run: (args, context) => addReaction(context, args, context.world.app.botUserId),
  }),
  'reactions.remove': method<Reaction>({
    body: 'ReactionsRemove',
    tier: 2,
    scopes: ['reactions:write'],
    run: (args, context) => removeReaction(context, args, context.world.app.botUserId),
  }),
  'reactions.get': method<Omit<Reaction, 'name'>>({
    body: 'ReactionsGet',
    tier: 3,
    scopes: ['reactions:read'],
    run({ channel, timestamp }, { world }) {
      const message = messageAt(world, channelFor(world, channel).id, timestamp);
      return { type: 'message', channel, message: messageJson(world, message) };
    },
  }),
};

const REACTIONS_MAX = 23;

export function addReaction(
  { world, emit }: Pick<MethodContext, 'world' | 'emit'>,
  { channel, timestamp, name }: Reaction,
  user: string,
): Record<string, unknown> {
  const { reactions, user: author } = messageAt(world, channel, timestamp);
  if (!/^[a-z0-9_+'-]+(?:::skin-tone-[2-6])?$/u.test(name)) throw new SlackRefusal('invalid_name', {}, true);
  const users = reactions.get(name) ?? [];
  if (users.includes(user)) throw new SlackRefusal('already_reacted');
  if (!reactions.has(name) && reactions.size >= REACTIONS_MAX) throw new SlackRefusal('too_many_emoji');
  reactions.set(name, [...users, user]);
  emit(reactionEvent(world, 'reaction_added', { channel, timestamp, name }, user, author));
  return {};
}

export function removeReaction(
  { world, emit }: Pick<MethodContext, 'world' | 'emit'>,
  { channel, timestamp, name }: Reaction,
  user: string,
): Record<string, unknown> {
  const { reactions, user: author } = messageAt(world, channel, timestamp);
  const users = reactions.get(name) ?? [];
  if (!users.includes(user)) throw new SlackRefusal('no_reaction');
  const left = users.filter((each) => each !== user);
  if (left.length === 0) reactions.delete(name);
  else reactions.set(name, left);
  emit(reactionEvent(world, 'reaction_removed', { channel, timestamp, name }, user, author));
  return {};
}

function reactionEvent(
  world: World,
  type: string,
  { channel, timestamp, name }: Reaction,
  user: string,
  author: string,
) {
  return {
    type,
    user,
    reaction: name,
    item_user: author,
    item: { type: 'message', channel, ts: timestamp },
    event_ts: world.ids.nextTs(),
  };
}

function userJson(world: World, user: SlackUser, withLocale: boolean): Record<string, unknown> {
  const { id, name, teamId, role, isDeleted, isBot, locale } = user;
  return {
    id,
    team_id: teamId,
    name,
    deleted: isDeleted,
    real_name: name,
    profile: { real_name: name, display_name: name, team: teamId },
    is_admin: role === 'admin' || role === 'owner',
    is_owner: role === 'owner',
    is_primary_owner: false,
    is_restricted: role === 'guest',
    is_ultra_restricted: false,
    is_bot: isBot,
    is_app_user: false,
    ...(teamId === world.team.id ? {} : { is_stranger: true }),
    ...(withLocale ? { locale } : {}),
  };
}
