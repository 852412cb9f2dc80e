// Who reacted with what to which message; one line of a file for each change, so that reactions are there after a restart.

import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export type Reaction = { readonly emoji: string; readonly personIds: readonly string[] };

export type Reactions = {
  of(messageId: string): readonly Reaction[];
  /** @returns the key of this reaction, unique to it; null when it is there already */
  add(messageId: string, emoji: string, personId: string): Promise<string | null>;
  /** @returns the key it had; null when there was none */
  remove(messageId: string, emoji: string, personId: string): Promise<string | null>;
  /** The message is gone, and what was said to it. */
  forget(messageId: string): Promise<void>;
};

type Line = { m: string; e: string; p: string; k: string | null };

/** What the page offers, the controls' emoji first. */
export const REACTION_EMOJI = [
  '🔁',
  '1️⃣',
  '2️⃣',
  '3️⃣',
  '4️⃣',
  '⬆️',
  '⭐',
  '✉️',
  '✏️',
  '❌',
  '❤️',
  '👍',
  '😂',
  '😮',
  '🎨',
  '🔥',
] as const;

export async function openReactions(path: string): Promise<Reactions> {
  await mkdir(dirname(path), { recursive: true });
  /** message -> emoji -> person -> key */
  const messages = new Map<string, Map<string, Map<string, string>>>();

  function apply({ m: messageId, e: emoji, p: personId, k: key }: Line): void {
    if (emoji === '') {
      messages.delete(messageId);
      return;
    }
    const emojis = messages.get(messageId) ?? new Map<string, Map<string, string>>();
    const people = emojis.get(emoji) ?? new Map<string, string>();
    if (key === null) people.delete(personId);
    else people.set(personId, key);
    if (people.size > 0) emojis.set(emoji, people);
    else emojis.delete(emoji);
    if (emojis.size > 0) messages.set(messageId, emojis);
    else messages.delete(messageId);
  }

  const text = await readFile(path, 'utf8').catch(() => '');
  for (const line of text.split('\n')) {
    const read = readLine(line);
    if (read !== null) apply(read);
  }
  // What was taken back need not be read again.
  const rest = [...messages].flatMap(([m, emojis]) =>
    [...emojis].flatMap(([e, people]) => [...people].map(([p, k]) => `${JSON.stringify({ m, e, p, k })}\n`)),
  );
  await writeFile(`${path}.tmp`, rest.join(''), { mode: 0o600 });
  await rename(`${path}.tmp`, path);

  let writing = Promise.resolve();
  const write = (line: Line): Promise<void> => {
    apply(line);
    writing = writing.then(() => appendFile(path, `${JSON.stringify(line)}\n`)).catch(() => {});
    return writing;
  };

  return {
    of: (messageId) =>
      [...(messages.get(messageId) ?? [])].map(([emoji, people]) => ({ emoji, personIds: [...people.keys()] })),
    async add(messageId, emoji, personId) {
      if (messages.get(messageId)?.get(emoji)?.has(personId) === true) return null;
      const key = `web:reaction:${crypto.randomUUID()}`;
      await write({ m: messageId, e: emoji, p: personId, k: key });
      return key;
    },
    async remove(messageId, emoji, personId) {
      const key = messages.get(messageId)?.get(emoji)?.get(personId) ?? null;
      if (key !== null) await write({ m: messageId, e: emoji, p: personId, k: null });
      return key;
    },
    async forget(messageId) {
      if (messages.has(messageId)) await write({ m: messageId, e: '', p: '', k: null });
    },
  };
}

/** The last line may be cut: the power went while it was written. */
function readLine(text: string): Line | null {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
