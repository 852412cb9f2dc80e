/** The HTTP API: finds what is asked for, checks request and answer against Discord's own schemas, counts, refuses. */
import type { ProtocolAnswer, ProtocolRequest } from '../protocol/request.ts';
import { closedSchema, problemsOf, type SchemaName } from './closed-schemas.ts';
import type { Discord } from './discord.ts';
import type { RateLimits } from './rate-limits.ts';
import { Refusal, type RefusalCode, refuseForm } from './refusal.ts';
import { COMMAND_ROUTES } from './routes/command-routes.ts';
import { INTERACTION_ROUTES } from './routes/interaction-routes.ts';
import { MESSAGE_ROUTES } from './routes/message-routes.ts';
import { PLACE_ROUTES } from './routes/place-routes.ts';
import type { Route } from './routes/route.ts';

const ROUTES: readonly Route[] = [...PLACE_ROUTES, ...MESSAGE_ROUTES, ...COMMAND_ROUTES, ...INTERACTION_ROUTES];
const PREFIX = '/api/v10';

/** Refusals that a client which keeps to the protocol never meets: it is what a test looks for at its end. */
const MISTAKES: readonly RefusalCode[] = [10_015, 40_060, 40_094, 50_006, 50_008, 50_021, 50_035, 50_109];

/** Fields that discord.js always says and that Discord takes, though its schemas leave them out, where they are unset. */
const ALWAYS_SAID = ['enforce_nonce', 'tts', 'animated'];

export type Complaints = {
  /** What the client did against the protocol. */
  violation(text: string): void;
  /** What this server did. */
  fault(text: string): void;
};

export function createApi(discord: Discord, limits: RateLimits, { violation, fault }: Complaints) {
  return async (request: ProtocolRequest): Promise<ProtocolAnswer> => {
    const found = find(request);
    const name = found === null ? `${request.method} ${request.path}` : found.route.on;
    if (found === null) {
      violation(`no such operation: ${name}`);
      return { status: 404, body: { message: '404: Not Found', code: 0 } };
    }
    const tooMany = limits.admit(request, name);
    if (tooMany !== null) return limits.finish(request, name, tooMany);
    try {
      const answer = await perform(discord, request, found);
      checkAnswer(found.route, answer, fault);
      return limits.finish(request, name, answer);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (MISTAKES.includes(error.code)) violation(`${name}: ${error.message}`);
      return limits.finish(request, name, error.toAnswer());
    }
  };
}

type Found = { route: Route; params: Record<string, string> };

function find({ method, path }: ProtocolRequest): Found | null {
  if (!path.startsWith(PREFIX)) return null;
  const parts = path.slice(PREFIX.length).split('/');
  for (const route of ROUTES) {
    const [routeMethod, routePath = ''] = route.on.split(' ');
    const wanted = routePath.split('/');
    if (routeMethod !== method || wanted.length !== parts.length) continue;
    if (!wanted.every((want, at) => want.startsWith(':') || want === parts[at])) continue;
    const params = wanted.flatMap((want, at) =>
      want.startsWith(':') ? [[want.slice(1), decodeURIComponent(parts[at] ?? '')] as const] : [],
    );
    return { route, params: Object.fromEntries(params) };
  }
  return null;
}

async function perform(discord: Discord, request: ProtocolRequest, { route, params }: Found): Promise<ProtocolAnswer> {
  const isAuthorised = request.headers.authorization === `Bot ${discord.token}` && !discord.gateway.isTokenReset;
  if (route.isOpen !== true && !isAuthorised) throw new Refusal(0);
  const agent = request.headers['user-agent'] ?? '';
  if (!agent.startsWith('DiscordBot (')) refuseForm([`user-agent: ${agent}`]);
  if (request.problem !== null) throw new Refusal(50_109);
  const unknown = [...request.query.keys()].filter((key) => !(route.query ?? []).includes(key));
  refuseForm(unknown.map((key) => `query: unknown ${key}`));
  const body = readBody(request);
  if (route.body === undefined && body !== undefined) refuseForm(['body: there is none']);
  if (route.body !== undefined) refuseForm(problemsOfBody(route, body));
  return route.handle({ discord, request, params, body, files: request.files });
}

function readBody({ json, fields }: ProtocolRequest): unknown {
  if (!Object.hasOwn(fields, 'payload_json')) return json;
  const others = Object.keys(fields).filter((name) => name !== 'payload_json');
  refuseForm(others.map((name) => `${name}: unknown part of the form`));
  try {
    return JSON.parse(String(fields['payload_json']));
  } catch {
    throw new Refusal(50_109);
  }
}

function problemsOfBody({ body: names, isList }: Route, body: unknown): readonly string[] {
  const lenient = body === undefined ? {} : withoutAlwaysSaid(withNumbers(body));
  const schemas = [names ?? []].flat() as SchemaName[];
  const problemsOfItem = (item: unknown) => {
    const each = schemas.map((name) => problemsOf(closedSchema(name), item));
    const [first = []] = [...each].sort((one, other) => score(one) - score(other));
    return first;
  };
  if (isList !== true) return problemsOfItem(lenient);
  if (!Array.isArray(lenient)) return ['body: Only iterables may be used in a ListType'];
  return lenient.flatMap((item, at) => problemsOfItem(item).map((problem) => `${at}.${problem}`));
}

/** Of several forms that are all missed, the one of the right kind tells most. */
function score(problems: readonly string[]): number {
  return problems.length + (problems.some((problem) => problem.startsWith('type:')) ? 100 : 0);
}

/** The permissions of a command may be written as digits; the schema knows the number alone. */
function withNumbers(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(withNumbers);
  if (typeof body !== 'object' || body === null || !('default_member_permissions' in body)) return body;
  const { default_member_permissions: permissions } = body;
  const isDigits = typeof permissions === 'string' && /^\d+$/u.test(permissions);
  return isDigits ? { ...body, default_member_permissions: Number(permissions) } : body;
}

function withoutAlwaysSaid(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAlwaysSaid);
  if (typeof value !== 'object' || value === null) return value;
  const isUnset = ([key, said]: [string, unknown]) => ALWAYS_SAID.includes(key) && said === false;
  const entries = Object.entries(value).filter((entry) => !isUnset(entry));
  return Object.fromEntries(entries.map(([key, said]) => [key, withoutAlwaysSaid(said)]));
}

/** What this server says has to be what Discord would. */
function checkAnswer(
  { on, answer: names, isAnswerList }: Route,
  { status, body }: ProtocolAnswer,
  fault: (text: string) => void,
): void {
  if (names === undefined || status !== 200) return;
  const items = isAnswerList === true ? (body as unknown[]) : [body];
  const schemas = [names].flat() as SchemaName[];
  for (const item of items) {
    // What would be written: undefined is no value of JSON.
    const written: unknown = JSON.parse(JSON.stringify(item));
    const each = schemas.map((name) => problemsOf(closedSchema(name), written));
    const [best = []] = [...each].sort((one, other) => one.length - other.length);
    for (const problem of best) fault(`answer to ${on}: ${problem}`);
  }
}
