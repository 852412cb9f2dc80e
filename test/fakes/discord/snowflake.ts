/** Discord's ids: the time since 2015, and a count that keeps two of one millisecond apart. */

const EPOCH_MS = 1_420_070_400_000n;

export type MakeSnowflake = () => string;

export function createSnowflakes(nowMs: () => number): MakeSnowflake {
  let lastMs = 0n;
  let count = 0n;
  return () => {
    const now = BigInt(nowMs());
    // Time only goes on in ids, so that they sort as things happened.
    count = now > lastMs ? 0n : count + 1n;
    if (now > lastMs) lastMs = now;
    return String(((lastMs - EPOCH_MS) << 22n) + count);
  };
}

/** The shard that hears of a server. */
export function shardOf(guildId: string, shardCount: number): number {
  return Number((BigInt(guildId) >> 22n) % BigInt(shardCount));
}

/** Whether one is older, for lists that go from the newest. */
export function bySnowflake(one: { id: string }, other: { id: string }): number {
  return BigInt(one.id) < BigInt(other.id) ? -1 : BigInt(one.id) > BigInt(other.id) ? 1 : 0;
}
