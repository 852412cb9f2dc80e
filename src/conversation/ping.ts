/** A word to whoever asked for it in their settings, when a wait was long: an edit of a message tells nobody. */
import { step } from '../ops/step.ts';
import type { Generation } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { readSettings } from '../studio/settings.ts';
import type { Connection } from './desk/context.ts';
import type { MessageRef } from './messages.ts';
import { answerView, localeOf } from './views.ts';
import { wordsFor } from './words.ts';

/** Shorter waits are sat out in front of the message. */
export const LONG_WAIT_MS = 60_000;

/** Comes after the delivery is settled: a crash in between loses the ping, and never sends it twice. */
export async function pingAfterLongWait(
  store: Pick<Store, 'people'>,
  { ping }: Pick<Connection, 'ping'>,
  generation: Generation,
  ref: MessageRef,
): Promise<void> {
  const { scope, createdAtMs, finishedAtMs, status } = generation;
  const isLong = status === 'drawn' && finishedAtMs !== null && finishedAtMs - createdAtMs >= LONG_WAIT_MS;
  if (!isLong || ping === undefined) return;
  if (readSettings(await store.people.settings(scope)).ping !== true) return;
  const locale = localeOf(generation);
  const view = { ...answerView(wordsFor(locale).say('line.waitOver'), locale), user: scope.user };
  await step('ping', () => ping(ref, scope, view));
}
