// Slack's names for the emoji that the controls are written with.

const EMOJI: Readonly<Record<string, string>> = {
  repeat: '🔁',
  one: '1️⃣',
  two: '2️⃣',
  three: '3️⃣',
  four: '4️⃣',
  five: '5️⃣',
  six: '6️⃣',
  seven: '7️⃣',
  eight: '8️⃣',
  nine: '9️⃣',
  arrow_up: '⬆️',
  x: '❌',
  envelope: '✉️',
  email: '✉️',
  star: '⭐',
  pencil2: '✏️',
};

/** @param name as in a reaction event, such as `repeat` or `+1::skin-tone-2` */
export function emojiOfName(name: string): string | null {
  const plain = name.split('::')[0] ?? '';
  return Object.hasOwn(EMOJI, plain) ? (EMOJI[plain] ?? null) : null;
}

/** For `reactions.add`. */
export const WARNING_NAME = 'warning';
