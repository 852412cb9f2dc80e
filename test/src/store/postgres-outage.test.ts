import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openPostgresStore, type PostgresOptions } from '../../../src/store/postgres/postgres-store.ts';
import type { OpenedStore } from '../../../src/store/store.ts';
import { drawnSlot, NOW_MS, newGeneration, newRequest } from '../../contracts/store.ts';
import { createPostgresDatabase, type PostgresDatabase, whyNoPostgres } from '../../fakes/postgres-database.ts';
import { startTcpProxy, type TcpProxy } from '../../fakes/tcp-proxy.ts';

const reason = await whyNoPostgres();

describe.skipIf(reason !== null)(`a PostgreSQL that goes away${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let database: PostgresDatabase;
  let proxy: TcpProxy;
  let store: OpenedStore;

  beforeAll(async () => {
    database = await createPostgresDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    proxy = await startTcpProxy(5432);
  });
  afterEach(async () => {
    await store.close();
    await proxy.close();
  });

  async function open(options: Partial<PostgresOptions> = {}): Promise<OpenedStore> {
    const url = new URL(database.url);
    url.port = String(proxy.port);
    store = await openPostgresStore({ connectionString: url.href, ...options });
    return store;
  }

  test('calls made while it is away are done when it comes back', async () => {
    await open({ personPatienceMs: 30_000 });
    await store.accept(newRequest('before'));
    await proxy.cut();
    const waiting = [
      store.accept(newRequest('while away')),
      store.jobs.snapshot(),
      store.people.saveSettings({ platform: 'web', user: 'ada' }, { style: 'noto' }),
    ];
    setTimeout(() => void proxy.restore(), 1_000);
    const [accepted] = await Promise.all(waiting);
    expect(accepted).toMatchObject({ created: true });
    expect((await store.accept(newRequest('after'))).created).toBe(true);
  });

  test('a call that runs out of patience says that it may be tried again, and nothing is left of it', async () => {
    await open({ personPatienceMs: 100 });
    await proxy.cut();
    const request = newRequest('web');
    await expect(store.accept(request)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    await proxy.restore();
    await expect
      .poll(() => store.accept(request).catch(() => null), { timeout: 10_000 })
      .toMatchObject({ created: true });
  });

  test('an answer that is lost after the commit is found by the repeated call', async () => {
    await open({ personPatienceMs: 10_000 });
    const request = newRequest('web', { generations: [newGeneration({ pictures: 1, chargedPictures: 1 })] });
    const slot = { generationId: request.generations[0]?.id ?? '', pictureIndex: 0 };

    proxy.loseAnswerTo('jsonb_to_recordset');
    // The rows are there though nobody heard of it: the repeated call meets them.
    expect(await store.accept(request)).toMatchObject({
      created: false,
      generations: [{ id: slot.generationId, status: 'queued' }],
    });
    expect(proxy.lostAnswers).toBe(1);
    expect((await store.jobs.snapshot()).filter(({ generationId }) => generationId === slot.generationId)).toHaveLength(
      1,
    );

    proxy.loseAnswerTo('commit');
    expect(await store.jobs.begin([slot], randomUUID(), NOW_MS)).toEqual([slot]);
    proxy.loseAnswerTo('commit');
    expect(await store.jobs.drawn(drawnSlot(slot))).toMatchObject({ status: 'drawn', pictures: [{ attempts: 1 }] });
    proxy.loseAnswerTo('commit');
    expect(await store.outbox.told(slot.generationId, 'drawing', 'message', NOW_MS)).toBe(true);
    expect((await store.generations.get(slot.generationId))?.charge).toMatchObject({ state: 'settled', pictures: 1 });
    expect(proxy.lostAnswers).toBe(4);
  });

  test('connections that die at any point are not lost to the pool', async () => {
    await open({ personPatienceMs: 10_000, poolSize: 2 });
    const texts = ['begin', 'insert', 'begin', 'commit', 'begin', 'update'];
    for (const [index, text] of texts.entries()) {
      proxy.loseAnswerTo(text);
      await store.people.saveSettings({ platform: 'web', user: 'bob' }, { [text]: index });
      expect(proxy.lostAnswers).toBe(index + 1);
    }
    expect(await store.people.settings({ platform: 'web', user: 'bob' })).toEqual({
      insert: 1,
      commit: 3,
      begin: 4,
      update: 5,
    });
    expect((await store.accept(newRequest('web'))).created).toBe(true);
  });

  test('a second Easel on the database is refused while the first one works', async () => {
    await open();
    await expect(openPostgresStore({ connectionString: database.url })).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    await store.close();
    await open();
    expect((await store.describe()).backEnd).toBe('postgresql');
  });

  test('an Easel whose database was taken by another while it was away stops writing', async () => {
    await open();
    await proxy.cut();
    const other = await openPostgresStore({ connectionString: database.url });
    await proxy.restore();
    await expect
      .poll(
        () =>
          store.jobs.snapshot().then(
            () => 'answered',
            (error: { code: string }) => error.code,
          ),
        { timeout: 15_000 },
      )
      .toBe('STORE_LOCKED');
    await other.close();
    await expect
      .poll(
        () =>
          store.jobs.snapshot().then(
            () => 'answered',
            (error: { code: string }) => error.code,
          ),
        { timeout: 15_000 },
      )
      .toBe('answered');
  }, 60_000);

  test('closing does not wait for a database that is away', async () => {
    await open();
    await proxy.cut();
    const waiting = store.jobs.snapshot();
    const closed = store.close();
    await expect(waiting).rejects.toMatchObject({ area: 'STORE' });
    await closed;
  });

  test('a database of a newer version is refused', async () => {
    await open();
    await database.query('INSERT INTO easel_schema (version) VALUES (99)');
    await store.close();
    await expect(openPostgresStore({ connectionString: database.url })).rejects.toMatchObject({ code: 'STORE_NEWER' });
    await database.query('DELETE FROM easel_schema WHERE version = 99');
  });
});

describe('a PostgreSQL that cannot be used', () => {
  test('nothing answers at the address', async () => {
    const proxy = await startTcpProxy(5432);
    await proxy.close();
    const opening = openPostgresStore({
      connectionString: `postgres://easel@127.0.0.1:${proxy.port}/easel`,
      personPatienceMs: 100,
    });
    await expect(opening).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', audience: 'operator' });
  });

  test.skipIf(reason !== null)('the database does not exist', async () => {
    const opening = openPostgresStore({ connectionString: 'postgres://postgres@127.0.0.1:5432/easel_never_made' });
    await expect(opening).rejects.toMatchObject({ code: 'STORE_FAILED', details: { sqlState: '3D000' } });
  });
});
