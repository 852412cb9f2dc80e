// Text that a person typed, shown as it was typed: no mention, link, invite or formatting comes of it.

/** Every sign that begins something in Discord's Markdown, or that an address or an invite cannot do without. */
const SPECIAL = /[\\*_~`|>#+\-.:@</[\](){}!]/u;
const ELLIPSIS = '…';

/** One line of text, at most `charactersMax` long once it is escaped. */
export function escapeLine(text: string, charactersMax = Number.POSITIVE_INFINITY): string {
  let line = '';
  for (const sign of text.replaceAll(/\s+/gu, ' ').trim()) {
    const next = SPECIAL.test(sign) ? `\\${sign}` : sign;
    if (line.length + next.length + ELLIPSIS.length > charactersMax) return `${line}${ELLIPSIS}`;
    line += next;
  }
  return line;
}

/** What `escapeLine` was given, as far as it was shown. */
export function unescapeLine(line: string): string {
  return line.replaceAll(/\\([^0-9A-Za-z\s])/gu, '$1');
}

/** Cut by whole signs, for texts that are shown as they are. */
export function cut(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  let kept = '';
  for (const sign of text) {
    if (kept.length + sign.length + ELLIPSIS.length > charactersMax) break;
    kept += sign;
  }
  return `${kept}${ELLIPSIS}`;
}
