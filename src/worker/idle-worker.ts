/** Nobody draws: for a command that only looks at what is stored, or changes a rule. What waits goes on waiting. */
import type { WorkerState, WorkerSupervisor } from './supervisor.ts';
import { closedError } from './worker-errors.ts';

export function createIdleWorker(): WorkerSupervisor {
  let state: WorkerState = 'starting';
  return {
    get state() {
      return state;
    },
    info: null,
    start: () => new Promise(() => {}),
    draw: () => Promise.reject(closedError()),
    decode: () => Promise.reject(closedError()),
    onState: () => () => {},
    async close() {
      state = 'closed';
    },
  };
}
