/** A reply such as "darker" or "blue instead of red", applied to the prompt it answers. Pure text. */
import { DASHES } from './scan.ts';

const FIRST_FLAG = new RegExp(`(?:^|\\s)(?=${DASHES}[a-z])`, 'iu');
const WHOLE = /^(?:\/?imagine\b|=)\s*(?=\S)/iu;
const INSTEAD = /^(?:with\s+)?(.+?)\s+instead\s+of\s+(.+)$/iu;
const WITHOUT = /^(?:no|without)\s+(.+)$/iu;
const INSTEAD_ZH = /^把(.+?)(?:换成|改成)(.+)$/u;
const WITHOUT_ZH = /^(?:不要|没有)\s*(.+)$/u;

export type EditedWords = {
  prompt: string;
  /** Options as typed, such as `--n 1`. */
  flags: string;
  /** Of "no hat": joins what was unwanted before. */
  unwanted: string | null;
  /** The reply stands for the whole prompt, options too. */
  isWhole: boolean;
};

/** @param reply without the mention of the bot */
export function editWords(prompt: string, reply: string): EditedWords {
  const whole = WHOLE.exec(reply.trim());
  const typed = whole === null ? reply.trim() : reply.trim().slice(whole[0].length);
  const at = FIRST_FLAG.exec(typed)?.index ?? typed.length;
  const words = typed.slice(0, at).trim();
  const flags = typed.slice(at).trim();
  const edited = { flags, unwanted: null, isWhole: whole !== null };
  if (whole !== null) return { ...edited, prompt: words };
  if (words === '') return { ...edited, prompt };
  const without = WITHOUT.exec(words) ?? WITHOUT_ZH.exec(words);
  if (without !== null) return { ...edited, prompt, unwanted: without[1] ?? null };
  const [, added = '', replaced = ''] = INSTEAD.exec(words) ?? swap(INSTEAD_ZH.exec(words)) ?? [];
  const found = replaced === '' ? -1 : prompt.toLowerCase().indexOf(replaced.toLowerCase());
  if (found >= 0) {
    return { ...edited, prompt: `${prompt.slice(0, found)}${added}${prompt.slice(found + replaced.length)}` };
  }
  return { ...edited, prompt: `${prompt}, ${words}` };
}

/** "把红换成蓝" names what goes first. */
function swap(match: RegExpExecArray | null): readonly [string, string, string] | null {
  return match === null ? null : [match[0], match[2] ?? '', match[1] ?? ''];
}
