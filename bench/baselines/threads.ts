/** How a baseline uses the processor: as the runtime does when nobody says anything, or as is best for so small a model. */

/** `default`: a thread a core, which spin while they wait. `one`: one thread. `quiet`: a thread a core, without spinning. */
export const THREAD_SETTINGS = ['default', 'one', 'quiet'] as const;
export type ThreadSetting = (typeof THREAD_SETTINGS)[number];

export function toSessionOptions(setting: ThreadSetting) {
  return {
    logSeverityLevel: 3,
    ...(setting === 'one' ? { intraOpNumThreads: 1 } : {}),
    ...(setting === 'quiet' ? { extra: { session: { intra_op: { allow_spinning: '0' } } } } : {}),
  } as const;
}
