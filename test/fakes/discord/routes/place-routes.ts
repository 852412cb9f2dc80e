/** The bot itself, people, servers and channels, as far as a bot reads them. */
import { ChannelType, GatewayDispatchEvents } from 'discord-api-types/v10';
import type { ProtocolAnswer } from '../../protocol/request.ts';
import type { Discord } from '../discord.ts';
import { toChannel, toGuildLeft, toGuildWithCounts, toMember, toOwnUser, toRole, toUser } from '../payloads.ts';
import { guildPermissions } from '../permissions.ts';
import { Refusal } from '../refusal.ts';
import { directChannel, userOf, type World, type WorldGuild } from '../world.ts';
import { type Call, channelOf, NOTHING, type Route } from './route.ts';

const ok = (body: unknown): ProtocolAnswer => ({ status: 200, body });

/** @throws {Refusal} 10004, also for one that the bot is not in: it is told no more */
function guildOf({ discord, params }: Call): WorldGuild {
  const guild = discord.world.guilds.get(params['guild'] ?? '');
  if (guild === undefined || !guild.members.has(discord.world.bot.id)) throw new Refusal(10_004);
  return guild;
}

function toApplication({ world }: Discord) {
  const owner = [...world.users.values()].find(({ isBot }) => !isBot) ?? world.bot;
  return {
    id: world.application.id,
    name: world.application.name,
    icon: null,
    description: '',
    type: null,
    flags: 0,
    flags_new: '0',
    bot: toUser(world.bot),
    bot_public: true,
    bot_require_code_grant: false,
    integration_types_config: { '0': {}, '1': {} },
    verify_key: '0'.repeat(64),
    redirect_uris: [],
    interactions_endpoint_url: null,
    role_connections_verification_url: null,
    owner: toUser(owner),
    approximate_guild_count: world.guilds.size,
    approximate_user_install_count: 0,
    approximate_user_authorization_count: 0,
    explicit_content_filter: 0,
    team: null,
    eligible_oauth2_scopes: [],
  };
}

/** As a list of one's own servers tells of it. */
function toOwnGuild(world: World, guild: WorldGuild) {
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    banner: null,
    owner: guild.ownerId === world.bot.id,
    permissions: `${guildPermissions(guild, world.bot.id)}`,
    features: [],
  };
}

const CHANNEL = ['GuildChannelResponseSchema', 'ThreadResponseSchema', 'PrivateChannelResponseSchema'] as const;

export const PLACE_ROUTES: readonly Route[] = [
  {
    on: 'GET /gateway/bot',
    answer: 'GatewayBotResponseSchema',
    handle({ discord, request }) {
      const { options, starts } = discord.gateway;
      return ok({
        url: `ws://${request.headers.host}/gateway`,
        shards: options.shards,
        session_start_limit: {
          total: options.startsMax,
          remaining: Math.max(0, options.startsMax - starts),
          reset_after: 86_400_000,
          max_concurrency: options.maxConcurrency,
        },
      });
    },
  },
  ...['GET /applications/@me', 'GET /oauth2/applications/@me'].map(
    (on): Route => ({
      on,
      answer: 'PrivateApplicationResponseSchema',
      handle: ({ discord }) => ok(toApplication(discord)),
    }),
  ),
  { on: 'GET /users/@me', answer: 'UserPIIResponseSchema', handle: ({ discord }) => ok(toOwnUser(discord.world.bot)) },
  {
    on: 'POST /users/@me/channels',
    body: 'CreatePrivateChannelRequestSchema',
    answer: 'PrivateChannelResponseSchema',
    handle({ discord, body }) {
      const { recipient_id: id } = body as { recipient_id?: string };
      const user = discord.world.users.get(id ?? '');
      if (user === undefined) throw new Refusal(10_013);
      if (user.isBot) throw new Refusal(50_007);
      return ok(toChannel(discord.world, directChannel(discord.world, user.id, ChannelType.DM)));
    },
  },
  {
    on: 'GET /users/@me/guilds',
    query: ['before', 'after', 'limit', 'with_counts'],
    answer: 'MyGuildResponseSchema',
    isAnswerList: true,
    handle({ discord: { world } }) {
      const guilds = [...world.guilds.values()].filter(({ members }) => members.has(world.bot.id));
      return ok(guilds.map((guild) => toOwnGuild(world, guild)));
    },
  },
  {
    on: 'GET /users/:user',
    answer: 'UserResponseSchema',
    handle({ discord, params }) {
      const user = discord.world.users.get(params['user'] ?? '');
      if (user === undefined) throw new Refusal(10_013);
      return ok(toUser(user));
    },
  },
  {
    on: 'DELETE /users/@me/guilds/:guild',
    handle(call) {
      const guild = guildOf(call);
      guild.members.delete(call.discord.world.bot.id);
      call.discord.gateway.dispatch(GatewayDispatchEvents.GuildDelete, toGuildLeft(guild.id), {
        guildId: guild.id,
        intent: null,
      });
      return NOTHING;
    },
  },
  {
    on: 'GET /guilds/:guild',
    query: ['with_counts'],
    answer: 'GuildWithCountsResponseSchema',
    handle: (call) => ok(toGuildWithCounts(call.discord.world, guildOf(call))),
  },
  {
    on: 'GET /guilds/:guild/channels',
    answer: CHANNEL,
    isAnswerList: true,
    handle(call) {
      const { world } = call.discord;
      const guild = guildOf(call);
      const channels = [...world.channels.values()].filter(
        ({ guildId, ownerId }) => guildId === guild.id && ownerId === null,
      );
      return ok(channels.map((channel) => toChannel(world, channel)));
    },
  },
  {
    on: 'GET /guilds/:guild/roles',
    answer: 'GuildRoleResponseSchema',
    isAnswerList: true,
    handle: (call) => ok([...guildOf(call).roles.values()].map((role) => toRole(role, call.discord.world.bot.id))),
  },
  {
    on: 'GET /guilds/:guild/members/search',
    query: ['query', 'limit'],
    answer: 'GuildMemberResponseSchema',
    isAnswerList: true,
    handle(call) {
      const { world } = call.discord;
      const start = (call.request.query.get('query') ?? '').toLowerCase();
      const found = [...guildOf(call).members.values()].filter(({ userId, nick }) => {
        const { username, globalName } = userOf(world, userId);
        return [nick, globalName, username].some((name) => name?.toLowerCase().startsWith(start) === true);
      });
      const limit = Number(call.request.query.get('limit') ?? 1);
      return ok(found.slice(0, limit).map((member) => toMember(member, userOf(world, member.userId))));
    },
  },
  {
    on: 'GET /guilds/:guild/members/:user',
    answer: 'GuildMemberResponseSchema',
    handle(call) {
      const member = guildOf(call).members.get(call.params['user'] ?? '');
      if (member === undefined) throw new Refusal(10_007);
      return ok(toMember(member, userOf(call.discord.world, member.userId)));
    },
  },
  {
    on: 'GET /channels/:channel',
    answer: CHANNEL,
    handle: (call) => ok(toChannel(call.discord.world, channelOf(call).channel)),
  },
];
