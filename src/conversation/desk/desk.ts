/** The desk answers `/easel …`: what a person may know and set, told to that person alone. Permission is asked at the moment of use. */
import type { Asker } from '../../studio/studio.ts';
import type { Form, FormValues } from '../form.ts';
import type { View } from '../view.ts';
import type { Locale } from '../words.ts';
import type { EaselCommand } from './commands.ts';

/** A button or a choice of an answer: what it does is in its id, so it works after restarts. */
export type DeskAction = {
  /** At most 100 characters. */
  id: string;
  label: string;
  style: 'plain' | 'main' | 'danger';
  /** A form must be a platform's first answer to the press: ask `form` for it, else `press`. */
  opensForm: boolean;
};

/** @param problems by the field's name, where the platform can mark fields; the view says the same in its lines */
export type FormAnswer = { view: View; problems: Readonly<Record<string, string>> };

export type Suggestion = { text: string; about: string };

/**
 * Answers are private views of the kinds answer, settings, help and refused. What a person may not do, or mistyped, is a refused
 * view; only what breaks is thrown.
 */
export type Desk = {
  /** What follows `/easel`, with the word or without it. Mentions are written as `writeMention` does. */
  say(asker: Asker, text: string): Promise<View>;
  /** The same from a platform that has options by name: see `toCommand`. */
  run(asker: Asker, command: EaselCommand): Promise<View>;
  /** @param id of an action that opens no form; anything else is refused */
  press(asker: Asker, id: string): Promise<View>;
  /** @param opener id of an action that opens a form, or a command whose spec has one. @returns a refused view instead */
  form(asker: Asker, opener: string | EaselCommand): Promise<Form | View>;
  submit(asker: Asker, formId: string, values: FormValues): Promise<FormAnswer>;
  /** What may be typed next. */
  suggest(asker: Asker, text: string): Promise<readonly Suggestion[]>;
  /** When the bot joins a server or a workspace. */
  welcome(locale: Locale): View;
};

const ACTION = /^(easel-do|easel-form) (\S.*)$/su;
export const ACTION_ID_CHARACTERS_MAX = 100;

/** @returns null for what is not of the desk: a platform hands over whatever a client sent */
export function readDeskAction(id: string): { opensForm: boolean; text: string } | null {
  const [, kind, text] = ACTION.exec(id) ?? [];
  return text === undefined ? null : { opensForm: kind === 'easel-form', text };
}

/** @param text a command as it can be typed */
export function writeDeskAction(text: string, opensForm = false): string {
  return `${opensForm ? 'easel-form' : 'easel-do'} ${text}`;
}
