/** How the facade answers: what a person can do something about is an answer, what broke is thrown. */
import { toAppError } from '../errors.ts';
import type { Scope } from '../store/records.ts';
import type { Answer } from '../studio/studio.ts';
import type { Place } from './rules.ts';

export async function answer<T>(work: () => Promise<T> | T): Promise<Answer<T>> {
  try {
    return { kind: 'found', value: await work() };
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.audience !== 'user') throw error;
    return { kind: 'refused', error, generation: null };
  }
}

export function placeFor({ platform, tenant }: Scope): Place {
  return { platform, tenant };
}
