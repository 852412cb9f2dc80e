/** The Web API: who calls, how often, with what; and then the method. */
import type { ProtocolAnswer, ProtocolRequest } from '../protocol/request.ts';
import { readArgs } from './contract/check-body.ts';
import { METHODS } from './methods/index.ts';
import type { Method, MethodContext } from './methods/method.ts';
import { SlackRefusal } from './refusal.ts';
import type { Tiers } from './tiers.ts';
import type { World } from './world.ts';

/** A call as a test reads it. */
export type ApiCall = {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** `ok`, or the code that it was refused with. */
  readonly outcome: string;
  readonly atMs: number;
};

export type WebApi = {
  handle(request: ProtocolRequest): ProtocolAnswer;
  /** In the order they were answered. */
  readonly calls: readonly ApiCall[];
};

export function createWebApi(context: MethodContext, tiers: Tiers, violation: (text: string) => void): WebApi {
  const { world } = context;
  const calls: ApiCall[] = [];

  function handle(request: ProtocolRequest): ProtocolAnswer {
    const name = request.path.split('/').at(-1) ?? '';
    let args: Readonly<Record<string, unknown>> = { ...request.fields };
    const end = (outcome: string, answer: ProtocolAnswer): ProtocolAnswer => {
      calls.push({ name, args, outcome, atMs: world.clock.nowMs() });
      return answer;
    };
    try {
      const method = METHODS[name];
      if (method === undefined) throw new SlackRefusal('unknown_method', { req_method: name }, true);
      checkToken(world, method, request);
      args = readArgs(method.body, request);
      checkScope(world, method, args);
      const channel = args['channel'];
      const waitS = tiers.take(name, method, typeof channel === 'string' ? channel : undefined);
      if (waitS !== null) return end('ratelimited', rateLimited(waitS));
      return end('ok', ok({ ok: true, ...method.run(args as never, context) }, world));
    } catch (error) {
      if (!(error instanceof SlackRefusal)) throw error;
      if (error.isViolation) violation(`${name}: ${error.code} ${JSON.stringify(error.extra['errors'] ?? args)}`);
      return end(error.code, ok({ ok: false, error: error.code, ...error.extra }, world));
    }
  }
  return { handle, calls };
}

export function rateLimited(retryAfterS: number): ProtocolAnswer {
  return { status: 429, headers: { 'retry-after': String(retryAfterS) }, body: { ok: false, error: 'ratelimited' } };
}

function ok(body: Record<string, unknown>, { app }: World): ProtocolAnswer {
  return { status: 200, headers: { 'x-oauth-scopes': [...app.scopes].join(',') }, body };
}

function checkToken({ app }: World, { scopes }: Method, { headers, fields, json }: ProtocolRequest): void {
  const { token: inBody } = { ...fields, ...(json as object) } as { token?: string };
  const token = headers.authorization?.replace(/^Bearer /u, '') ?? inBody;
  if (token === undefined || token === '') throw new SlackRefusal('not_authed', {}, true);
  if (token === app.appToken) {
    if (scopes !== 'app') throw new SlackRefusal('not_allowed_token_type', {}, true);
    if (!app.isSocketMode) throw new SlackRefusal('missing_scope', { needed: 'connections:write', provided: '' });
    return;
  }
  if (token !== app.botToken) throw new SlackRefusal('invalid_auth');
  if (app.state === 'revoked') throw new SlackRefusal('token_revoked');
  if (app.state === 'inactive') throw new SlackRefusal('account_inactive');
  if (scopes === 'app') throw new SlackRefusal('not_allowed_token_type', {}, true);
}

function checkScope(world: World, { scopes }: Method, args: unknown): void {
  if (scopes === 'app') return;
  const needed = typeof scopes === 'function' ? scopes(args, world) : scopes;
  if (needed.length === 0 || needed.some((scope) => world.app.scopes.has(scope))) return;
  throw new SlackRefusal('missing_scope', { needed: needed.join(','), provided: [...world.app.scopes].join(',') });
}
