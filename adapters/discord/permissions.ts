// What Easel needs in a channel, and the invite link that asks for no more.

import { type PermissionsBitField, PermissionFlagsBits as Right } from 'discord.js';
import type { Words } from '../../src/index.ts';

/** Named by Discord's own names in the words. */
export const RIGHTS = {
  view: Right.ViewChannel,
  send: Right.SendMessages,
  sendInThreads: Right.SendMessagesInThreads,
  embed: Right.EmbedLinks,
  attach: Right.AttachFiles,
  history: Right.ReadMessageHistory,
  react: Right.AddReactions,
} as const;
export type RightName = keyof typeof RIGHTS;

/** Without these nothing can be drawn here: the message, the picture in it, and finding it again after a crash. */
const NEEDED: readonly RightName[] = ['view', 'send', 'attach', 'history'];
const NEEDED_IN_THREAD: readonly RightName[] = ['view', 'sendInThreads', 'attach', 'history'];
/** Without these something is missing: long lists as a card, the sign of a refused reaction. */
const WANTED: readonly RightName[] = ['embed', 'react'];

type Held = Pick<PermissionsBitField, 'has'>;

export function missingRights(held: Held, isThread: boolean): readonly RightName[] {
  return (isThread ? NEEDED_IN_THREAD : NEEDED).filter((name) => !held.has(RIGHTS[name]));
}

export function missingWanted(held: Held): readonly RightName[] {
  return WANTED.filter((name) => !held.has(RIGHTS[name]));
}

export function sayRights(names: readonly RightName[], words: Words): string {
  return names.map((name) => words.say(`discord.right.${name}`)).join(', ');
}

/** Such as `274878024768`. */
export const INVITE_PERMISSIONS = Object.values(RIGHTS)
  .reduce((all, right) => all | right, 0n)
  .toString();

export function inviteLink(applicationId: string): string {
  const query = new URLSearchParams({
    client_id: applicationId,
    scope: 'bot applications.commands',
    permissions: INVITE_PERMISSIONS,
  });
  return `https://discord.com/oauth2/authorize?${query}`;
}
