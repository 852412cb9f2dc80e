/** One Discord: its world, its gateway, its interactions, which requests and people change together. */
import type { Cdn } from './cdn.ts';
import type { Gateway } from './gateway.ts';
import type { WorldInteraction } from './interactions.ts';
import type { World } from './world.ts';

export type Discord = {
  readonly world: World;
  readonly gateway: Gateway;
  readonly cdn: Cdn;
  readonly interactions: Map<string, WorldInteraction>;
  /** Where no server says otherwise, as in direct messages. */
  uploadBytesMax: number;
  /** For the first answer to an interaction. */
  readonly acknowledgeWithinMs: number;
  readonly token: string;
  /** Command creates of the day that began then. */
  readonly creates: { dayMs: number; count: number; readonly max: number };
};
