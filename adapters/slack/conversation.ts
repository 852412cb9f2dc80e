// What people write to the bot: mentions, replies to pictures, direct messages, `/easel …`, and reactions.

import {
  type Asking,
  answerView,
  type CommandName,
  isCommandName,
  type Locale,
  type View,
  wordsFor,
  writeMention,
} from '../../src/index.ts';
import { askingOf, localeFor, type SlackContext, type Spot } from './context.ts';
import { emojiOfName } from './emoji.ts';
import { messageRef } from './presses.ts';
import { request } from './requests.ts';
import { readTarget, toTarget } from './scope.ts';
import { tell } from './tell.ts';
import { readTyped } from './text.ts';

export type Written = {
  readonly spot: Spot & { readonly channel: string };
  /** As Slack sent it: escaped, with markup. */
  readonly text: string;
  readonly key: string;
  /** In the conversation with the bot nobody has to say that they want a picture. */
  readonly isDirect: boolean;
};

/** `imagine a fox`, `/imagine a fox`, `draw a fox`, `画 狐狸`. */
const IMAGINE = /^\/?(?:imagine|draw|画)(?=\s|$|[\u3400-\u9fff])\s*/iu;

export async function written(context: SlackContext, { spot, text, key, isDirect }: Written): Promise<void> {
  const { userId } = await context.identity();
  const typed = readTyped(text, userId);
  if (IMAGINE.test(typed)) return request(context, spot, key, { text: typed.replace(IMAGINE, '') });
  if (isForDesk(typed)) return sayToDesk(context, spot, key, withMentions(text, userId));
  if (spot.thread !== null && typed !== '') {
    const asking = await askingOf(context, spot, key);
    const answer = await context.messageActions.reply(asking, messageRef(spot.channel, spot.thread), typed);
    if (answer === null) return;
    if (answer !== undefined) return tell(context, spot, answer);
  }
  if (isDirect && typed !== '') return request(context, spot, key, { text: typed });
  await tell(context, spot, await helpFor(context, spot, key));
}

/** `/easel …` as it was typed, with mentions as Slack writes them. @returns the answer, for who shows it elsewhere */
export async function sayToDesk(context: SlackContext, spot: Spot, key: string, text: string): Promise<void> {
  const asking = await askingOf(context, spot, key);
  await tell(context, spot, await context.desk.say(asking, text));
}

async function helpFor(context: SlackContext, spot: Spot, key: string): Promise<View> {
  const asking: Asking = await askingOf(context, spot, key);
  const help = await context.desk.say(asking, 'help');
  return { ...help, lines: [wordsFor(help.locale).say('slack.mentionHelp'), ...help.lines] };
}

/** `easel …`, or a command alone such as `help` or `limits list`. */
function isForDesk(typed: string): boolean {
  if (/^\/?easel(?=\s|$)/iu.test(typed)) return true;
  const [first = '', second = '', ...rest] = typed.toLowerCase().split(/\s+/u);
  const isOne = (name: string): name is CommandName => isCommandName(name);
  return isOne(`${first} ${second}`) || (isOne(first) && second === '' && rest.length === 0);
}

/** Slack's mentions as the desk reads them. */
export function withMentions(text: string, ownId: string): string {
  const marked = text
    .replaceAll(/<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>/gu, (whole, id: string) => (id === ownId ? whole : mark('user', id)))
    .replaceAll(/<#([CG][A-Z0-9]+)(?:\|[^<>]*)?>/gu, (_whole, id: string) => mark('channel', id))
    .replaceAll(/<!subteam\^(S[A-Z0-9]+)(?:\|[^<>]*)?>/gu, (_whole, id: string) => mark('role', id));
  // Between the two steps a mention has no brackets, which are Slack's own markup, but characters that nobody types.
  return readTyped(marked, ownId).replaceAll(
    /\uE000(user|role|channel):([A-Z0-9]+)\uE001/gu,
    (_whole, kind: 'user' | 'role' | 'channel', id: string) => writeMention({ kind, id }),
  );
}

function mark(kind: 'user' | 'role' | 'channel', id: string): string {
  return `\uE000${kind}:${id}\uE001`;
}

export type Reacted = {
  readonly user: string;
  readonly name: string;
  readonly channel: string;
  readonly messageId: string;
};

export async function reacted(context: SlackContext, { user, name, channel, messageId }: Reacted): Promise<void> {
  const emoji = emojiOfName(name);
  if (emoji === null) return;
  const message = messageRef(channel, messageId);
  const generation = await context.studio.ofMessage(message.platform, channel, messageId);
  if (generation === null) return;
  // The event does not say in which thread the message stands; the request it came from does.
  const thread = generation.scope.channel === channel ? readTarget(generation.target).thread : null;
  const spot: Spot = { user, channel, thread };
  const asking = await askingOf(context, spot, '');
  await context.reactions.add(asking, { message, emoji, target: toTarget(thread) }, (view) =>
    tell(context, spot, view),
  );
}

export async function unreacted(context: SlackContext, { user, name, channel, messageId }: Reacted): Promise<void> {
  const emoji = emojiOfName(name);
  if (emoji === null) return;
  const asking = await askingOf(context, { user, channel, thread: null }, '');
  await context.reactions.takeBack(asking, { message: messageRef(channel, messageId), emoji });
}

export async function welcomed(context: SlackContext, user: string): Promise<View> {
  const locale: Locale = await localeFor(context, user);
  const view = context.desk.welcome(locale);
  return view.heading === '' ? answerView(wordsFor(locale).say('view.help'), locale) : view;
}
