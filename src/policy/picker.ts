/** What is drawn next: deficit round robin over tenants, within each over users, cost = pictures. Pure: no clock, no store. */
import { createRing, type Ring } from './ring.ts';

/** What the picker knows of a waiting job. Small: ten thousand of them wait in memory. */
export type WaitingJob = {
  id: string;
  tenant: string;
  user: string;
  model: string;
  /** Its cost. At least 1. */
  pictures: number;
};

export type Weights = {
  /** Share of a tenant among tenants; 1 unless an admin says otherwise. */
  tenant(tenant: string): number;
  user(tenant: string, user: string): number;
  /** Jobs drawn at once; absent: as many as there are slots. */
  runningMaxOfTenant?(tenant: string): number;
  runningMaxOfUser?(tenant: string, user: string): number;
};

export const EQUAL_WEIGHTS: Weights = { tenant: () => 1, user: () => 1 };

/** Pictures a share of 1 is granted in each round: one sheet. */
export const QUANTUM_PICTURES = 4;
/** No weight counts for less, so that every round serves somebody and nobody starves. */
export const LEAST_WEIGHT = 0.05;
/** How often one person's older job may be overtaken by their newer one of the loaded model. */
const OVERTAKES_MAX = 4;
/** How many of one person's jobs are searched for one of the loaded model. */
const LOOK_AHEAD = 32;

/** Whether a tenant, or one of its people, has as many jobs drawn as it may. */
export type IsHeld = (what: 'tenant' | 'user', tenant: string, user: string) => boolean;

export type Picker = {
  readonly size: number;
  add(job: WaitingJob): void;
  /** @returns whether it was waiting */
  remove(id: string): boolean;
  get(id: string): WaitingJob | undefined;
  /**
   * Takes out the job to draw next.
   *
   * @param isHeld whose jobs stay where they are for now; they lose nothing by it
   * @returns undefined only when nothing waits that is not held
   */
  pick(loadedModel: string | null, isHeld?: IsHeld): WaitingJob | undefined;
  /** The first of the waiting jobs, in the order in which they would be picked if nothing more came. Changes nothing. */
  order(loadedModel: string | null, limit?: number): WaitingJob[];
};

/** One person's jobs, oldest first. */
type UserQueue = { jobs: Map<string, WaitingJob>; overtakes: number };
type TenantQueue = Ring<UserQueue>;

const NOBODY_HELD: IsHeld = () => false;

export function createPicker(weights: Weights = EQUAL_WEIGHTS): Picker {
  return build(weights, createRing<TenantQueue>(), new Map());
}

function build(weights: Weights, tenants: Ring<TenantQueue>, waiting: Map<string, WaitingJob>): Picker {
  const headOfUser = (user: UserQueue, loadedModel: string | null): WaitingJob | undefined => {
    const oldest = user.jobs.values().next().value;
    if (oldest === undefined || oldest.model === loadedModel || loadedModel === null) return oldest;
    if (user.overtakes >= OVERTAKES_MAX) return oldest;
    let seen = 0;
    for (const job of user.jobs.values()) {
      if (job.model === loadedModel) return job;
      if (++seen >= LOOK_AHEAD) break;
    }
    return oldest;
  };
  const headOfTenant = (users: TenantQueue, tenant: string, loadedModel: string | null, isHeld: IsHeld) =>
    users.next({
      head: (user: UserQueue, key) => (isHeld('user', tenant, key) ? undefined : headOfUser(user, loadedModel)),
      costOf: (job: WaitingJob) => job.pictures,
      isPreferred: (job: WaitingJob) => job.model === loadedModel,
      quantumOf: (user) => quantum(weights.user(tenant, user)),
    });
  const drop = (job: WaitingJob, isPicked: boolean): void => {
    waiting.delete(job.id);
    const users = tenants.get(job.tenant);
    const user = users?.get(job.user);
    if (users === undefined || user === undefined) return;
    const oldestId = user.jobs.keys().next().value;
    user.overtakes = isPicked && oldestId !== job.id ? user.overtakes + 1 : oldestId === job.id ? 0 : user.overtakes;
    user.jobs.delete(job.id);
    if (isPicked) {
      users.charge(job.user, job.pictures);
      tenants.charge(job.tenant, job.pictures);
    }
    // Who waits for nothing saves nothing up.
    if (user.jobs.size === 0) users.delete(job.user);
    if (users.size === 0) tenants.delete(job.tenant);
  };
  const picker: Picker = {
    get size() {
      return waiting.size;
    },
    add(job) {
      if (waiting.has(job.id)) return;
      waiting.set(job.id, job);
      const users = tenants.get(job.tenant) ?? tenants.set(job.tenant, createRing<UserQueue>());
      const user = users.get(job.user) ?? users.set(job.user, { jobs: new Map(), overtakes: 0 });
      user.jobs.set(job.id, job);
    },
    remove(id) {
      const job = waiting.get(id);
      if (job !== undefined) drop(job, false);
      return job !== undefined;
    },
    get: (id) => waiting.get(id),
    pick(loadedModel, isHeld = NOBODY_HELD) {
      const job = tenants.next({
        head: (users, tenant) =>
          isHeld('tenant', tenant, '') ? undefined : headOfTenant(users, tenant, loadedModel, isHeld),
        costOf: (head: WaitingJob) => head.pictures,
        isPreferred: (head: WaitingJob) => head.model === loadedModel,
        quantumOf: (tenant) => quantum(weights.tenant(tenant)),
      });
      if (job !== undefined) drop(job, true);
      return job;
    },
    order(loadedModel, limit = Number.POSITIVE_INFINITY) {
      const copyUsers = (users: TenantQueue) =>
        users.copy((user) => ({ jobs: new Map(user.jobs), overtakes: user.overtakes }));
      const copy = build(weights, tenants.copy(copyUsers), new Map(waiting));
      const order: WaitingJob[] = [];
      while (order.length < limit) {
        const job = copy.pick(loadedModel);
        if (job === undefined) break;
        order.push(job);
      }
      return order;
    },
  };
  return picker;
}

function quantum(weight: number): number {
  return QUANTUM_PICTURES * (Number.isFinite(weight) ? Math.max(weight, LEAST_WEIGHT) : 1);
}
