// The HTTP server: what every request meets before its route, the page's files, and how failures are told.

import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { ZodError } from 'zod';
import { AppError, type Easel, ERRORS, type ErrorCode, refusedView, toAppError } from '../../src/index.ts';
import { ADMIN_PAGES } from './admin/pages.ts';
import { localeOfHeader } from './answers.ts';
import { type Asset, readAssets } from './assets.ts';
import { createGuard, type Guard } from './guard.ts';
import { addMounts, type Mount } from './mounts.ts';
import type { WireProblem } from './wire.ts';

export type ServerSetting = {
  readonly host: string;
  readonly publicUrl: string | null;
  /** Paths that others answer. */
  readonly mounts?: readonly Mount[];
};

/** A prompt has at most a thousand characters; what is far beyond is not read. */
export const BODY_BYTES_MAX = 64 * 1024;
const HASHED_FOR_S = 31_536_000;

export type WebServer = { readonly app: FastifyInstance; readonly guard: Guard };

/** @throws {AppError} `ADAPTER_UNAVAILABLE` when the page was not built */
export async function createServer(setting: ServerSetting, easel: Pick<Easel, 'status' | 'log'>): Promise<WebServer> {
  const assets = readAssets();
  const mounts = setting.mounts ?? [];
  const isMounted = (url: string): boolean => mounts.some(({ path }) => url === path);
  const guard = createGuard(setting);
  const app = Fastify({ bodyLimit: BODY_BYTES_MAX, forceCloseConnections: true, logger: false });
  // Only JSON is read: a form of another page cannot send it without being asked about.
  app.removeContentTypeParser('text/plain');
  await app.register(cookie);
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Only who put a certificate in front of it can promise that.
    strictTransportSecurity: setting.publicUrl?.startsWith('https:') === true,
    referrerPolicy: { policy: 'same-origin' },
  });

  app.addHook('onRequest', async (request) => {
    if (request.url === '/healthz' || isMounted(request.url)) return;
    const { host, origin, 'sec-fetch-site': site } = request.headers;
    const refusal = guard.hostRefusal(host);
    if (refusal !== null) throw new Refused(421, refusal);
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    // A link from elsewhere may open the page; nothing else may come from elsewhere.
    if (!changes && !request.url.startsWith('/api/')) return;
    const otherOrigin = guard.originRefusal({ host, origin, site: typeof site === 'string' ? site : undefined });
    if (otherOrigin !== null) throw new Refused(403, otherOrigin);
  });

  app.setErrorHandler((thrown: unknown, request, reply) => {
    const problem = toProblem(thrown, request);
    if (problem.status >= 500)
      easel.log.error('web request failed', thrown, { route: request.routeOptions.url ?? null });
    return reply.code(problem.status).send(problem.body);
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(problemOf('JOB_NOT_FOUND', 'There is nothing here.')),
  );

  await addMounts(app, mounts);
  app.get('/healthz', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    return { status: 'ok', ...easel.status() };
  });
  for (const path of ['/', '/gallery', '/invite/:secret']) {
    app.get(path, (request, reply) => sendAsset(request, reply, assets.index, 'no-cache'));
  }
  for (const path of ADMIN_PAGES) {
    app.get(path, (request, reply) => sendAsset(request, reply, assets.admin, 'no-cache'));
  }
  app.get<{ Params: { name: string } }>('/assets/:name', (request, reply) => {
    const asset = assets.files.get(request.params.name);
    if (asset === undefined) return reply.callNotFound();
    return sendAsset(request, reply, asset, `public, max-age=${HASHED_FOR_S}, immutable`);
  });
  return { app, guard };
}

/** Refused before any route, with words for who reads it. */
export class Refused extends Error {
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

function sendAsset(request: FastifyRequest, reply: FastifyReply, asset: Asset, cacheControl: string): FastifyReply {
  const takesBrotli = /\bbr\b/u.test(request.headers['accept-encoding'] ?? '');
  reply.headers({ 'content-type': asset.type, 'cache-control': cacheControl, vary: 'accept-encoding' });
  if (takesBrotli) reply.header('content-encoding', 'br');
  return reply.send(takesBrotli ? asset.brotli : asset.plain);
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  JOB_NOT_FOUND: 404,
  JOB_NOT_YOURS: 403,
  JOB_CLOSING: 503,
  STORE_UNAVAILABLE: 503,
};

function toProblem(thrown: unknown, request: FastifyRequest): { status: number; body: WireProblem } {
  if (thrown instanceof Refused) {
    return { status: thrown.statusCode, body: problemOf('INPUT_USAGE', thrown.message) };
  }
  const status = typeof thrown === 'object' && thrown !== null && 'statusCode' in thrown ? thrown.statusCode : null;
  if (status === 413) {
    return { status, body: problemOf('INPUT_PROMPT_TOO_LONG', 'This is far too long to be a prompt. Shorten it.') };
  }
  if (status === 415) return { status, body: problemOf('INPUT_USAGE', 'Only JSON is read here.') };
  const isWrong = thrown instanceof ZodError;
  if (isWrong || (typeof status === 'number' && status >= 400 && status < 500)) {
    return {
      status: typeof status === 'number' ? status : 400,
      body: problemOf('INPUT_USAGE', 'This request was not understood. Load the page again.'),
    };
  }
  const error = toAppError(thrown);
  const isRefusal = ERRORS[error.code].audience === 'user';
  const [line = ''] = refusedView(error, localeOfHeader(request.headers['accept-language'])).lines;
  return { status: STATUS[error.code] ?? (isRefusal ? 400 : 500), body: problemOf(error.code, line) };
}

function problemOf(code: ErrorCode, message: string): WireProblem {
  return { error: { code, message } };
}

/** Whom other machines could reach without a sign-in. @throws {AppError} `CONFIG_INVALID` */
export function checkExposure(setting: ServerSetting & { readonly hostToken: string | null }): void {
  if (!createGuard(setting).isExposed || setting.hostToken !== null) return;
  const why = setting.publicUrl === null ? `EASEL_HOST is ${setting.host}` : 'EASEL_PUBLIC_URL is set';
  throw new AppError(
    'CONFIG_INVALID',
    `${why}, so people on other machines could draw here without a sign-in. Set EASEL_HOST_TOKEN (16 characters or more) to sign in with, or leave the page on this machine only (EASEL_HOST=127.0.0.1, no EASEL_PUBLIC_URL).`,
  );
}
