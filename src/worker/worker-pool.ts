/** Several workers behind the seam of one: one for each device, and on the CPU one for each core once pictures wait for it. */
import { availableParallelism } from 'node:os';
import { availableMemory } from 'node:process';
import { AppError } from '../errors.ts';
import { type DeviceSetting, readDevice } from '../pipeline/device.ts';
import type { SlotPicture } from '../pipeline/pipeline.ts';
import { abortable } from './abortable.ts';
import type { WorkerInfo } from './protocol.ts';
import { createSupervisedWorker, type SupervisedWorkerOptions } from './supervised-worker.ts';
import type { WorkerState, WorkerSupervisor } from './supervisor.ts';
import { closedError } from './worker-errors.ts';

export type WorkerPoolOptions = Omit<SupervisedWorkerOptions, 'device' | 'deviceIndex'> & {
  /** A worker each; workers are known by device and model. */
  devices: readonly DeviceSetting[];
  /** Most workers on the CPU; default: what its cores and memory carry. */
  cpuWorkers?: number;
};

type Member = { readonly key: string; readonly worker: WorkerSupervisor; inFlight: number };

/** What a worker of a small model takes, with room to spare; of the memory that is free, half is for workers. */
const CPU_WORKER_BYTES = 400e6;
const CPU_WORKERS_MAX = 4;

/**
 * On the CPU two processes of one thread draw nearly twice as fast as one of two threads, whose steps are too small to share. The
 * second one starts when there is something to draw for it.
 */
export function cpuWorkersFor(cores = availableParallelism(), freeBytes = availableMemory()): number {
  return Math.max(1, Math.min(CPU_WORKERS_MAX, cores, Math.floor(freeBytes / 2 / CPU_WORKER_BYTES)));
}

/** Nothing runs until `start` or the first `draw`. */
export function createWorkerPool({
  devices,
  cpuWorkers = cpuWorkersFor(),
  ...options
}: WorkerPoolOptions): WorkerSupervisor {
  const { onLog = () => {} } = options;
  const listeners = new Set<(state: WorkerState) => void>();
  const members: Member[] = [];
  let told: WorkerState = 'starting';
  let started: Promise<WorkerInfo> | null = null;
  let closed: Promise<void> | null = null;

  for (const setting of devices) {
    const { device, index } = readDevice(setting) ?? { device: 'auto', index: null };
    addMember(setting, createSupervisedWorker({ ...options, device, deviceIndex: index }));
  }

  function addMember(key: string, worker: WorkerSupervisor): Member {
    const member: Member = { key: `${key}/${options.model}`, worker, inFlight: 0 };
    members.push(member);
    worker.onState((state) => {
      onLog(`worker ${member.key} is ${state}\n`);
      tell();
    });
    return member;
  }

  function state(): WorkerState {
    const states = members.map(({ worker }) => worker.state);
    if (closed !== null || states.every((one) => one === 'closed')) return 'closed';
    return (['ready', 'down'] as const).find((one) => states.includes(one)) ?? 'starting';
  }

  /** Told again when another worker is ready: there are more slots then. */
  function tell(): void {
    const now = state();
    if (now === told && now !== 'ready') return;
    told = now;
    for (const listener of [...listeners]) listener(now);
  }

  const ready = (): Member[] => members.filter(({ worker }) => worker.state === 'ready');
  const share = ({ worker, inFlight }: Member): number => inFlight / (worker.info?.slots ?? 1);

  /** The one with the most room; among workers that are all away, whichever comes back. */
  function choose(): Member | undefined {
    const usable = members.filter(({ worker }) => worker.state !== 'closed');
    const able = ready();
    const [first, ...rest] = able.length > 0 ? able : usable;
    return rest.reduce((best, one) => (best !== undefined && share(one) < share(best) ? one : best), first);
  }

  /** Another process on the CPU, when the ones there are have something to draw each. */
  function growOnCpu(): void {
    const onCpu = members.filter(({ worker }) => worker.info?.device === 'cpu');
    const starting = members.some(({ worker }) => worker.state === 'starting');
    if (onCpu.length === 0 || starting || onCpu.length >= cpuWorkers) return;
    if (onCpu.some(({ inFlight, worker }) => inFlight === 0 && worker.state !== 'closed')) return;
    const worker = createSupervisedWorker({ ...options, device: 'cpu' });
    addMember(`cpu#${onCpu.length + 1}`, worker);
    // It told why; the others draw without it.
    worker.start().catch(() => {});
  }

  const pool: WorkerSupervisor = {
    get state() {
      return state();
    },
    get info() {
      const able = ready();
      const infos = (able.length > 0 ? able : members).flatMap(({ worker }) => worker.info ?? []);
      const [first] = infos;
      if (first === undefined) return null;
      const known = new Map(
        infos.flatMap((info) => info.devices).map((report) => [`${report.device} ${report.compute}`, report]),
      );
      return { ...first, slots: infos.reduce((sum, info) => sum + info.slots, 0), devices: [...known.values()] };
    },
    get workers() {
      return members.map(({ worker: { state: now, info, memoryBytes = null } }) => ({
        state: now,
        device: info?.device ?? null,
        slots: info?.slots ?? null,
        msPerPicture: info?.msPerPicture ?? null,
        memoryBytes,
      }));
    },
    start(signal) {
      started ??= closed === null ? startAll() : Promise.reject(closedError());
      started.catch(() => {});
      return abortable(started, signal, () => pool.close());
    },
    async draw(slot, onProgress, signal): Promise<SlotPicture> {
      // Draws that started it learn of a failure themselves.
      pool.start().catch(() => {});
      const member = closed === null ? choose() : undefined;
      if (member === undefined) throw closedError();
      member.inFlight += 1;
      growOnCpu();
      try {
        return await member.worker.draw(slot, onProgress, signal);
      } finally {
        member.inFlight -= 1;
      }
    },
    async decode(model, ids, signal) {
      const member = closed === null ? choose() : undefined;
      if (member === undefined) throw closedError();
      return member.worker.decode(model, ids, signal);
    },
    onState(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      closed ??= Promise.all(members.map(({ worker }) => worker.close())).then(() => tell());
      return closed;
    },
  };
  return pool;

  /** Ready with the first; a device that cannot draw is told, and fails the start only when no other can. */
  async function startAll(): Promise<WorkerInfo> {
    const starts = members.map(async ({ key, worker }) => {
      try {
        await worker.start();
      } catch (error) {
        onLog(`worker ${key} cannot draw\n`);
        throw error;
      }
    });
    try {
      await Promise.any(starts);
    } catch (thrown) {
      throw thrown instanceof AggregateError ? thrown.errors[0] : thrown;
    }
    const { info } = pool;
    if (info === null) throw new AppError('INTERNAL', 'A worker is ready and says nothing about itself.');
    return info;
  }
}
