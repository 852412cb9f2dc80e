// Where a request on Discord comes from, in the core's words.

export const PLATFORM = 'discord';

/** In links, in place of a server. */
export const DIRECT = '@me';

const DISCORD_EPOCH_MS = 1_420_070_400_000;

/** The smallest id of that moment: ids of Discord sort by time. */
export function snowflakeAt(atMs: number): string {
  return (BigInt(Math.max(0, Math.floor(atMs) - DISCORD_EPOCH_MS)) << 22n).toString();
}

/** When it was made: the first 48 bits of a generation's id are its milliseconds. */
export function timeOfGeneration(generationId: string): number {
  return Number.parseInt(generationId.replaceAll('-', '').slice(0, 12), 16);
}
