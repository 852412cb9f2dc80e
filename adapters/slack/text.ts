// Text as Slack takes it: escaped, cut, and back from what people typed.

/** The three characters that begin markup; everything a person typed passes here. @see https://docs.slack.dev/messaging/formatting-message-text#escaping */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * Escapes and cuts: never inside an entity or a character.
 *
 * @param lengthMax of the escaped text, in UTF-16 units as Slack counts
 */
export function escapeWithin(text: string, lengthMax: number): string {
  return within(text, lengthMax, escapeText);
}

/** Cuts a text that Slack shows as it is, such as the words of a button. */
export function cutTo(text: string, lengthMax: number): string {
  return within(text, lengthMax, (character) => character);
}

/** The same for a text that was escaped before: never inside an entity. */
export function cutEscaped(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  return `${cutTo(text, lengthMax)
    .slice(0, -1)
    .replace(/&[a-z]{0,4}$/u, '')}…`;
}

function within(text: string, lengthMax: number, write: (text: string) => string): string {
  const whole = write(text);
  if (whole.length <= lengthMax) return whole;
  let cut = '';
  for (const character of text) {
    const written = write(character);
    if (cut.length + written.length > lengthMax - 1) break;
    cut += written;
  }
  return `${cut}…`;
}

/**
 * For texts that Slack shows as they are (alt texts, words of buttons): nothing in them can begin markup, and no entity is read
 * out by letters.
 */
export function withoutMarkup(text: string): string {
  return text.replaceAll('&', '＆').replaceAll('<', '‹').replaceAll('>', '›');
}

const MARKUP = /<([^<>]*)>/gu;

/**
 * What a person typed, from the text of an event: entities, links and mentions as they looked to them.
 *
 * @param ownId the bot: its own mention is taken out
 */
export function readTyped(text: string, ownId: string): string {
  return text
    .replaceAll(MARKUP, (_whole, inside: string) => {
      const [target = '', label] = inside.split('|');
      if (target === `@${ownId}`) return ' ';
      if (target.startsWith('@')) return label === undefined ? '' : `@${label}`;
      if (target.startsWith('#')) return `#${label ?? ''}`;
      if (target.startsWith('!')) return `@${(label ?? target.slice(1).split('^')[0] ?? '').replace(/^@/u, '')}`;
      return label ?? target.replace(/^mailto:/u, '');
    })
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll(/[ \t]+/gu, ' ')
    .trim();
}
