/** Closing in order: each part closes when everything that uses it has closed. */
import { type AppError, toAppError } from '../errors.ts';

export type ClosingStep = { name: string; close(): Promise<void> | void };

export type Shutdown = {
  /** Steps close in reverse: what was opened last closes first. */
  add(name: string, close: () => Promise<void> | void): void;
  /** Runs every step even if one fails. The second call waits for the first. @returns failures by step */
  close(): Promise<ReadonlyMap<string, AppError>>;
};

/** @param onStep hears of each step as it begins: the order can be tested, and logged */
export function createShutdown(onStep: (name: string) => void = () => {}): Shutdown {
  const steps: ClosingStep[] = [];
  let closing: Promise<ReadonlyMap<string, AppError>> | null = null;

  async function run(): Promise<ReadonlyMap<string, AppError>> {
    const failures = new Map<string, AppError>();
    for (const { name, close } of steps.toReversed()) {
      onStep(name);
      try {
        await close();
      } catch (thrown) {
        failures.set(name, toAppError(thrown));
      }
    }
    return failures;
  }

  return {
    add: (name, close) => void steps.push({ name, close }),
    close: () => (closing ??= run()),
  };
}
