/** The seam of filters that read the words of a request before it costs anything; blocked words are one. */
import type { AppError } from '../errors.ts';
import type { TenantSettings } from './limits.ts';
import type { Place } from './rules.ts';

export type Filter = {
  /** As the chain of `why` names it. */
  readonly name: string;
  /**
   * @param settings of the host, then of the tenant: both are asked
   * @returns why not, of area FILTER; null: passes
   */
  check(prompts: readonly string[], settings: readonly TenantSettings[], place: Place): AppError | null;
};
