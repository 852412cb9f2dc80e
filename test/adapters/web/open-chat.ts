/** The web chat in this process, over a fake worker: for what needs no browser. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWebAdapter, type WebAdapter } from '../../../adapters/web/web-adapter.ts';
import { readConfig } from '../../../src/config.ts';
import { loadCatalog } from '../../../src/models/catalog.ts';
import { createLog } from '../../../src/ops/log.ts';
import { createEasel, type Easel } from '../../../src/studio/create-easel.ts';
import { FIXTURES_DIR } from '../../fakes/easel-process.ts';
import { createFakeSupervisor, type FakeSupervisor } from '../../fakes/fake-supervisor.ts';

export type Chat = {
  readonly address: string;
  readonly dataDir: string;
  readonly easel: Easel;
  readonly worker: FakeSupervisor;
  readonly web: WebAdapter;
  /** A new browser: a function that asks with its cookie. */
  enter(): Promise<Visitor>;
  close(): Promise<void>;
};

export type Visitor = {
  readonly cookie: string;
  readonly id: string;
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** `/imagine` with this, and the answer. */
  imagine(text: string): Promise<{ kind: string; ids?: string[] }>;
};

export async function openChat(environment: Record<string, string> = {}): Promise<Chat> {
  const dataDir = await mkdtemp(join(tmpdir(), 'easel-chat-'));
  const catalog = await loadCatalog(FIXTURES_DIR);
  const { name, hash } = await catalog.resolve(catalog.defaultName);
  const worker = createFakeSupervisor({ name, hash });
  const config = readConfig({ EASEL_DATA_DIR: dataDir, EASEL_PORT: '0', ...environment });
  const log = createLog({ level: 'silent' });
  const easel = await createEasel(config, { modelsDir: FIXTURES_DIR, supervisor: worker, log });
  const web = await createWebAdapter(config, easel, { modelsDir: FIXTURES_DIR });
  await easel.connect(web);
  const address = web.address.replace('0.0.0.0', '127.0.0.1');
  return {
    ...{ address, dataDir, easel, worker, web },
    enter: () => enter(address, (headers) => fetch(`${address}/api/session`, { headers })),
    async close() {
      await easel.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** @param knock how this visitor gets in: its answer sets the cookie */
export async function enter(
  address: string,
  knock: (headers: Record<string, string>) => Promise<Response>,
): Promise<Visitor> {
  const answer = await knock({});
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const { me } = (await answer.json()) as { me: { id: string } };
  const ask: Visitor['ask'] = (method, path, body, headers = {}) =>
    fetch(`${address}${path}`, {
      method,
      headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  return {
    cookie,
    id: me.id,
    ask,
    async imagine(text) {
      const response = await ask('POST', '/api/messages', { text, requestKey: crypto.randomUUID() });
      return (await response.json()) as { kind: string; ids?: string[] };
    },
  };
}

/** Reads server-sent events until enough of them fit. */
export async function readEvents(
  visitor: Visitor,
  isEnough: (events: readonly SentEvent[]) => boolean,
  lastEventId?: string,
): Promise<readonly SentEvent[]> {
  const stop = new AbortController();
  const headers: Record<string, string> = { cookie: visitor.cookie };
  if (lastEventId !== undefined) headers['last-event-id'] = lastEventId;
  const response = await visitor.ask('GET', '/api/events', undefined, headers);
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  const events: SentEvent[] = [];
  let text = '';
  while (reader !== undefined && !isEnough(events)) {
    const { value, done } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'mu').exec(block)?.[1] ?? '';
      events.push({ id: field('id'), name: field('event'), data: JSON.parse(field('data') || 'null') });
    }
  }
  stop.abort();
  await reader?.cancel();
  return events;
}

export type SentEvent = { id: string; name: string; data: unknown };
