/** What may be typed next after `/easel`: commands, then the choices of their options. */

import { COMMAND_NAMES, type CommandName, isCommandName, specOf } from './commands.ts';
import type { DeskContext } from './context.ts';
import { isAdmin } from './context.ts';
import type { Suggestion } from './desk.ts';

const SUGGESTED_MAX = 25;

/** Each suggestion is the whole text up to there. */
export async function suggestions(context: DeskContext, typed: string): Promise<readonly Suggestion[]> {
  const { words, asker } = context;
  const text = typed.replace(/^\s*\/?easel(?=\s|$)\s*/iu, '').toLowerCase();
  const seen = (await isAdmin(asker))
    ? COMMAND_NAMES
    : COMMAND_NAMES.filter((name) => specOf(name).audience === 'everyone');
  const commands = seen.filter((name) => name.startsWith(text) && name !== text.trim());
  if (commands.length > 0 && !isWhole(text)) {
    return commands.slice(0, SUGGESTED_MAX).map((name) => ({ text: name, about: words.say(`command.${name}`) }));
  }
  const name = seen.findLast((each) => text.startsWith(`${each} `));
  if (name === undefined) return [];
  return choicesOf(context, name, text).slice(0, SUGGESTED_MAX);
}

/** With its space behind it a command is done, and its options begin. */
function isWhole(text: string): boolean {
  return /\s$/u.test(text) && isCommandName(text.trim()) && !COMMAND_NAMES.some((name) => name.startsWith(text));
}

function choicesOf({ parts, words }: DeskContext, name: CommandName, text: string): Suggestion[] {
  const [, before = '', word = ''] = /^(.*\s)(\S*)$/u.exec(text) ?? [];
  const given = text.split(/\s+/u);
  return Object.entries(specOf(name).options).flatMap(([option, spec]) => {
    const about = words.say(`option.${option as 'user'}`);
    const choices =
      spec.kind === 'choice'
        ? (spec.choices ?? []).filter(
            (choice) =>
              !(spec.choices ?? []).some((each) => given.slice(0, -1).includes(each)) && choice.startsWith(word),
          )
        : spec.kind === 'toggle'
          ? ['on', 'off'].filter((each) => each.startsWith(word))
          : option === 'style'
            ? parts.model.styles.map((style) => `--style ${style.name}`).filter((each) => each.startsWith(word))
            : [];
    return choices.map((choice) => ({ text: `${before}${choice}`, about }));
  });
}
