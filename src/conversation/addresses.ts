/** Where the message of a generation goes. */
import type { Generation } from '../store/records.ts';
import type { Address } from './messages.ts';

/** A private generation's message is a direct one. */
export function addressOf(generation: Generation): Address {
  if (generation.private) return directAddressOf(generation);
  const { scope, target } = generation;
  return { kind: 'channel', platform: scope.platform, tenant: scope.tenant, channel: scope.channel, target };
}

export function directAddressOf({ scope, target }: Generation): Address {
  return { kind: 'direct', platform: scope.platform, tenant: scope.tenant, user: scope.user, target };
}

export function personOf({ scope }: Generation) {
  return { platform: scope.platform, tenant: scope.tenant, user: scope.user };
}
