// What the admin page asks of the server, always for the place that is looked at.

import type {
  WireAudits,
  WireItems,
  WireLimitPreview,
  WireLimits,
  WireLive,
  WireMe,
  WireSignIn,
  WireTree,
  WireUsage,
  WireWhy,
} from '../../admin/wire.ts';
import { here } from './state.ts';

/** The server said no, in words for the reader. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Query = Readonly<Record<string, string | number | null | undefined>>;

export function address(path: string, query: Query = {}): string {
  const place = here.peek();
  const all = { ...(place === null ? {} : { platform: place.platform, tenant: place.tenant }), ...query };
  const given = Object.entries(all).filter(([, value]) => value !== null && value !== undefined && value !== '');
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return `/api/admin/${path}${text === '' ? '' : `?${text}`}`;
}

async function call<Answer>(method: string, path: string, query?: Query, body?: unknown): Promise<Answer> {
  const response = await fetch(address(path, query), {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (response.ok) return response.json();
  const problem: unknown = await response.json().catch(() => null);
  throw new Refusal(response.status, wordsOf(problem) ?? 'Easel did not answer. Try again.');
}

function wordsOf(problem: unknown): string | null {
  if (typeof problem !== 'object' || problem === null || !('error' in problem)) return null;
  const { error } = problem;
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : null;
}

export type LimitAction = { readonly do: string; readonly [name: string]: unknown };

export const api = {
  me: () => call<WireMe>('GET', 'session'),
  enter: (given: { token: string } | { link: string } | { web: true }) => call<object>('POST', 'session', {}, given),
  leave: () => call<object>('DELETE', 'session'),
  sessions: () => call<readonly WireSignIn[]>('GET', 'sessions'),
  endSession: (id: string) => call<object>('DELETE', `sessions/${id}`),
  live: () => call<WireLive>('GET', 'live'),
  cancel: (id: string) => call<object>('POST', `jobs/${id}/cancel`, {}, {}),
  limits: () => call<WireLimits>('GET', 'limits'),
  act: (action: LimitAction) => call<{ id: string }>('POST', 'limits', {}, action),
  preview: (draft: unknown) => call<WireLimitPreview>('POST', 'limits/preview', {}, draft),
  why: (user: string) => call<WireWhy>('GET', 'why', { user }),
  importYaml: (text: string, dryRun: boolean) =>
    call<{ changes: number; applied: boolean }>('POST', 'limits.yaml', {}, { text, dryRun }),
  usage: (days: number) => call<WireUsage>('GET', 'usage', { days }),
  gallery: (query: Query) => call<WireItems>('GET', 'gallery', query),
  tree: (id: string) => call<WireTree>('GET', `gallery/${id}`),
  keep: (id: string, kept: boolean) => call<object>('POST', `gallery/${id}/keep`, {}, { kept }),
  remove: (id: string) => call<object>('DELETE', `gallery/${id}`),
  audit: (query: Query) => call<WireAudits>('GET', 'audit', query),
};
