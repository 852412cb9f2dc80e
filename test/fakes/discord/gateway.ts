/** The gateway: sessions that identify, beat, break off and resume, and the news that they hear. */
import { randomBytes } from 'node:crypto';
import {
  GatewayCloseCodes,
  GatewayDispatchEvents,
  type GatewayDispatchPayload,
  GatewayIntentBits,
  GatewayOpcodes,
} from 'discord-api-types/v10';
import { WebSocket } from 'ws';
import { readGatewayMessage } from './gateway-messages.ts';
import { toGuildCreate, toOwnUser } from './payloads.ts';
import { shardOf } from './snowflake.ts';
import type { World } from './world.ts';

export type EventName = GatewayDispatchPayload['t'];
export type EventData<T extends EventName> = Extract<GatewayDispatchPayload, { t: T }>['d'];

export type Audience = {
  /** null: of no server, so for the first shard. */
  guildId: string | null;
  /** null: everybody hears it. */
  intent: GatewayIntentBits | null;
  /** The bot does not see where it happened. */
  isHidden?: boolean;
};

export type GatewayOptions = {
  token: string;
  /** What `/gateway/bot` recommends. */
  shards: number;
  heartbeatIntervalMs: number;
  /** Within it only so many shards may identify; who does all the same is sent away (op 9). */
  identifyGapMs: number;
  maxConcurrency: number;
  /** IDENTIFYs a day. */
  startsMax: number;
  /** How long a session that broke off can be resumed. */
  resumableForMs: number;
  privilegedIntents: number;
};

export type Session = {
  readonly id: string;
  readonly shard: readonly [id: number, count: number];
  readonly intents: number;
  readonly events: { s: number; t: EventName; d: unknown }[];
  seq: number;
  socket: WebSocket | null;
  lostAtMs: number | null;
};

type Connection = { session: Session | null; sentAtMs: number[] };

export type Gateway = {
  readonly options: GatewayOptions;
  readonly sessions: ReadonlyMap<string, Session>;
  /** IDENTIFYs since the day began. */
  readonly starts: number;
  readonly resumes: number;
  /** IDENTIFYs that came too soon after another: no mistake of a program that has just started again. */
  readonly hasty: number;
  /** Heartbeats that came. */
  readonly beats: number;
  /** What Discord does to a bot that spent them: every session ends and the token is worth nothing. */
  readonly isTokenReset: boolean;
  connect(query: URLSearchParams): ((socket: WebSocket) => void) | number;
  dispatch<T extends EventName>(
    event: T,
    data: EventData<T> | ((canReadContent: boolean) => EventData<T>),
    audience: Audience,
  ): void;
  /** Tells the newest event of this name again, as Discord does now and then. */
  repeat(event: EventName): void;
  /** Asks every connection to come back (op 7), as before a deployment. */
  askToReconnect(): void;
  /** Says that the session is over (op 9). */
  invalidate(isResumable: boolean): void;
  /** Ends every connection: with a close code, or without a word. */
  drop(code?: GatewayCloseCodes): void;
  /** Asks for a heartbeat now (op 1). */
  askForBeat(): void;
  /** Hears heartbeats and says nothing, as a connection that is half open. */
  holdAcknowledgements(isHeld: boolean): void;
  /** Sends this text or these bytes as they are. */
  sendRaw(data: string | Buffer): void;
};

const SENDS_MAX = 120;
const SENDS_PER_MS = 60_000;
const PAYLOAD_BYTES_MAX = 4_096;
const PRIVILEGED = GatewayIntentBits.GuildMembers | GatewayIntentBits.GuildPresences | GatewayIntentBits.MessageContent;

