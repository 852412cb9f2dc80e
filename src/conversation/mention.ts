/** How a typed command names somebody: adapters turn their platform's mentions into these before the desk reads them. */
import type { PlaceKind } from './form.ts';

export type Mention = { kind: PlaceKind; id: string };

const MENTION = /^<(user|role|channel):([^<>\s]{1,100})>$/u;

/** Such as `<role:42>`. */
export function writeMention({ kind, id }: Mention): string {
  return `<${kind}:${id}>`;
}

/** @returns null for any other word */
export function readMention(word: string): Mention | null {
  const [, kind, id] = MENTION.exec(word) ?? [];
  return id === undefined || !isPlaceKind(kind) ? null : { kind, id };
}

function isPlaceKind(text: string | undefined): text is PlaceKind {
  return text === 'user' || text === 'role' || text === 'channel';
}
