// What the page asks of the server. A request that got no answer is sent again under the same key: it counts once.

import type {
  WireAnswer,
  WireDeskAnswer,
  WireLineage,
  WirePage,
  WireProblem,
  WireSession,
  WireSettings,
  WireSuggestion,
  WireVocabulary,
} from '../wire.ts';

export type FormValues = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** The server said no, in words for the reader. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const TRIES = 6;
const FIRST_WAIT_MS = 400;

async function call<Answer>(method: string, path: string, body?: unknown, tries = 1): Promise<Answer> {
  for (let tried = 1; ; tried += 1) {
    try {
      const response = await fetch(path, {
        method,
        ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      if (response.ok) return await response.json();
      const problem = await response.json().catch(() => null);
      throw new Refusal(response.status, wordsOf(problem) ?? 'Easel did not answer. Try again.');
    } catch (thrown) {
      const mayHelp = !(thrown instanceof Refusal) || thrown.status === 503;
      if (!mayHelp || tried >= tries) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS * 2 ** (tried - 1)));
    }
  }
}

function wordsOf(problem: unknown): string | null {
  return isProblem(problem) ? problem.error.message : null;
}

function isProblem(value: unknown): value is WireProblem {
  return typeof value === 'object' && value !== null && 'error' in value;
}

const before = (id: string | null, limit: number): string =>
  `?limit=${limit}${id === null ? '' : `&before=${encodeURIComponent(id)}`}`;

export const api = {
  session: () => call<WireSession>('GET', '/api/session', undefined, TRIES),
  signIn: (given: { token: string } | { invite: string }) => call<WireSession>('POST', '/api/session', given),
  rename: (name: string) => call<WireSession>('PATCH', '/api/session', { name }),
  signOut: () => call<object>('DELETE', '/api/session'),
  messages: (oldest: string | null, limit = 40) => call<WirePage>('GET', `/api/messages${before(oldest, limit)}`),
  gallery: (oldest: string | null, limit = 60) => call<WirePage>('GET', `/api/gallery${before(oldest, limit)}`),
  lineage: (id: string) => call<WireLineage>('GET', `/api/messages/${id}/lineage`),
  vocabulary: () => call<WireVocabulary>('GET', '/api/vocabulary'),
  desk: (text: string) => call<WireDeskAnswer>('POST', '/api/desk', { text }),
  deskPress: (id: string) => call<WireDeskAnswer>('POST', '/api/desk/press', { id }),
  deskForm: (id: string) => call<WireDeskAnswer>('POST', '/api/desk/form', { id }),
  deskSubmit: (id: string, values: FormValues) => call<WireDeskAnswer>('POST', '/api/desk/submit', { id, values }),
  suggest: (text: string) =>
    call<readonly WireSuggestion[]>('GET', `/api/desk/suggest?text=${encodeURIComponent(text)}`),
  settings: () => call<WireSettings>('GET', '/api/settings'),
  saveSettings: (change: Partial<WireSettings>) => call<WireSettings>('PATCH', '/api/settings', change),
  submit: (text: string, requestKey: string, confirmed: boolean) =>
    call<WireAnswer>('POST', '/api/messages', { text, requestKey, confirmed }, TRIES),
  press: (id: string, requestKey: string, form?: { text: string; confirmed: boolean }) =>
    call<WireAnswer>('POST', '/api/controls', { id, requestKey, ...form }, TRIES),
  react: (id: string, emoji: string, isOn: boolean) =>
    call<WireAnswer>(isOn ? 'PUT' : 'DELETE', `/api/messages/${id}/reactions`, { emoji }),
};
