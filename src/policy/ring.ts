/** Deficit round robin over keyed queues: each round grants every waiting key its quantum, once. */

type Entry<Queue> = { queue: Queue; deficit: number };

export type RingRules<Queue, Head> = {
  /** What the key would be served next; asking twice answers the same. undefined: nothing for now, it keeps its turn. */
  head(queue: Queue, key: string): Head | undefined;
  costOf(head: Head): number;
  /** Among keys that this round still owes a visit, a preferred one goes first: it costs the others nothing. */
  isPreferred(head: Head): boolean;
  quantumOf(key: string): number;
};

export type Ring<Queue> = {
  readonly size: number;
  get(key: string): Queue | undefined;
  /** A new key waits for the next round: joining this one would let who comes and goes hold up who waits. */
  set(key: string, queue: Queue): Queue;
  delete(key: string): void;
  /** Whose head is next. Idempotent until something is charged, added or removed. */
  next<Head>(rules: RingRules<Queue, Head>): Head | undefined;
  charge(key: string, cost: number): void;
  copy(copyQueue: (queue: Queue) => Queue): Ring<Queue>;
};

/** How far `next` looks for a preferred head: bounds the work of one pick. */
const LOOK_AHEAD = 32;

export function createRing<Queue>(
  owed = new Map<string, Entry<Queue>>(),
  visited = new Map<string, Entry<Queue>>(),
  served: string | null = null,
): Ring<Queue> {
  const entryOf = (key: string) => owed.get(key) ?? visited.get(key);

  const choose = <Head>(rules: RingRules<Queue, Head>): string | undefined => {
    let first: string | undefined;
    let seen = 0;
    for (const [key, entry] of owed) {
      const head = rules.head(entry.queue, key);
      if (head === undefined) continue;
      first ??= key;
      if (rules.isPreferred(head)) return key;
      if (++seen >= LOOK_AHEAD) break;
    }
    return first;
  };

  /** Everybody is owed a turn again; who was held in this round comes first in the next. */
  const beginRound = (): void => {
    owed = new Map([...owed, ...visited]);
    visited = new Map();
  };

  return {
    get size() {
      return owed.size + visited.size;
    },
    get: (key) => entryOf(key)?.queue,
    set(key, queue) {
      visited.set(key, { queue, deficit: 0 });
      return queue;
    },
    delete(key) {
      owed.delete(key);
      visited.delete(key);
      if (served === key) served = null;
    },
    next<Head>(rules: RingRules<Queue, Head>): Head | undefined {
      let isNewRound = false;
      while (owed.size + visited.size > 0) {
        if (served !== null) {
          const entry = visited.get(served);
          const head = entry && rules.head(entry.queue, served);
          if (entry !== undefined && head !== undefined && rules.costOf(head) <= entry.deficit) return head;
          served = null;
        }
        const key = choose(rules);
        const entry = key === undefined ? undefined : owed.get(key);
        if (key === undefined || entry === undefined) {
          // Nothing but held ones in a whole round.
          if (isNewRound) return undefined;
          beginRound();
          isNewRound = true;
          continue;
        }
        isNewRound = false;
        owed.delete(key);
        visited.set(key, entry);
        entry.deficit += rules.quantumOf(key);
        served = key;
      }
      return undefined;
    },
    charge(key, cost) {
      const entry = entryOf(key);
      if (entry !== undefined) entry.deficit -= cost;
    },
    copy(copyQueue) {
      const copyEntries = (entries: Map<string, Entry<Queue>>) =>
        new Map([...entries].map(([key, { queue, deficit }]) => [key, { queue: copyQueue(queue), deficit }]));
      return createRing(copyEntries(owed), copyEntries(visited), served);
    },
  };
}
