/** What every answer of the desk is made from. */
import { AppError } from '../../errors.ts';
import type { Clock } from '../../ops/clock.ts';
import type { Door } from '../../policy/door.ts';
import type { Limits } from '../../policy/limits.ts';
import type { Place, RuleScope } from '../../policy/rules.ts';
import type { PromptModel } from '../../prompt/types.ts';
import type { JobQueue } from '../../queue/job-queue.ts';
import type { Store } from '../../store/store.ts';
import { TERMINAL_PLATFORM } from '../../studio/platforms.ts';
import type { SignIns } from '../../studio/sign-ins.ts';
import type { Answer, Asker, Studio } from '../../studio/studio.ts';
import type { PlaceKind } from '../form.ts';
import type { ChatAdapter } from '../messages.ts';
import type { View } from '../view.ts';
import type { Locale, Words } from '../words.ts';
import type { CommandName, EaselCommand } from './commands.ts';

export type DeskParts = {
  studio: Studio;
  store: Store;
  queue: Pick<JobQueue, 'pause' | 'resume' | 'counts' | 'waiting' | 'status' | 'unfinishedIds'>;
  clock: Clock;
  /** What is drawn with: its styles are choices of forms. */
  model: PromptModel;
  signIns: Pick<SignIns, 'linkFor'>;
  /** Of the drawing program, for the doctor. */
  drawing(): { state: string; device: string | null; msPerPicture: number | null };
  limits: Limits;
  door: Door;
  connection(platform: string): Connection | undefined;
};

/** What the desk asks of a platform. */
export type Connection = Pick<ChatAdapter, 'limits' | 'messages'> &
  Partial<Pick<ChatAdapter, 'directory' | 'linkTo' | 'warn' | 'ping' | 'examine' | 'administers'>>;

/** One question, with who asks it and how they are spoken to. */
export type DeskContext = {
  parts: DeskParts;
  asker: Asker;
  words: Words;
  locale: Locale;
  /** With its mark, such as `@ada`; the id itself when it is gone. */
  nameOf(kind: PlaceKind, id: string): Promise<string>;
};

export type Options<Name extends CommandName> = Extract<EaselCommand, { name: Name }>['options'];
export type Handler<Name extends CommandName> = (context: DeskContext, options: Options<Name>) => Promise<View>;
export type Handlers<Name extends CommandName> = { readonly [Each in Name]: Handler<Each> };

/** Where settings are meant for; null: the host's, since a terminal is in no place. */
export function placeOf({ asker: { scope } }: Pick<DeskContext, 'asker'>): Place | null {
  const { platform, tenant } = scope;
  return platform === TERMINAL_PLATFORM ? null : { platform, tenant };
}

/** For everyone there. */
export function scopeHere(context: Pick<DeskContext, 'asker'>): RuleScope {
  const place = placeOf(context);
  return place === null ? { kind: 'host' } : { kind: 'tenant', ...place };
}

/** @throws {AppError} its refusal, to be told */
export function value<T>(answer: Answer<T>): T {
  if (answer.kind === 'refused') throw answer.error;
  return answer.value;
}

/** Asked anew for every command, also when its form is sent. */
export async function isAdmin({ isHost, mayAdminister }: Asker): Promise<boolean> {
  return (await mayAdminister?.()) === true || (await isHost?.()) === true;
}

/** @throws {AppError} `LIMIT_ADMINS_ONLY` */
export async function requireAdmin(asker: Asker): Promise<void> {
  if (!(await isAdmin(asker))) throw new AppError('LIMIT_ADMINS_ONLY', 'Only an admin of this place may do this.');
}
