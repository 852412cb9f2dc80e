/** Scripted trouble: what shall go wrong with which request, and how often. */
import type { ProtocolAnswer, ProtocolRequest } from './request.ts';

/** What happens instead of, before or after the work. */
export type Fault =
  /** The connection ends before anything is done. */
  | { kind: 'drop' }
  /** The work is done, the connection ends before it is answered. */
  | { kind: 'loseAnswer' }
  /** Nothing but this answer: a 502 of a proxy, a body that is no JSON. */
  | { kind: 'answer'; answer: ProtocolAnswer }
  /** Refused with one of the platform's own codes. */
  | { kind: 'refuse'; code: string | number }
  /** Too many requests: of this route, of all of them, or of a resource that others share. */
  | { kind: 'rateLimit'; scope: 'route' | 'global' | 'shared'; retryAfterMs: number }
  /** Done as ever, once this has settled: for what has to happen while a request is on its way. */
  | { kind: 'hold'; until(): Promise<unknown> }
  /** Done as ever, this much later on the server's clock. */
  | { kind: 'delay'; delayMs: number };

export type FaultPlan = {
  /** `POST /channels/:id/messages` (`:id` is any one part of the path, a method `*` any), or a question to the request. */
  on: string | ((request: ProtocolRequest) => boolean);
  /** 1 if not said. */
  times?: number;
  /** Requests that go well first. */
  skip?: number;
  fault: Fault;
};

export type Faults = {
  plan(plan: FaultPlan): void;
  /** The fault of this request, counted as used. */
  take(request: ProtocolRequest): Fault | null;
  /** Plans that have not come up as often as they should: a test that ends with some has tested less than it says. */
  unused(): readonly FaultPlan[];
  clear(): void;
};

export function createFaults(): Faults {
  const plans: (FaultPlan & { left: number; toSkip: number })[] = [];
  return {
    plan: (plan) => void plans.push({ ...plan, left: plan.times ?? 1, toSkip: plan.skip ?? 0 }),
    take(request) {
      for (const plan of plans) {
        if (plan.left === 0 || !isOn(plan.on, request)) continue;
        if (plan.toSkip > 0) {
          plan.toSkip -= 1;
          continue;
        }
        plan.left -= 1;
        return plan.fault;
      }
      return null;
    },
    unused: () => plans.filter(({ left }) => left > 0 && left !== Number.POSITIVE_INFINITY),
    clear: () => void plans.splice(0),
  };
}

function isOn(on: FaultPlan['on'], request: ProtocolRequest): boolean {
  if (typeof on === 'function') return on(request);
  const [method, path = ''] = on.split(' ');
  return (method === '*' || method === request.method) && matchesPath(path, request.path);
}

/** @param pattern `:name` stands for one part; what comes before the pattern does not matter */
export function matchesPath(pattern: string, path: string): boolean {
  const wanted = pattern.split('/').slice(1).reverse();
  const parts = path.split('/').slice(1).reverse();
  return wanted.length <= parts.length && wanted.every((want, at) => want.startsWith(':') || want === parts[at]);
}
