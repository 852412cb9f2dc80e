/** Where effects leave the process: each passes through `step(name)`, so that a test can stop the program at every one. */

/** In the order in which an ordinary request meets them; the ones only some requests meet come after. */
export const STEPS = [
  'accept', // store: generation, job, reservation and outbox row, in one transaction
  'find', // chat: is the message of this generation already there?
  'placeholder', // chat: the message that becomes the result
  'placed', // store: its id
  'pick', // store: the job runs
  'draw', // worker: one picture
  'encode', // image: metadata, sheet
  'store', // blobs: the bytes
  'drawn', // store: the pictures belong to the generation
  'posting', // store: from here on the result may be visible
  'post', // chat: the placeholder becomes the result
  'settle', // store: delivered, the charge stands
  'show', // chat: a change of the placeholder on the way
  'reply', // chat: an answer only one person sees
  'direct', // chat: a direct message
  'cancel', // store: cancelled, the reservation goes back
  'refund', // store: told that it failed, the reservation goes back
  'release', // store: a slot waits again, since the device went
  'later', // store: a delivery is tried again later
  'decode', // worker: a picture from its ids again
  'upscale', // image: twice the size
  'remove', // store: a generation and its files leave
  'expire', // store: old pictures lose their files
  'erase', // blobs: bytes leave
  'unpost', // chat: a message leaves
  'publish', // store: a private picture is everybody's
  'keep', // store: kept pictures outlive the retention
  'reacted', // store: a reaction is claimed, done or taken back
  'warn', // chat: a mark on a message, since nobody can be told
  'show-kept', // chat: a copy of a kept picture in the gallery
  'shown', // store: where that copy is
  'ping', // chat: a long wait is over
  'claim', // store: what a platform told is being worked
  'claimed', // store: it was worked
  'set', // store: somebody's settings
  'sign-in', // store: a link to the web admin, a session opened or ended
  'limit', // store: rules, grants and their audit
  'refuse', // store: a refusal is counted
  'rollUp', // store: old rows leave the ledger
  'forget', // store: everything of one person
] as const;

export type StepName = (typeof STEPS)[number];
export type StepEdge = 'before' | 'after';
/** Called synchronously at each edge; `after` is not reached by an effect that failed. */
export type StepListener = (name: StepName, edge: StepEdge) => void;

const listeners = new Set<StepListener>();

/** Hears of every step of this process. @returns stops it */
export function onStep(listener: StepListener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Runs an effect that can be seen outside the process.
 *
 * What happens between the effect and what its caller does next is where a crash hurts: state that the next start needs
 * must be derivable from before the effect (do it again) or from its trace (find it), never from memory.
 */
export async function step<T>(name: StepName, effect: () => Promise<T>): Promise<T> {
  for (const listener of listeners) listener(name, 'before');
  const result = await effect();
  for (const listener of listeners) listener(name, 'after');
  return result;
}
