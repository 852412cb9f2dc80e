/** How long a worker that died waits before it is started again. */

export type RestartPolicy = {
  firstDelayMs: number;
  maxDelayMs: number;
  /** So many deaths in a row without being ready: whoever waits is told, the restarts go on at the longest delay. */
  startAttempts: number;
  /** A worker that says nothing for so long while it loads or draws is ended. */
  stallMs: number;
};

export const DEFAULT_RESTART_POLICY: RestartPolicy = {
  firstDelayMs: 250,
  maxDelayMs: 30_000,
  startAttempts: 3,
  stallMs: 180_000,
};

/** Doubles with every death in a row. @param deaths 1 for the first */
export function restartDelayMs(policy: RestartPolicy, deaths: number): number {
  return Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** Math.max(0, deaths - 1));
}
