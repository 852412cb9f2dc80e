/**
 * What every `Store` does, run against each back end through its real database.
 *
 * One database serves the whole suite: each test has a platform of its own, so that other people's rows are always around.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newGenerationId } from '../../src/store/generation-id.ts';
import type { DrawnSlot, Generation, NewGeneration, NewRequest, OutboxItem, SlotKey } from '../../src/store/records.ts';
import type { OpenedStore } from '../../src/store/store.ts';
import { claimsContract } from './store-claims.ts';
import { reactionsContract } from './store-reactions.ts';
import { signInsContract } from './store-sign-ins.ts';

export type StoreHarness = {
  /** Opens the database of this suite: an empty one the first time, the same one again after `close`. */
  open(): Promise<OpenedStore>;
  /** Takes the database away for good. */
  dispose(): Promise<void>;
};

export const NOW_MS = Date.UTC(2026, 0, 15, 12);
const ALL = 100_000;

export function newGeneration(change: Partial<NewGeneration> = {}): NewGeneration {
  return {
    id: newGenerationId(NOW_MS),
    kind: 'imagine',
    parentId: null,
    parentPictureIndex: null,
    prompt: 'a red fox under a rainbow',
    options: { style: 'noto', count: 4 },
    seed: 4_294_967_295,
    model: 'easel-nano',
    modelHash: 'c0ffee',
    pictures: 4,
    chargedPictures: 4,
    ...change,
  };
}

export function newRequest(platform: string, change: Partial<NewRequest> = {}): NewRequest {
  return {
    requestKey: randomUUID(),
    scope: { platform, tenant: 'server', channel: 'drawing', user: 'ada', roles: ['artist'] },
    private: false,
    target: { locale: 'en' },
    acceptedAtMs: NOW_MS,
    generations: [newGeneration()],
    ...change,
  };
}

export function drawnSlot(slot: SlotKey, change: Partial<DrawnSlot> = {}): DrawnSlot {
  return {
    ...slot,
    ids: Array.from({ length: 256 }, (_, index) => (index * 257) % 65_536),
    blobKey: `blob-${slot.generationId}-${slot.pictureIndex}`,
    sizeBytes: 1_000,
    widthPx: 256,
    heightPx: 256,
    drawMs: 1_500.5,
    engineMs: 400.25,
    finishedAtMs: NOW_MS + 5_000,
    ...change,
  };
}

