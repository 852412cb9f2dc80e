// A request that has to be confirmed, in the message that asks: so the answer works after a restart, too.

import type { APIEmbed } from 'discord.js';
import type { GivenFlag } from '../../src/index.ts';
import { escapeLine, unescapeLine } from './markdown.ts';

export type AskedRequest = {
  /** With the options as they can be typed. */
  readonly text: string;
  readonly preset: string | null;
  readonly private: boolean | null;
  /** What it is a child of. */
  readonly parentId: string | null;
};

const ID = /^easel-confirm:([yn-]):([0-9a-f-]{36}|):(.{0,32})$/u;

/** At most 100 characters, as ids of buttons are. */
export function confirmId(request: Omit<AskedRequest, 'text'>): string {
  const isPrivate = request.private === null ? '-' : request.private ? 'y' : 'n';
  return `easel-confirm:${isPrivate}:${request.parentId ?? ''}:${request.preset ?? ''}`;
}

/** @returns null for an id of something else */
export function readConfirmId(id: string): Omit<AskedRequest, 'text'> | null {
  const [, isPrivate, parentId = '', preset = ''] = ID.exec(id) ?? [];
  if (isPrivate === undefined) return null;
  return {
    private: isPrivate === '-' ? null : isPrivate === 'y',
    parentId: parentId === '' ? null : parentId,
    preset: preset === '' ? null : preset,
  };
}

export function confirmCard(text: string): APIEmbed {
  return { description: escapeLine(text) };
}

/** @returns null for a message that holds no request */
export function readConfirmCard(embeds: readonly Pick<APIEmbed, 'description'>[]): string | null {
  const description = embeds[0]?.description ?? null;
  return description === null ? null : unescapeLine(description);
}

/** Options of a command as people type them, so that one text is all of the request. */
export function withGiven(text: string, given: readonly GivenFlag[]): string {
  return [text, ...given.map(({ name, value }) => `--${name} ${value}`)].join(' ');
}
