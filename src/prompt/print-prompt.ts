// Words and options -> one line that parses to the same again: to store, to show, to edit.

import { DASHES } from './scan.ts';
import type { PromptOptions } from './types.ts';

const FLAG_START = new RegExp(`(?<=^|\\s)(?=${DASHES}\\p{L})`, 'gu');

/** Writes a prompt with its flags; what is null or false is left out. `parsePrompt` reads the same back. */
export function printPrompt(prompt: string, options: Partial<PromptOptions>): string {
  const words = escapeSigns(prompt).replace(FLAG_START, '\\');
  return [words, ...printFlags(options)].filter((part) => part !== '').join(' ');
}

export function printFlags(options: Partial<PromptOptions>): readonly string[] {
  const { seed, count, aspect, style, unwanted, guidanceScale, model } = options;
  const flags: string[] = [];
  const add = (name: string, value: string | number | null | undefined): void => {
    if (value !== null && value !== undefined) flags.push(`--${name} ${printValue(String(value))}`);
  };
  add('seed', seed);
  add('n', count);
  add('ar', aspect);
  add('style', style);
  if (unwanted !== null && unwanted !== undefined) flags.push(`--no=${quote(unwanted)}`);
  add('guidance', guidanceScale);
  add('model', model);
  if (options.private === true) flags.push('--private');
  return flags;
}

function printValue(value: string): string {
  return /^[\w.:][\w.:-]*$/u.test(value) ? value : quote(value);
}

function quote(value: string): string {
  return `"${escapeSigns(value)}"`;
}

function escapeSigns(text: string): string {
  return text.replace(/[\\{}"]/gu, '\\$&');
}
