/** What Slack makes of text: whom it calls, and what a person reads. https://docs.slack.dev/messaging/formatting-message-text */
import type { BlockJson, World } from './world.ts';

const BROADCAST = /<!(channel|here|everyone)(?:\|[^>]*)?>/gu;
const MENTION = /<(?:@([UW][A-Z0-9]+)|!subteam\^(S[A-Z0-9]+))(?:\|[^>]*)?>/gu;

/** Whom a message calls: `channel`, `here`, `everyone`, ids of users and groups. */
export function pingsOf(texts: readonly string[]): readonly string[] {
  const pings = texts.flatMap((text) => [
    ...[...text.matchAll(BROADCAST)].map((match) => match[1] ?? ''),
    ...[...text.matchAll(MENTION)].map((match) => match[1] ?? match[2] ?? ''),
  ]);
  return [...new Set(pings)];
}

/** What Slack makes of what a person typed: names of people, channels and groups by their ids, everything else as text. */
export function escapeTyped({ users, channels, groups }: World, typed: string, withNames = false): string {
  const escaped = typed.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const named = <T extends { id: string }>(all: Iterable<T>, name: string, of: (each: T) => string): T | undefined =>
    [...all].find((each) => of(each) === name);
  return escaped.replaceAll(/([@#])([a-z0-9_-]+)/gu, (whole, sign: string, name: string) => {
    const user = sign === '@' ? named(users.values(), name, (each) => each.name) : undefined;
    if (user !== undefined) return `<@${user.id}${withNames ? `|${name}` : ''}>`;
    const group = sign === '@' ? named(groups.values(), name, (each) => each.handle) : undefined;
    if (group !== undefined) return `<!subteam^${group.id}|@${name}>`;
    const channel = sign === '#' ? named(channels.values(), name, (each) => each.name) : undefined;
    return channel === undefined ? whole : `<#${channel.id}|${name}>`;
  });
}

/** What a person reads: references by their names, and the three escaped characters. */
export function readMrkdwn(text: string): string {
  return text
    .replaceAll(/<([^>|]*)\|([^>]*)>/gu, '$2')
    .replaceAll(/<!(channel|here|everyone)>/gu, '@$1')
    .replaceAll(/<([^>]*)>/gu, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** Every text object in blocks, in reading order, wherever it is. */
export function textsOf(blocks: readonly BlockJson[]): readonly { type: string; text: string }[] {
  const found: { type: string; text: string }[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) visit(each);
    else if (typeof value === 'object' && value !== null) {
      const { type, text } = value as { type?: unknown; text?: unknown };
      if (typeof type === 'string' && typeof text === 'string') found.push({ type, text });
      for (const each of Object.values(value)) visit(each);
    }
  };
  visit(blocks);
  return found;
}
