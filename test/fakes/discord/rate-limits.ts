/** How often a bot may ask: each route of each channel by itself, all of them together, and mistakes above all. */
import { createHash } from 'node:crypto';
import type { ProtocolClock } from '../protocol/clock.ts';
import { matchesPath } from '../protocol/faults.ts';
import type { ProtocolAnswer, ProtocolRequest } from '../protocol/request.ts';

export type RouteLimit = { limit: number; perMs: number };

export type RateLimitOptions = {
  /** By method and path; the first that fits counts. */
  routes: Readonly<Record<string, RouteLimit>>;
  globalPerSecond: number;
  /** 401, 403 and 429 within ten minutes before the address is banned. */
  invalidMax: number;
};

/** Measured on the real thing by many, and promised by nobody: a bot has to read the headers. */
export const DISCORD_RATE_LIMITS: RateLimitOptions = {
  routes: {
    'POST /channels/:id/messages': { limit: 5, perMs: 5_000 },
    'PATCH /channels/:id/messages/:id': { limit: 5, perMs: 5_000 },
    'DELETE /channels/:id/messages/:id': { limit: 5, perMs: 1_000 },
    'PUT /channels/:id/messages/:id/reactions/:emoji/@me': { limit: 1, perMs: 250 },
    'POST /webhooks/:id/:token': { limit: 5, perMs: 2_000 },
    'PATCH /webhooks/:id/:token/messages/:id': { limit: 5, perMs: 2_000 },
  },
  globalPerSecond: 50,
  invalidMax: 10_000,
};

const ELSEWHERE: RouteLimit = { limit: 50, perMs: 1_000 };
const INVALID_PER_MS = 600_000;

export type RateLimits = {
  readonly invalidRequests: number;
  /** Counts the request. @returns the refusal, if it was one too many */
  admit(request: ProtocolRequest, route: string): ProtocolAnswer | null;
  /** Adds the headers that tell how many are left, and counts what was invalid. */
  finish(request: ProtocolRequest, route: string, answer: ProtocolAnswer): ProtocolAnswer;
  refuse(scope: 'user' | 'global' | 'shared', retryAfterMs: number): ProtocolAnswer;
};

export function createRateLimits(
  clock: ProtocolClock,
  options: RateLimitOptions,
  violation: (text: string) => void,
): RateLimits {
  const buckets = new Map<string, { left: number; resetsAtMs: number }>();
  let second = { startMs: 0, count: 0 };
  let invalid: number[] = [];

  const limitOf = (route: string) =>
    Object.entries(options.routes).find(([key]) => {
      const [method, path = ''] = key.split(' ');
      const [ownMethod, ownPath = ''] = route.split(' ');
      return method === ownMethod && matchesPath(path, ownPath) && ownPath.split('/').length === path.split('/').length;
    })?.[1] ?? ELSEWHERE;
  const bucketOf = (request: ProtocolRequest, route: string) => {
    const { limit, perMs } = limitOf(route);
    const nowMs = clock.nowMs();
    const key = `${route} ${majorOf(request.path)}`;
    let bucket = buckets.get(key);
    if (bucket === undefined || bucket.resetsAtMs <= nowMs) bucket = { left: limit, resetsAtMs: nowMs + perMs };
    buckets.set(key, bucket);
    return { bucket, limit, nowMs };
  };
  const isInvalid = ({ status, headers }: ProtocolAnswer) =>
    status === 401 || status === 403 || (status === 429 && headers?.['x-ratelimit-scope'] !== 'shared');

  const limits: RateLimits = {
    get invalidRequests() {
      invalid = invalid.filter((atMs) => clock.nowMs() - atMs < INVALID_PER_MS);
      return invalid.length;
    },
    admit(request, route) {
      const { bucket, nowMs } = bucketOf(request, route);
      if (limits.invalidRequests >= options.invalidMax) {
        violation('over the limit of invalid requests: the address is banned');
        return {
          status: 429,
          body: 'error code: 1015',
          headers: { 'retry-after': '600', 'content-type': 'text/plain' },
        };
      }
      if (!/\/(?:interactions|webhooks)\//u.test(request.path)) {
        if (nowMs - second.startMs >= 1_000) second = { startMs: nowMs, count: 0 };
        second.count += 1;
        if (second.count > options.globalPerSecond) return limits.refuse('global', second.startMs + 1_000 - nowMs);
      }
      if (bucket.left === 0) return limits.refuse('user', bucket.resetsAtMs - nowMs);
      bucket.left -= 1;
      return null;
    },
    finish(request, route, answer) {
      if (isInvalid(answer)) invalid.push(clock.nowMs());
      const { bucket, limit, nowMs } = bucketOf(request, route);
      const headers = {
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(bucket.left),
        'x-ratelimit-reset': String(bucket.resetsAtMs / 1_000),
        'x-ratelimit-reset-after': String(Math.max(0, bucket.resetsAtMs - nowMs) / 1_000),
        'x-ratelimit-bucket': createHash('sha256').update(route).digest('hex').slice(0, 32),
      };
      return { ...answer, headers: { ...headers, ...answer.headers } };
    },
    refuse(scope, retryAfterMs) {
      const seconds = Math.max(1, retryAfterMs) / 1_000;
      return {
        status: 429,
        body: { message: 'You are being rate limited.', retry_after: seconds, global: scope === 'global', code: 0 },
        headers: {
          'retry-after': String(seconds),
          'x-ratelimit-scope': scope,
          ...(scope === 'global' ? { 'x-ratelimit-global': 'true' } : {}),
        },
      };
    },
  };
  return limits;
}

/** Each channel, server and token has limits of its own. */
function majorOf(path: string): string {
  return /\/(?:channels|guilds|webhooks)\/(\d+(?:\/[^/]{30,})?)/u.exec(path)?.[1] ?? '';
}
