/** Where an accepted generation stands, as data: for views, the admin socket and the web. */

export type JobStatus =
  | {
      kind: 'queued';
      /** 1: the next one; null: beyond `placesKnown`. */
      place: number | null;
      placesKnown: number;
      /** Requests of the same person before it, running ones included. */
      yoursAhead: number;
      /** Until it is done, from the measured speed; null before anything was measured. */
      secondsLeft: number | null;
    }
  | { kind: 'painting'; doneShare: number; secondsLeft: number | null }
  /** The device is away; the job is kept. */
  | { kind: 'waiting'; sinceMs: number }
  | { kind: 'paused' };
