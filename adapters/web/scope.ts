// Where a request on the web comes from, in the core's words.

import type { Scope } from '../../src/index.ts';

export const PLATFORM = 'web';
export const TENANT = 'web';
/** There is one channel. */
export const CHANNEL = 'studio';

export function scopeOf(user: string, roles: string[] = []): Scope {
  return { platform: PLATFORM, tenant: TENANT, channel: CHANNEL, user, roles };
}
