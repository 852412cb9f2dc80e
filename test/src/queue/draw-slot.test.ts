import { describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '../../../src/errors.ts';
import { type DrawTools, drawSlot } from '../../../src/queue/draw-slot.ts';
import type { DrawnSlot, Generation } from '../../../src/store/records.ts';
import { createFakeSupervisor } from '../../fakes/fake-supervisor.ts';
import { createHandClock } from '../../fakes/hand-clock.ts';

const slot = { generationId: 'g', pictureIndex: 0 };
const generation = {
  id: 'g',
  kind: 'imagine',
  prompt: 'a fox',
  options: {},
  seed: 1,
  model: 'm',
  status: 'drawing',
  pictures: [],
} as unknown as Generation;

/** A store and a disk that fail so often with these codes before they work. */
function open(failing: { call: 'begin' | 'put' | 'drawn'; code: ErrorCode; times: number }) {
  let left = failing.times;
  const mayFail = (call: string) => {
    if (call === failing.call && left-- > 0) throw new AppError(failing.code, 'Not now.');
  };
  const stored: DrawnSlot[] = [];
  const released: unknown[] = [];
  const clock = createHandClock();
  const closing = new AbortController();
  const supervisor = createFakeSupervisor({ name: 'm', hash: 'h' });
  const tools = {
    supervisor,
    clock,
    closing: closing.signal,
    onRetry: () => {},
    blobs: {
      put: async () => {
        mayFail('put');
        return 'key';
      },
      remove: async () => {},
    },
    store: {
      jobs: {
        begin: async () => {
          mayFail('begin');
          return [slot];
        },
        drawn: async (drawn: DrawnSlot) => {
          mayFail('drawn');
          stored.push(drawn);
          return { ...generation, status: 'drawn' };
        },
        failed: async (_slot: unknown, code: string) => ({ ...generation, status: 'failed', errorCode: code }),
        release: async (slots: unknown) => void released.push(slots),
      },
      pictures: { referenced: async () => [] },
    },
  } as unknown as DrawTools;
  const controller = new AbortController();
  const run = () => drawSlot(tools, generation, slot, () => {}, controller.signal);
  return { run, clock, closing, stored, released, supervisor };
}

describe('a slot', () => {
  it.each([
    { call: 'put', code: 'STORE_NO_SPACE', times: 5, what: 'the disk is full for a while' },
    { call: 'drawn', code: 'STORE_UNAVAILABLE', times: 12, what: 'the database is away for a minute' },
    { call: 'begin', code: 'STORE_UNAVAILABLE', times: 3, what: 'the database is away before it begins' },
  ] as const)('keeps its picture while $what, and draws it once', async ({ what: _what, ...failing }) => {
    const { run, clock, stored, supervisor } = open(failing);
    const outcome = run();
    let isSettled = false;
    void outcome.finally(() => {
      isSettled = true;
    });
    while (!isSettled) await clock.pass(6_000);
    expect((await outcome).kind).toBe('drawn');
    expect(stored).toHaveLength(1);
    expect(supervisor.asked).toHaveLength(1);
  });

  it('waits again for the next start when Easel closes while the disk is full', async () => {
    const { run, clock, closing, stored, released } = open({ call: 'put', code: 'STORE_NO_SPACE', times: 1_000 });
    const outcome = run();
    await clock.pass(10_000);
    closing.abort();
    expect((await outcome).kind).toBe('released');
    expect(stored).toEqual([]);
    expect(released).toHaveLength(1);
  });

  it('that does not fit into the device alone fails and its owner is told, instead of being tried for ever', async () => {
    const { run, released, supervisor } = open({ call: 'put', code: 'STORE_FAILED', times: 0 });
    supervisor.failNext(new AppError('DEVICE_OUT_OF_MEMORY', 'The memory of the device is full.'));
    expect(await run()).toMatchObject({ kind: 'failed', generation: { errorCode: 'DEVICE_OUT_OF_MEMORY' } });
    expect(released).toEqual([]);
  });

  it('waits for another worker when the device fails otherwise', async () => {
    const { run, released, supervisor } = open({ call: 'put', code: 'STORE_FAILED', times: 0 });
    supervisor.failNext(new AppError('DEVICE_FAILED', 'The device failed.'));
    expect((await run()).kind).toBe('released');
    expect(released).toHaveLength(1);
  });
});
