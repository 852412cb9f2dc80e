// Which reactions each message shows, one line of a file for each change; what they ask for is the core's to know.

import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export type Reaction = { readonly emoji: string; readonly personIds: readonly string[] };

export type Reactions = {
  of(messageId: string): readonly Reaction[];
  /** @returns false when it is there already */
  add(messageId: string, emoji: string, personId: string): Promise<boolean>;
  remove(messageId: string, emoji: string, personId: string): Promise<void>;
  /** The message is gone, and what was said to it. */
  forget(messageId: string): Promise<void>;
};

/** `k`: whether it is on; older files hold a key there. */
type Line = { m: string; e: string; p: string; k: boolean | string | null };

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
  /** message -> emoji -> people */
  const messages = new Map<string, Map<string, Set<string>>>();

  function apply({ m: messageId, e: emoji, p: personId, k: isOn }: Line): void {
    if (emoji === '') {
      messages.delete(messageId);
      return;
    }
    const emojis = messages.get(messageId) ?? new Map<string, Set<string>>();
    const people = emojis.get(emoji) ?? new Set<string>();
    if (isOn === null || isOn === false) people.delete(personId);
    else people.add(personId);
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
    [...emojis].flatMap(([e, people]) => [...people].map((p) => `${JSON.stringify({ m, e, p, k: true })}\n`)),
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
      [...(messages.get(messageId) ?? [])].map(([emoji, people]) => ({ emoji, personIds: [...people] })),
    async add(messageId, emoji, personId) {
      if (messages.get(messageId)?.get(emoji)?.has(personId) === true) return false;
      await write({ m: messageId, e: emoji, p: personId, k: true });
      return true;
    },
    async remove(messageId, emoji, personId) {
      if (messages.get(messageId)?.get(emoji)?.has(personId) !== true) return;
      await write({ m: messageId, e: emoji, p: personId, k: null });
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
