/** What a bot may say to the gateway, strictly: anything else closes the connection. */
import {
  GatewayCloseCodes,
  type GatewayIdentifyData,
  GatewayOpcodes,
  type GatewayPresenceUpdateData,
  type GatewayResumeData,
} from 'discord-api-types/v10';
import * as z from 'zod';

const snowflake = z.string().regex(/^\d{1,20}$/u);
/** Every key that discord-api-types knows and no other. */
type Keys<T> = Record<keyof T, z.ZodType>;
const presence = z.strictObject({
  since: z.number().nullable().optional(),
  activities: z.array(
    z.strictObject({
      name: z.string().max(128),
      type: z.number().int(),
      state: z.string().optional(),
      url: z.url().optional(),
    }),
  ),
  status: z.enum(['online', 'dnd', 'idle', 'invisible', 'offline']),
  afk: z.boolean().optional(),
} satisfies Keys<GatewayPresenceUpdateData>);

/** One bit for each intent of API v10. */
const INTENTS_MAX = 2 ** 26 - 1;

const MESSAGES = {
  [GatewayOpcodes.Heartbeat]: z.strictObject({
    op: z.literal(GatewayOpcodes.Heartbeat),
    d: z.number().int().nonnegative().nullable(),
  }),
  [GatewayOpcodes.Identify]: z.strictObject({
    op: z.literal(GatewayOpcodes.Identify),
    d: z.strictObject({
      token: z.string(),
      properties: z.strictObject({ os: z.string(), browser: z.string(), device: z.string() }),
      compress: z.literal(false).optional(),
      large_threshold: z.number().int().min(50).max(250).optional(),
      shard: z.tuple([z.number().int().nonnegative(), z.number().int().positive()]).optional(),
      presence: presence.optional(),
      capabilities: z.number().int().optional(),
      intents: z.number().int().nonnegative().max(INTENTS_MAX),
    } satisfies Keys<GatewayIdentifyData>),
  }),
  [GatewayOpcodes.PresenceUpdate]: z.strictObject({ op: z.literal(GatewayOpcodes.PresenceUpdate), d: presence }),
  [GatewayOpcodes.Resume]: z.strictObject({
    op: z.literal(GatewayOpcodes.Resume),
    d: z.strictObject({
      token: z.string(),
      session_id: z.string(),
      seq: z.number().int().nonnegative(),
    } satisfies Keys<GatewayResumeData>),
  }),
  [GatewayOpcodes.RequestGuildMembers]: z.strictObject({
    op: z.literal(GatewayOpcodes.RequestGuildMembers),
    d: z.strictObject({
      guild_id: snowflake,
      query: z.string().optional(),
      limit: z.number().int(),
      presences: z.boolean().optional(),
      user_ids: z.union([snowflake, z.array(snowflake)]).optional(),
      nonce: z.string().max(32).optional(),
    }),
  }),
};

type Messages = typeof MESSAGES;
export type GatewayMessage = { [Op in keyof Messages]: z.output<Messages[Op]> }[keyof Messages];

export function readGatewayMessage(text: string): GatewayMessage | { problem: string; code: GatewayCloseCodes } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'a message that is no JSON', code: GatewayCloseCodes.DecodeError };
  }
  const op = typeof value === 'object' && value !== null && 'op' in value ? value.op : undefined;
  const schema = Object.entries(MESSAGES).find(([known]) => known === String(op))?.[1];
  if (schema === undefined) return { problem: `unknown opcode ${String(op)}`, code: GatewayCloseCodes.UnknownOpcode };
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const isIntents = issue?.path.at(-1) === 'intents';
  const code = isIntents ? GatewayCloseCodes.InvalidIntents : GatewayCloseCodes.DecodeError;
  return { problem: `${issue?.path.join('.')}: ${issue?.message}`, code };
}