export function createGateway(
  world: World,
  options: GatewayOptions,
  address: () => string,
  violation: (text: string) => void,
): Gateway {
  const { clock } = world;
  const sessions = new Map<string, Session>();
  const identifiedAtMs = new Map<number, number>();
  let starts = 0;
  let startsDayMs = clock.nowMs();
  let resumes = 0;
  let beats = 0;
  let isTokenReset = false;
  let hasty = 0;
  let isHeld = false;
  const connections = new Map<WebSocket, Connection>();

  const send = (socket: WebSocket, payload: unknown) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(payload));
  };

  function open(socket: WebSocket): void {
    const connection: Connection = { session: null, sentAtMs: [] };
    connections.set(socket, connection);
    const end = (code: GatewayCloseCodes, why: string, isViolation = true) => {
      if (isViolation) violation(`gateway: ${why}`);
      socket.close(code, why.slice(0, 100));
    };
    send(socket, {
      op: GatewayOpcodes.Hello,
      d: { heartbeat_interval: options.heartbeatIntervalMs, _trace: [] },
      s: null,
      t: null,
    });
    // A client that stops beating is taken for dead.
    let lastBeatMs = clock.nowMs();
    const watch = () =>
      clock.after(options.heartbeatIntervalMs, () => {
        if (socket.readyState !== WebSocket.OPEN) return;
        if (clock.nowMs() - lastBeatMs > options.heartbeatIntervalMs * 2)
          end(GatewayCloseCodes.SessionTimedOut, 'no heartbeat');
        else cancelWatch = watch();
      });
    let cancelWatch = watch();
    socket.on('close', () => {
      cancelWatch();
      connections.delete(socket);
      const { session } = connection;
      if (session?.socket !== socket) return;
      session.socket = null;
      session.lostAtMs = clock.nowMs();
    });
    socket.on('message', (data, isBinary) => {
      const text = String(data);
      const nowMs = clock.nowMs();
      connection.sentAtMs = [...connection.sentAtMs.filter((atMs) => nowMs - atMs < SENDS_PER_MS), nowMs];
      if (connection.sentAtMs.length > SENDS_MAX)
        return end(GatewayCloseCodes.RateLimited, 'more than 120 messages in a minute');
      if (isBinary || text.length > PAYLOAD_BYTES_MAX)
        return end(GatewayCloseCodes.DecodeError, 'a message of over 4096 bytes');
      const message = readGatewayMessage(text);
      if ('problem' in message) return end(message.code, message.problem);
      if (message.op === GatewayOpcodes.Heartbeat) {
        beats += 1;
        lastBeatMs = nowMs;
        if (!isHeld) send(socket, { op: GatewayOpcodes.HeartbeatAck, d: null, s: null, t: null });
        return;
      }
      if (message.op === GatewayOpcodes.Identify || message.op === GatewayOpcodes.Resume) {
        if (connection.session !== null) return end(GatewayCloseCodes.AlreadyAuthenticated, 'identified twice');
        if (message.d.token !== options.token || isTokenReset)
          return end(GatewayCloseCodes.AuthenticationFailed, 'Authentication failed.', false);
        if (message.op === GatewayOpcodes.Identify) connection.session = identify(socket, message.d, end);
        else connection.session = resume(socket, message.d, end);
        return;
      }
      if (connection.session === null) return end(GatewayCloseCodes.NotAuthenticated, 'sent before it identified');
      if (message.op === GatewayOpcodes.RequestGuildMembers) sendMembers(connection.session, message.d.guild_id);
    });
  }

  type End = (code: GatewayCloseCodes, why: string, isViolation?: boolean) => void;

  function identify(
    socket: WebSocket,
    d: { intents: number; shard?: [number, number] | undefined },
    end: End,
  ): Session | null {
    const shard = d.shard ?? [0, 1];
    const nowMs = clock.nowMs();
    if (nowMs - startsDayMs >= 86_400_000) [starts, startsDayMs] = [0, nowMs];
    starts += 1;
    if (starts > options.startsMax) {
      isTokenReset = true;
      violation('gateway: the IDENTIFY budget is spent, the token was reset');
      for (const each of connections.keys()) each.close(GatewayCloseCodes.AuthenticationFailed);
      return null;
    }
    if ((d.intents & PRIVILEGED & ~options.privilegedIntents) !== 0) {
      end(GatewayCloseCodes.DisallowedIntents, 'Disallowed intent(s).');
      return null;
    }
    if (shard[0] >= shard[1]) {
      end(GatewayCloseCodes.InvalidShard, 'Invalid shard.');
      return null;
    }
    if (shard[1] < options.shards) {
      end(GatewayCloseCodes.ShardingRequired, 'Sharding required.', false);
      return null;
    }
    const bucket = shard[0] % options.maxConcurrency;
    const lastMs = identifiedAtMs.get(bucket);
    identifiedAtMs.set(bucket, nowMs);
    if (lastMs !== undefined && nowMs - lastMs < options.identifyGapMs) {
      hasty += 1;
      send(socket, { op: GatewayOpcodes.InvalidSession, d: false, s: null, t: null });
      return null;
    }
    const session: Session = {
      id: randomBytes(16).toString('hex'),
      shard,
      intents: d.intents,
      events: [],
      seq: 0,
      socket,
      lostAtMs: null,
    };
    sessions.set(session.id, session);
    const guilds = [...world.guilds.values()].filter(
      ({ id, members }) => members.has(world.bot.id) && shardOf(id, shard[1]) === shard[0],
    );
    push(session, GatewayDispatchEvents.Ready, {
      v: 10,
      user: toOwnUser(world.bot),
      guilds: guilds.map(({ id }) => ({ id, unavailable: true })),
      session_id: session.id,
      resume_gateway_url: `${address()}/resume`,
      shard: [shard[0], shard[1]],
      application: { id: world.application.id, flags: toOwnUser(world.bot).flags as number, flags_new: '0' },
    });
    for (const guild of guilds)
      if (!guild.isUnavailable) push(session, GatewayDispatchEvents.GuildCreate, toGuildCreate(world, guild));
    return session;
  }

  function resume(
    socket: WebSocket,
    { session_id, seq }: { session_id: string; seq: number },
    end: End,
  ): Session | null {
    const session = sessions.get(session_id);
    const isOver =
      session === undefined || (session.lostAtMs !== null && clock.nowMs() - session.lostAtMs > options.resumableForMs);
    if (isOver) {
      sessions.delete(session_id);
      send(socket, { op: GatewayOpcodes.InvalidSession, d: false, s: null, t: null });
      return null;
    }
    if (seq > session.seq) {
      end(GatewayCloseCodes.InvalidSeq, 'Invalid seq.');
      return null;
    }
    resumes += 1;
    session.socket?.terminate();
    session.socket = socket;
    session.lostAtMs = null;
    for (const { s, t, d } of session.events) if (s > seq) send(socket, { op: GatewayOpcodes.Dispatch, t, s, d });
    push(session, GatewayDispatchEvents.Resumed, undefined);
    return session;
  }

  function push<T extends EventName>(session: Session, t: T, d: EventData<T>): void {
    session.seq += 1;
    const event = { s: session.seq, t, d: d ?? { _trace: [] } };
    session.events.push(event);
    if (session.socket !== null) send(session.socket, { op: GatewayOpcodes.Dispatch, ...event });
  }

  function sendMembers(session: Session, guildId: string): void {
    violation(`gateway: asked for the members of ${guildId}, which needs a privileged intent`);
    push(session, GatewayDispatchEvents.GuildMembersChunk, {
      guild_id: guildId,
      members: [],
      chunk_index: 0,
      chunk_count: 1,
      not_found: [],
    });
  }

  return {
    options,
    sessions,
    get starts() {
      return starts;
    },
    get resumes() {
      return resumes;
    },
    get hasty() {
      return hasty;
    },
    get beats() {
      return beats;
    },
    get isTokenReset() {
      return isTokenReset;
    },
    connect(query) {
      const isKnown = query.get('v') === '10' && query.get('encoding') === 'json' && query.get('compress') === null;
      if (isKnown) return open;
      violation(`gateway: connected with ${query}`);
      return (socket) => socket.close(GatewayCloseCodes.InvalidAPIVersion);
    },
    dispatch(event, data, { guildId, intent, isHidden = false }) {
      if (isHidden) return;
      for (const session of sessions.values()) {
        const isOfShard =
          guildId === null ? session.shard[0] === 0 : shardOf(guildId, session.shard[1]) === session.shard[0];
        const isAsked = intent === null || (session.intents & intent) !== 0;
        if (!isOfShard || !isAsked) continue;
        const canReadContent = (session.intents & GatewayIntentBits.MessageContent) !== 0;
        push(session, event, typeof data === 'function' ? data(canReadContent) : data);
      }
    },
    repeat(event) {
      for (const session of sessions.values()) {
        const last = session.events.findLast(({ t }) => t === event);
        if (last !== undefined) push(session, event, last.d as EventData<typeof event>);
      }
    },
    askToReconnect() {
      for (const socket of connections.keys())
        send(socket, { op: GatewayOpcodes.Reconnect, d: null, s: null, t: null });
    },
    invalidate(isResumable) {
      for (const [socket, connection] of connections) {
        const { session } = connection;
        if (session === null) continue;
        // The connection stays: its next word is RESUME or IDENTIFY.
        connection.session = null;
        session.socket = null;
        session.lostAtMs = clock.nowMs();
        if (!isResumable) sessions.delete(session.id);
        send(socket, { op: GatewayOpcodes.InvalidSession, d: isResumable, s: null, t: null });
      }
    },
    drop(code) {
      for (const socket of connections.keys()) {
        if (code === undefined) socket.terminate();
        else socket.close(code);
      }
    },
    askForBeat() {
      for (const socket of connections.keys())
        send(socket, { op: GatewayOpcodes.Heartbeat, d: null, s: null, t: null });
    },
    holdAcknowledgements(held) {
      isHeld = held;
    },
    sendRaw(data) {
      for (const socket of connections.keys()) if (socket.readyState === WebSocket.OPEN) socket.send(data);
    },
  };
}