export function storeContract(name: string, harness: StoreHarness): void {
  describe(`store on ${name}`, () => {
    let store: OpenedStore;
    let platform: string;
    beforeAll(async () => {
      store = await harness.open();
    }, 240_000);
    afterAll(async () => {
      await store.close();
      await harness.dispose();
    });
    beforeEach(() => {
      platform = `platform-${randomUUID()}`;
    });

    async function accept(change: Partial<NewRequest> = {}): Promise<Generation> {
      const { generations } = await store.accept(newRequest(platform, change));
      return generations[0] as Generation;
    }
    const slotsOf = ({ id, pictures }: Generation): SlotKey[] =>
      pictures.map(({ index }) => ({ generationId: id, pictureIndex: index }));
    async function draw(generation: Generation, change: Partial<DrawnSlot> = {}): Promise<Generation> {
      await store.jobs.begin(slotsOf(generation), randomUUID(), NOW_MS + 1_000);
      for (const slot of slotsOf(generation)) await store.jobs.drawn(drawnSlot(slot, change));
      return (await store.generations.get(generation.id)) as Generation;
    }
    async function due(nowMs = NOW_MS + 10_000): Promise<OutboxItem[]> {
      return (await store.outbox.next(nowMs, ALL)).filter((item) => item.platform === platform);
    }
    async function queued() {
      return (await store.jobs.snapshot()).filter((job) => job.platform === platform);
    }
    const person = () => ({ platform, user: 'ada' });

    describe('accept', () => {
      test('answers with what can be read back', async () => {
        const request = newRequest(platform);
        const { created, generations } = await store.accept(request);
        expect(created).toBe(true);
        expect(generations).toEqual([await store.generations.get(request.generations[0]?.id ?? '')]);
        expect(generations[0]).toMatchObject({
          requestKey: request.requestKey,
          prompt: 'a red fox under a rainbow',
          options: { style: 'noto', count: 4 },
          seed: 4_294_967_295,
          scope: request.scope,
          status: 'queued',
          charge: { state: 'reserved', pictures: 4, engineMs: 0 },
        });
        expect(generations[0]?.pictures.map(({ state }) => state)).toEqual([
          'waiting',
          'waiting',
          'waiting',
          'waiting',
        ]);
      });

      test('the same request key again answers with the first generation', async () => {
        const first = newRequest(platform);
        const second = newGeneration({ prompt: 'a blue fox' });
        const again = { ...first, generations: [second] };
        const accepted = await store.accept(first);
        const repeated = await store.accept(again);
        expect(repeated).toMatchObject({ created: false, generations: accepted.generations });
        expect(await store.generations.get(second.id)).toBeNull();
        expect(await queued()).toHaveLength(1);
      });

      test('the same request twenty times at once is one generation', async () => {
        const requestKey = randomUUID();
        const answers = await Promise.all(
          Array.from({ length: 20 }, () =>
            store.accept(newRequest(platform, { requestKey, generations: [newGeneration()] })),
          ),
        );
        expect(answers.filter(({ created }) => created)).toHaveLength(1);
        expect(new Set(answers.map(({ generations }) => generations[0]?.id)).size).toBe(1);
        expect(await queued()).toHaveLength(1);
        expect(await due()).toHaveLength(1);
      });

      test('the same key with another number of generations changes nothing', async () => {
        const requestKey = randomUUID();
        const first = await store.accept(newRequest(platform, { requestKey }));
        const wider = await store.accept(
          newRequest(platform, { requestKey, generations: [newGeneration(), newGeneration()] }),
        );
        expect(wider).toMatchObject({ created: false, generations: first.generations });
        expect(await queued()).toHaveLength(1);
      });

      test('the same key on another platform is another request', async () => {
        const requestKey = randomUUID();
        await store.accept(newRequest(platform, { requestKey }));
        const other = await store.accept(
          newRequest(`${platform}-other`, { requestKey, generations: [newGeneration()] }),
        );
        expect(other.created).toBe(true);
      });

      test('every generation of expanded permutations has its own job, charge and outbox row, in order', async () => {
        const expanded = ['a red fox', 'a blue fox', 'a green fox'].map((prompt) =>
          newGeneration({ prompt, pictures: 1, chargedPictures: 1 }),
        );
        const { generations } = await store.accept(newRequest(platform, { generations: expanded }));
        expect(generations.map(({ prompt }) => prompt)).toEqual(['a red fox', 'a blue fox', 'a green fox']);
        expect((await queued()).map(({ generationId }) => generationId)).toEqual(expanded.map(({ id }) => id));
        expect(await due()).toHaveLength(3);
      });

      test('one bad generation of a request leaves nothing of it behind', async () => {
        const good = newGeneration();
        const bad = newGeneration({ kind: 'imagine', id: good.id });
        await expect(store.accept(newRequest(platform, { generations: [good, bad] }))).rejects.toMatchObject({
          area: 'STORE',
        });
        expect(await store.generations.get(good.id)).toBeNull();
        expect(await queued()).toEqual([]);
      });

      test('characters a database cannot hold are left out, the rest stays', async () => {
        const generation = await accept({
          generations: [newGeneration({ prompt: 'a\0 fox \ud800 🦊', options: { suffix: 'x\0\udc00' } })],
        });
        expect(await store.generations.get(generation.id)).toMatchObject({
          prompt: 'a fox \ufffd 🦊',
          options: { suffix: 'x\ufffd' },
        });
      });

      test('a quote or a backslash in a prompt is text', async () => {
        const prompt = `'); DROP TABLE generations; -- \\ "$1" %s`;
        const generation = await accept({ generations: [newGeneration({ prompt })] });
        expect((await store.generations.get(generation.id))?.prompt).toBe(prompt);
      });

      test('a request without generations, or one without pictures, is a mistake of the program', async () => {
        await expect(store.accept(newRequest(platform, { generations: [] }))).rejects.toMatchObject({
          code: 'INTERNAL',
        });
        const empty = newGeneration({ pictures: 0 });
        await expect(store.accept(newRequest(platform, { generations: [empty] }))).rejects.toMatchObject({
          code: 'INTERNAL',
        });
      });
    });

    describe('jobs', () => {
      test('a waiting slot is begun once', async () => {
        const generation = await accept();
        const [first, second] = slotsOf(generation) as [SlotKey, SlotKey];
        expect(await store.jobs.begin([first], 'claim-1', NOW_MS + 1)).toEqual([first]);
        expect(await store.jobs.begin([first, second], 'claim-2', NOW_MS + 2)).toEqual([second]);
        expect(await queued()).toEqual([
          {
            generationId: generation.id,
            kind: 'imagine',
            platform,
            tenant: 'server',
            channel: 'drawing',
            user: 'ada',
            model: 'easel-nano',
            createdAtMs: NOW_MS,
            pictures: 4,
            waiting: [2, 3],
            drawing: [0, 1],
          },
        ]);
        expect(await store.generations.get(generation.id)).toMatchObject({
          status: 'drawing',
          startedAtMs: NOW_MS + 1,
        });
      });

      test('begin repeated under its claim finds the same slots and counts one attempt', async () => {
        const generation = await accept();
        const slots = slotsOf(generation).slice(0, 2);
        const begun = await store.jobs.begin(slots, 'claim', NOW_MS);
        expect(await store.jobs.begin(slots, 'claim', NOW_MS)).toEqual(begun);
        expect((await store.generations.get(generation.id))?.pictures.map(({ attempts }) => attempts)).toEqual([
          1, 1, 0, 0,
        ]);
      });

      test('two claims at once never share a slot', async () => {
        const slots = slotsOf(await accept());
        const claims = await Promise.all(
          Array.from({ length: 8 }, (_, index) => store.jobs.begin(slots, `claim-${index}`, NOW_MS)),
        );
        expect(claims.flat()).toHaveLength(4);
      });

      test('the last picture finishes the generation and makes it due', async () => {
        const generation = await accept();
        await store.outbox.placeholder(generation.id, 'drawing', 'message');
        await store.jobs.begin(slotsOf(generation), 'claim', NOW_MS + 1_000);
        const [first, ...rest] = slotsOf(generation) as [SlotKey, ...SlotKey[]];
        for (const slot of rest) expect((await store.jobs.drawn(drawnSlot(slot)))?.status).toBe('drawing');
        expect(await due()).toEqual([]);
        const finished = await store.jobs.drawn(drawnSlot(first));
        expect(finished).toMatchObject({
          status: 'drawn',
          finishedAtMs: NOW_MS + 5_000,
          charge: { state: 'reserved', pictures: 4 },
        });
        expect(finished?.pictures[0]).toMatchObject({
          state: 'drawn',
          blobKey: drawnSlot(first).blobKey,
          widthPx: 256,
          engineMs: 400.25,
        });
        expect(await due()).toMatchObject([{ state: 'placeholder', generation: { status: 'drawn' } }]);
        expect(await queued()).toEqual([]);
      });

      test('four pictures that end at once finish the generation', async () => {
        const generation = await accept();
        await store.jobs.begin(slotsOf(generation), 'claim', NOW_MS);
        const answers = await Promise.all(slotsOf(generation).map((slot) => store.jobs.drawn(drawnSlot(slot))));
        expect(answers.every((answer) => answer !== null)).toBe(true);
        expect((await store.generations.get(generation.id))?.status).toBe('drawn');
      });

      test('the same picture stored twice is stored once; another one for its slot is not taken', async () => {
        const generation = await accept();
        const [slot] = slotsOf(generation) as [SlotKey];
        await store.jobs.begin([slot], 'claim', NOW_MS);
        const once = await store.jobs.drawn(drawnSlot(slot));
        expect(await store.jobs.drawn(drawnSlot(slot))).toEqual(once);
        expect(await store.jobs.drawn(drawnSlot(slot, { blobKey: 'other' }))).toBeNull();
        expect((await store.generations.get(generation.id))?.pictures[0]?.blobKey).toBe(drawnSlot(slot).blobKey);
      });

      test('a picture of a slot that nobody draws is not taken', async () => {
        const generation = await accept();
        const [slot] = slotsOf(generation) as [SlotKey];
        expect(await store.jobs.drawn(drawnSlot(slot))).toBeNull();
        expect(await store.jobs.drawn(drawnSlot({ generationId: 'unknown', pictureIndex: 0 }))).toBeNull();
      });

      test('a generation without a single picture fails and is refunded', async () => {
        const generation = await accept({ generations: [newGeneration({ pictures: 2, chargedPictures: 2 })] });
        await store.jobs.begin(slotsOf(generation), 'claim', NOW_MS);
        const [first, second] = slotsOf(generation) as [SlotKey, SlotKey];
        expect((await store.jobs.failed(first, 'WORKER_DIED', NOW_MS + 1))?.status).toBe('drawing');
        expect(await store.jobs.failed(second, 'DEVICE_UNAVAILABLE', NOW_MS + 2)).toMatchObject({
          status: 'failed',
          errorCode: 'WORKER_DIED',
          finishedAtMs: NOW_MS + 2,
          charge: { state: 'refunded', pictures: 0 },
        });
        expect(await due()).toMatchObject([{ generation: { status: 'failed' } }]);
      });

      test('a generation that lost one picture ends as drawn and pays for the others', async () => {
        const generation = await accept();
        await store.jobs.begin(slotsOf(generation), 'claim', NOW_MS);
        const [lost, ...others] = slotsOf(generation) as [SlotKey, ...SlotKey[]];
        for (const slot of others) await store.jobs.drawn(drawnSlot(slot));
        expect((await store.jobs.failed(lost, 'WORKER_DIED', NOW_MS))?.status).toBe('drawn');
        await store.outbox.told(generation.id, 'drawing', 'message', NOW_MS);
        expect((await store.generations.get(generation.id))?.charge).toEqual({
          state: 'settled',
          pictures: 3,
          engineMs: 3 * 400.25,
        });
      });

      test('a released slot waits again, its attempt counted or not', async () => {
        const generation = await accept();
        const [first, second] = slotsOf(generation) as [SlotKey, SlotKey];
        await store.jobs.begin([first, second], 'claim', NOW_MS);
        await store.jobs.release([first], true);
        expect((await store.generations.get(generation.id))?.status).toBe('drawing');
        await store.jobs.release([second], false);
        const released = await store.generations.get(generation.id);
        expect(released?.status).toBe('queued');
        expect(released?.pictures.map(({ state, attempts }) => [state, attempts])).toEqual([
          ['waiting', 1],
          ['waiting', 0],
          ['waiting', 0],
          ['waiting', 0],
        ]);
      });

      test('what was being drawn waits again after the store is opened anew', async () => {
        const generation = await accept();
        const [first, second] = slotsOf(generation) as [SlotKey, SlotKey];
        await store.jobs.begin([first, second], 'claim', NOW_MS);
        await store.jobs.drawn(drawnSlot(first));
        await store.close();
        store = await harness.open();
        expect((await store.describe()).recoveredSlots).toBeGreaterThanOrEqual(1);
        expect(await queued()).toMatchObject([{ generationId: generation.id, waiting: [1, 2, 3], drawing: [] }]);
        expect(await store.generations.get(generation.id)).toMatchObject({ status: 'queued' });
        expect(await store.pictures.ids(first)).toEqual(drawnSlot(first).ids);
      }, 240_000);
    });

    describe('outbox', () => {
      test('an accepted request is due for its placeholder, then quiet until it is finished', async () => {
        const generation = await accept();
        expect(await due()).toMatchObject([
          {
            generationId: generation.id,
            state: 'due',
            channel: 'drawing',
            messageId: null,
            attempts: 0,
            generation: { prompt: generation.prompt },
          },
        ]);
        await store.outbox.placeholder(generation.id, 'drawing', 'message-1');
        expect(await due()).toEqual([]);
        expect(await store.outbox.get(generation.id)).toMatchObject({ state: 'placeholder', messageId: 'message-1' });
        await draw(generation);
        expect(await due()).toMatchObject([{ state: 'placeholder', messageId: 'message-1' }]);
      });

      test('a placeholder posted after the last picture is due at once', async () => {
        const generation = await accept();
        await draw(generation);
        await store.outbox.placeholder(generation.id, 'drawing', 'message-1');
        expect(await due()).toMatchObject([{ state: 'placeholder', generation: { status: 'drawn' } }]);
      });

      test('the placeholder and the last picture at the same time never miss each other', async () => {
        for (let round = 0; round < 10; round += 1) {
          const generation = await accept({ generations: [newGeneration({ pictures: 1, chargedPictures: 1 })] });
          const [slot] = slotsOf(generation) as [SlotKey];
          await store.jobs.begin([slot], 'claim', NOW_MS);
          await Promise.all([
            store.outbox.placeholder(generation.id, 'drawing', `message-${round}`),
            store.jobs.drawn(drawnSlot(slot)),
          ]);
          expect((await due()).map(({ generationId }) => generationId)).toContain(generation.id);
        }
      });

      test('what was being posted is due until it is told, then settled once', async () => {
        const generation = await accept();
        await store.outbox.placeholder(generation.id, 'drawing', 'message-1');
        await draw(generation);
        expect(await store.outbox.posting(generation.id)).toBe(true);
        expect(await due()).toMatchObject([{ state: 'posting', messageId: 'message-1' }]);
        expect(await store.outbox.told(generation.id, 'drawing', 'message-1', NOW_MS + 9_000)).toBe(true);
        expect(await store.outbox.told(generation.id, 'drawing', 'message-1', NOW_MS + 9_999)).toBe(true);
        expect(await due()).toEqual([]);
        expect(await store.outbox.posting(generation.id)).toBe(false);
        expect(await store.outbox.get(generation.id)).toMatchObject({ state: 'posted', messageId: 'message-1' });
        expect((await store.generations.get(generation.id))?.charge).toEqual({
          state: 'settled',
          pictures: 4,
          engineMs: 4 * 400.25,
        });
      });

      test('an upscale is settled without a charge', async () => {
        const generation = await accept({
          generations: [newGeneration({ kind: 'upscale', pictures: 1, chargedPictures: 0 })],
        });
        await draw(generation);
        await store.outbox.told(generation.id, 'drawing', 'message', NOW_MS);
        expect((await store.generations.get(generation.id))?.charge).toMatchObject({ state: 'settled', pictures: 0 });
      });

      test('a failure that was told ends as refunded', async () => {
        const generation = await accept({ generations: [newGeneration({ pictures: 1 })] });
        await store.jobs.failed({ generationId: generation.id, pictureIndex: 0 }, 'WORKER_DIED', NOW_MS);
        await store.outbox.told(generation.id, 'drawing', 'message', NOW_MS);
        expect(await store.outbox.get(generation.id)).toMatchObject({ state: 'refunded' });
        expect((await store.generations.get(generation.id))?.charge.state).toBe('refunded');
      });

      test('a delivery put off is shown again at its time, exactly', async () => {
        const generation = await accept();
        await store.outbox.later(generation.id, NOW_MS + 240_000);
        expect(await due(NOW_MS + 59_999)).toEqual([]);
        expect(await due(NOW_MS + 240_000)).toMatchObject([{ attempts: 1 }]);
      });

      test('giving up on a delivery takes an unfinished generation off the queue and refunds it', async () => {
        const generation = await accept();
        await store.outbox.giveUp(generation.id, NOW_MS);
        expect(await store.generations.get(generation.id)).toMatchObject({
          status: 'cancelled',
          charge: { state: 'refunded' },
        });
        expect(await due()).toEqual([]);
        expect(await queued()).toEqual([]);
      });

      test('a message leads to its generation, and so does a copy', async () => {
        const generation = await accept();
        await store.outbox.placeholder(generation.id, 'drawing', 'message-1');
        await store.outbox.link({ platform, channel: 'dm', messageId: 'message-2', generationId: generation.id });
        expect((await store.outbox.find(platform, 'drawing', 'message-1'))?.id).toBe(generation.id);
        expect((await store.outbox.find(platform, 'dm', 'message-2'))?.id).toBe(generation.id);
        expect(await store.outbox.find(platform, 'elsewhere', 'message-1')).toBeNull();
        expect(await store.outbox.find(`${platform}-other`, 'drawing', 'message-1')).toBeNull();
      });

      test('what is due comes longest due first, no more than asked for', async () => {
        const late = await accept();
        const early = await accept();
        await store.outbox.later(late.id, NOW_MS + 5_000);
        expect((await due()).map(({ generationId }) => generationId)).toEqual([early.id, late.id]);
        expect(await store.outbox.next(NOW_MS + 10_000, 1)).toHaveLength(1);
      });
    });

    describe('cancel and remove', () => {
      test('a cancel takes waiting and running pictures, refunds and makes it due', async () => {
        const generation = await accept();
        const [first] = slotsOf(generation) as [SlotKey];
        await store.outbox.placeholder(generation.id, 'drawing', 'message');
        await store.jobs.begin([first], 'claim', NOW_MS);
        const outcome = await store.generations.cancel(generation.id, NOW_MS + 2_000);
        expect(outcome).toMatchObject({
          cancelled: true,
          drawing: [first],
          generation: { status: 'cancelled', charge: { state: 'refunded', pictures: 0 } },
        });
        expect(await queued()).toEqual([]);
        expect(await store.jobs.drawn(drawnSlot(first))).toBeNull();
        expect(await store.jobs.begin(slotsOf(generation), 'late', NOW_MS)).toEqual([]);
        expect(await due()).toMatchObject([{ state: 'placeholder', generation: { status: 'cancelled' } }]);
      });

      test('a cancel repeated says the same; one that comes too late or for nothing changes nothing', async () => {
        const cancelled = await accept();
        await store.generations.cancel(cancelled.id, NOW_MS);
        expect(await store.generations.cancel(cancelled.id, NOW_MS)).toMatchObject({ cancelled: true, drawing: [] });
        const drawn = await draw(await accept());
        expect(await store.generations.cancel(drawn.id, NOW_MS)).toMatchObject({
          cancelled: false,
          generation: { status: 'drawn' },
        });
        expect(await store.generations.cancel('unknown', NOW_MS)).toEqual({
          cancelled: false,
          generation: null,
          drawing: [],
        });
      });

      test('a cancel and the last picture at once agree on one end', async () => {
        for (let round = 0; round < 5; round += 1) {
          const generation = await accept({ generations: [newGeneration({ pictures: 1 })] });
          const [slot] = slotsOf(generation) as [SlotKey];
          await store.jobs.begin([slot], 'claim', NOW_MS);
          const [outcome, picture] = await Promise.all([
            store.generations.cancel(generation.id, NOW_MS),
            store.jobs.drawn(drawnSlot(slot)),
          ]);
          expect(outcome.cancelled).toBe(picture === null);
        }
      });

      test('a removed generation leaves a tombstone without prompt, ids or files', async () => {
        const generation = await draw(await accept());
        await store.generations.keep(generation.id, true);
        await store.outbox.placeholder(generation.id, 'drawing', 'message');
        const leftovers = await store.generations.remove(generation.id, NOW_MS);
        expect(new Set(leftovers?.blobKeys)).toEqual(
          new Set(slotsOf(generation).map((slot) => drawnSlot(slot).blobKey)),
        );
        expect(leftovers).toMatchObject({
          generationIds: [generation.id],
          deliveries: [{ channel: 'drawing', messageId: 'message' }],
          drawing: [],
        });
        expect(await store.generations.get(generation.id)).toMatchObject({
          status: 'removed',
          prompt: '',
          options: {},
          kept: false,
          charge: { state: 'settled', pictures: 4 },
          pictures: Array.from({ length: 4 }, () => ({ blobKey: null })),
        });
        expect(await store.pictures.ids({ generationId: generation.id, pictureIndex: 0 })).toBeNull();
        expect(await due()).toEqual([]);
        expect(await store.outbox.told(generation.id, 'drawing', 'message', NOW_MS)).toBe(false);
        expect((await store.outbox.get(generation.id))?.state).toBe('removed');
      });

      test('removing what is still drawn aborts and refunds it', async () => {
        const generation = await accept();
        const [first] = slotsOf(generation) as [SlotKey];
        await store.jobs.begin([first], 'claim', NOW_MS);
        expect(await store.generations.remove(generation.id, NOW_MS)).toMatchObject({ drawing: [first], blobKeys: [] });
        expect(await store.generations.get(generation.id)).toMatchObject({
          status: 'removed',
          charge: { state: 'refunded' },
        });
        expect(await queued()).toEqual([]);
        expect(await store.jobs.drawn(drawnSlot(first))).toBeNull();
      });

      test('a file that another picture shares stays when one of them is removed', async () => {
        const one = await draw(await accept({ generations: [newGeneration({ pictures: 1 })] }), {
          blobKey: `shared-${platform}`,
        });
        const two = await draw(await accept({ generations: [newGeneration({ pictures: 1 })] }), {
          blobKey: `shared-${platform}`,
        });
        expect((await store.generations.remove(one.id, NOW_MS))?.blobKeys).toEqual([]);
        expect((await store.generations.remove(two.id, NOW_MS))?.blobKeys).toEqual([`shared-${platform}`]);
        expect(await store.generations.remove('unknown', NOW_MS)).toBeNull();
      });
    });

    describe('history and lineage', () => {
      test('history is paged newest first, without gaps or repeats', async () => {
        const ids: string[] = [];
        for (let index = 0; index < 7; index += 1) ids.push((await accept()).id);
        const seen: string[] = [];
        let before: string | undefined;
        do {
          const page = await store.generations.history({
            platform,
            limit: 3,
            ...(before === undefined ? {} : { before }),
          });
          seen.push(...page.generations.map(({ id }) => id));
          before = page.next ?? undefined;
        } while (before !== undefined);
        expect(seen).toEqual(ids.toReversed());
      });

      test('what is unfinished in one place is paged oldest first', async () => {
        const waiting = [NOW_MS, NOW_MS + 1, NOW_MS + 2].map((atMs) => newGeneration({ id: newGenerationId(atMs) }));
        for (const generation of waiting) await store.accept(newRequest(platform, { generations: [generation] }));
        const elsewhere = { platform, tenant: 'other', channel: 'drawing', user: 'ada', roles: [] };
        await store.accept(newRequest(platform, { scope: elsewhere }));
        await store.generations.cancel(waiting[1]?.id ?? '', NOW_MS);
        const query = { platform, tenant: 'server', unfinished: true, limit: 1 } as const;
        const first = await store.generations.history(query);
        expect(first.generations.map(({ id }) => id)).toEqual([waiting[0]?.id]);
        const second = await store.generations.history({ ...query, before: first.next ?? '' });
        expect(second.generations.map(({ id }) => id)).toEqual([waiting[2]?.id]);
        expect(second.next).toBeNull();
      });

      test('history keeps to the scope asked for, and to what is public unless told otherwise', async () => {
        const scope = newRequest(platform).scope;
        const mine = await accept();
        const secret = await accept({ private: true });
        const theirs = await accept({ scope: { ...scope, user: 'bob', channel: 'other' } });
        const elsewhere = await accept({ scope: { ...scope, tenant: 'elsewhere' } });
        const removed = await accept();
        await store.generations.remove(removed.id, NOW_MS);
        const ask = async (query: object) =>
          (await store.generations.history({ platform, limit: 100, ...query })).generations.map(({ id }) => id);
        expect(await ask({})).toEqual([elsewhere.id, theirs.id, mine.id]);
        expect(await ask({ user: 'ada', withPrivate: true })).toEqual([elsewhere.id, secret.id, mine.id]);
        expect(await ask({ tenant: 'server', channel: 'other' })).toEqual([theirs.id]);
        expect(await ask({ tenant: 'nowhere' })).toEqual([]);
        await store.generations.keep(theirs.id, true);
        expect(await ask({ kept: true })).toEqual([theirs.id]);
      });

      test('lineage shows where a generation comes from and what came of it', async () => {
        const root = await accept();
        const child = await accept({
          generations: [newGeneration({ kind: 'variation', parentId: root.id, parentPictureIndex: 2 })],
        });
        const grandchild = await accept({
          generations: [newGeneration({ kind: 'upscale', parentId: child.id, parentPictureIndex: 0 })],
        });
        const sibling = await accept({ generations: [newGeneration({ kind: 'reroll', parentId: root.id })] });
        const family = async (id: string) => {
          const { ancestors, children } = await store.generations.lineage(id);
          return [ancestors.map((one) => one.id), children.map((one) => one.id)];
        };
        expect(await family(grandchild.id)).toEqual([[root.id, child.id], []]);
        expect(await family(root.id)).toEqual([[], [child.id, sibling.id]]);
        await store.generations.remove(root.id, NOW_MS);
        expect(await family(child.id)).toEqual([[root.id], [grandchild.id]]);
        expect(await family('unknown')).toEqual([[], []]);
      });
    });

    describe('pictures', () => {
      test('token ids stay when the file expires, and the file can come back', async () => {
        const generation = await draw(await accept());
        const slots = slotsOf(generation);
        const before = await store.pictures.totalBytes();
        expect(new Set(await store.pictures.expire(slots))).toEqual(
          new Set(slots.map((slot) => drawnSlot(slot).blobKey)),
        );
        expect(before - (await store.pictures.totalBytes())).toBe(4_000);
        const [first] = slots as [SlotKey];
        expect(await store.pictures.ids(first)).toEqual(drawnSlot(first).ids);
        expect((await store.generations.get(generation.id))?.pictures[0]).toMatchObject({
          state: 'drawn',
          blobKey: null,
          sizeBytes: null,
        });
        await store.pictures.restore(first, 'again', 77);
        expect((await store.generations.get(generation.id))?.pictures[0]).toMatchObject({
          blobKey: 'again',
          sizeBytes: 77,
        });
      });

      test('the oldest come first and kept ones never', async () => {
        const newer = await draw(await accept(), { finishedAtMs: NOW_MS + 2 });
        const older = await draw(await accept(), { finishedAtMs: NOW_MS + 1 });
        const kept = await draw(await accept(), { finishedAtMs: NOW_MS });
        expect(await store.generations.keep(kept.id, true)).toBe(true);
        expect(await store.generations.keep('unknown', true)).toBe(false);
        expect(await store.generations.publish(kept.id)).toBe(true);
        expect(await store.generations.get(kept.id)).toMatchObject({ private: false, kept: true });
        expect(await store.generations.publish('unknown')).toBe(false);
        const ours = new Set([newer.id, older.id, kept.id]);
        const oldest = (await store.pictures.oldest(ALL)).filter(({ generationId }) => ours.has(generationId));
        expect(oldest.map(({ generationId }) => generationId)).toEqual([
          ...Array(4).fill(older.id),
          ...Array(4).fill(newer.id),
        ]);
        expect(oldest[0]).toMatchObject({ sizeBytes: 1_000, drawnAtMs: NOW_MS + 1 });
        expect(await store.pictures.expire(slotsOf(kept))).toEqual([]);
        expect((await store.generations.get(kept.id))?.pictures[0]?.blobKey).not.toBeNull();
      });

      test('a file that a kept picture shares outlives the others', async () => {
        const shared = { blobKey: `shared-${platform}` };
        const one = await draw(await accept({ generations: [newGeneration({ pictures: 1 })] }), shared);
        const kept = await draw(await accept({ generations: [newGeneration({ pictures: 1 })] }), shared);
        await store.generations.keep(kept.id, true);
        expect(await store.pictures.expire(slotsOf(one))).toEqual([]);
        expect(await store.pictures.referenced(['unknown', shared.blobKey])).toEqual([shared.blobKey]);
      });

      test('an id that does not fit two bytes is refused and changes nothing', async () => {
        const generation = await accept();
        const [slot] = slotsOf(generation) as [SlotKey];
        await store.jobs.begin([slot], 'claim', NOW_MS);
        for (const id of [-1, 65_536, 1.5, Number.NaN]) {
          await expect(store.jobs.drawn(drawnSlot(slot, { ids: [id] }))).rejects.toMatchObject({
            code: 'STORE_FAILED',
          });
        }
        expect((await store.generations.get(generation.id))?.pictures[0]?.state).toBe('drawing');
      });
    });

    claimsContract(() => store);
    signInsContract(() => store);

    reactionsContract({ store: () => store, platform: () => platform, accept });

    describe('people', () => {
      test('settings merge, and null takes one away', async () => {
        expect(await store.people.settings(person())).toEqual({});
        await store.people.saveSettings(person(), { style: 'noto', count: 2 });
        expect(await store.people.saveSettings(person(), { count: null, private: true })).toEqual({
          style: 'noto',
          private: true,
        });
        expect(await store.people.settings(person())).toEqual({ style: 'noto', private: true });
        expect(await store.people.settings({ platform, user: 'bob' })).toEqual({});
      });

      test('two changes of settings at once are both kept', async () => {
        await Promise.all(['a', 'b', 'c', 'd'].map((key) => store.people.saveSettings(person(), { [key]: key })));
        expect(await store.people.settings(person())).toEqual({ a: 'a', b: 'b', c: 'c', d: 'd' });
      });

      test('presets are saved, replaced and taken away by name', async () => {
        await store.people.savePreset(person(), 'sketch', { style: 'openmoji' });
        await store.people.savePreset(person(), 'big', { count: 4 });
        await store.people.savePreset(person(), 'sketch', { style: 'noto' });
        expect(await store.people.presets(person())).toEqual({ big: { count: 4 }, sketch: { style: 'noto' } });
        await store.people.savePreset(person(), 'big', null);
        await store.people.savePreset(person(), 'never there', null);
        expect(await store.people.presets(person())).toEqual({ sketch: { style: 'noto' } });
      });

      test('a forgotten person is gone, what others made stays', async () => {
        const drawn = await draw(await accept());
        await store.outbox.placeholder(drawn.id, 'drawing', 'message');
        const running = await accept({ private: true });
        const [slot] = slotsOf(running) as [SlotKey];
        await store.jobs.begin([slot], 'claim', NOW_MS);
        const scope = { ...newRequest(platform).scope, user: 'bob' };
        const theirs = await accept({
          scope,
          generations: [newGeneration({ kind: 'variation', parentId: drawn.id, parentPictureIndex: 1 })],
        });
        await store.people.saveSettings(person(), { style: 'noto' });
        await store.people.savePreset(person(), 'sketch', {});

        const leftovers = await store.people.forget(person());
        expect(new Set(leftovers.generationIds)).toEqual(new Set([drawn.id, running.id]));
        expect(leftovers.blobKeys).toHaveLength(4);
        expect(leftovers.deliveries).toEqual([
          { platform, channel: 'drawing', messageId: 'message', generationId: drawn.id },
        ]);
        expect(leftovers.drawing).toEqual([slot]);

        expect(await store.generations.get(drawn.id)).toBeNull();
        expect(await store.outbox.find(platform, 'drawing', 'message')).toBeNull();
        expect(await store.people.settings(person())).toEqual({});
        expect(await store.people.presets(person())).toEqual({});
        expect(await store.jobs.drawn(drawnSlot(slot))).toBeNull();
        expect((await queued()).map(({ generationId }) => generationId)).toEqual([theirs.id]);
        expect(await store.generations.get(theirs.id)).toMatchObject({
          parentId: null,
          parentPictureIndex: null,
          prompt: theirs.prompt,
        });
        expect(await store.people.forget(person())).toEqual({
          generationIds: [],
          blobKeys: [],
          deliveries: [],
          drawing: [],
        });
      });
    });

    test('two hundred requests at once are all there', async () => {
      const answers = await Promise.all(
        Array.from({ length: 200 }, () => store.accept(newRequest(platform, { generations: [newGeneration()] }))),
      );
      expect(answers.every(({ created }) => created)).toBe(true);
      expect(await queued()).toHaveLength(200);
    }, 240_000);

    test('a closed store answers with STORE_CLOSED, after what was in flight', async () => {
      const other = store;
      const inFlight = other.accept(newRequest(platform));
      await other.close();
      await other.close();
      expect((await inFlight).created).toBe(true);
      await expect(other.jobs.snapshot()).rejects.toMatchObject({ code: 'STORE_CLOSED' });
      store = await harness.open();
      expect(await queued()).toHaveLength(1);
    }, 240_000);
  });
}
