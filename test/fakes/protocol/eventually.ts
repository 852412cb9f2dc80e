/** Waits for what a client does in its own time: for the condition, never for a while. */

/** @returns the first value that is neither undefined, null nor false */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  patienceMs = 30_000,
): Promise<Exclude<T, undefined | null | false>> {
  const untilMs = performance.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found as Exclude<T, undefined | null | false>;
    if (performance.now() > untilMs) throw new Error(`Waited ${patienceMs / 1_000} s for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
