// What the handlers of Discord's events work with.

import type { Desk, Easel, MessageActions, ReactionTracker, Studio } from '../../src/index.ts';
import type { Completion } from './vocabulary.ts';

export type Parts = {
  readonly studio: Studio;
  readonly desk: Desk;
  readonly actions: MessageActions;
  readonly reactions: ReactionTracker;
  readonly completion: Completion;
  readonly log: Easel['log'];
};
