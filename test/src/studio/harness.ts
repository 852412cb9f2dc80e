/** An Easel with a real database and real files, a fake worker and a scripted platform. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { loadCatalog } from '../../../src/models/catalog.ts';
import { createLog } from '../../../src/ops/log.ts';
import { openPgliteStore } from '../../../src/store/pglite/pglite-store.ts';
import type { Generation } from '../../../src/store/records.ts';
import { createEasel, type Easel, type EaselOptions } from '../../../src/studio/create-easel.ts';
import type { Asking, Outcome } from '../../../src/studio/studio.ts';
import { createFakeSupervisor, type FakeSupervisor } from '../../fakes/fake-supervisor.ts';
import { createScriptedPlatform, type ScriptedPlatform } from '../../fakes/scripted-platform.ts';

export const MODELS_DIR = fileURLToPath(new URL('../../fixtures', import.meta.url));

/** Making a database costs more than a test: each one starts from a copy of an empty one. */
let emptyDatabase: Promise<string> | null = null;
async function makeEmptyDatabase(): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'easel-empty-')), 'db');
  await (await openPgliteStore(folder)).close();
  return folder;
}

export type TestEasel = {
  easel: Easel;
  worker: FakeSupervisor;
  chat: ScriptedPlatform;
  logged: string[];
  dataDir: string;
  closed: string[];
  /** Closes and opens again on the same folder, as a restart does; the platform keeps its messages. */
  restart(): Promise<void>;
  dispose(): Promise<void>;
};

export async function openTestEasel(
  options: EaselOptions & { slots?: number; databaseUrl?: string; chat?: ScriptedPlatform } = {},
): Promise<TestEasel> {
  const dataDir = await mkdtemp(join(tmpdir(), 'easel-studio-'));
  const { hash, name } = await (await loadCatalog(MODELS_DIR)).resolve((await loadCatalog(MODELS_DIR)).defaultName);
  if (options.databaseUrl === undefined) {
    emptyDatabase ??= makeEmptyDatabase();
    await cp(await emptyDatabase, join(dataDir, 'db'), { recursive: true });
  }
  const environment = { EASEL_DATA_DIR: dataDir, DATABASE_URL: options.databaseUrl };
  const logged: string[] = [];
  const chat = options.chat ?? createScriptedPlatform('chat');
  const opened = { chat, logged, dataDir, closed: [] as string[] } as unknown as TestEasel;

  async function open(): Promise<void> {
    opened.worker = createFakeSupervisor({ name, hash }, options.slots ?? 2);
    opened.easel = await createEasel(readConfig(environment), {
      modelsDir: MODELS_DIR,
      supervisor: opened.worker,
      log: createLog({ level: 'debug', destination: { write: (line) => void logged.push(line) } }),
      // Tests are faster than any hand.
      flood: null,
      onClosing: (step) => void opened.closed.push(step),
      ...options,
    });
    await opened.easel.connect(chat);
  }
  opened.restart = async () => {
    await opened.easel.close();
    await open();
  };
  opened.dispose = async () => {
    await opened.easel.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  await open();
  return opened;
}

let lastKey = 0;
export function asking(user = 'ada', more: Partial<Asking['scope']> = {}): Asking {
  const scope = { platform: 'chat', tenant: 'team', channel: 'general', user, roles: [], ...more };
  return { scope, requestKey: `key-${++lastKey}`, target: {} };
}

/** A guard, not a claim about speed: a machine may be very busy. */
const WAIT_MS = 60_000;

/** Polls for longer than the default: a machine may be busy. */
export const eventually = <T>(read: () => T) => expect.poll(read, { timeout: WAIT_MS });

export function accepted(outcome: Outcome): Generation {
  const generation = outcome.kind === 'accepted' ? outcome.generations[0] : undefined;
  if (generation === undefined) throw new Error(`not accepted: ${JSON.stringify(outcome)}`);
  return generation;
}

/** Waits for an event of this generation; fails when it does not come. */
export function until(easel: Easel, kind: 'delivered' | 'finished' | 'started', generationId: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${kind} of ${generationId}`)), WAIT_MS);
    const stop = easel.events.subscribe((event) => {
      const id = event.kind === 'finished' ? event.generation.id : 'generationId' in event ? event.generationId : null;
      if (event.kind !== kind || id !== generationId) return;
      clearTimeout(timer);
      stop();
      resolve();
    });
  });
}

/** Submits and waits for its message to show the end. */
export async function drawn({ easel }: TestEasel, work: () => Promise<Outcome>): Promise<Generation> {
  const delivered = new Set<string>();
  let wake = () => {};
  const stop = easel.events.subscribe((event) => {
    if (event.kind === 'delivered') delivered.add(event.generationId);
    wake();
  });
  try {
    const { id } = accepted(await work());
    const untilMs = Date.now() + WAIT_MS;
    const timer = setInterval(() => wake(), 500);
    while (!delivered.has(id) && Date.now() < untilMs) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    clearInterval(timer);
    if (!delivered.has(id)) throw new Error(`${id} was not delivered`);
    const generation = await easel.store.generations.get(id);
    if (generation === null) throw new Error(`${id} is gone`);
    return generation;
  } finally {
    stop();
  }
}
