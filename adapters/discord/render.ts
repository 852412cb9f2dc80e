// Views as messages of Discord: plain text that stays text, the picture with its alternative text, rows of buttons.

import { type APIAllowedMentions, type APIEmbed, MessageFlags, type RawFile, type RESTAPIAttachment } from 'discord.js';
import { COMMAND_NAMES, specOf, type View, type ViewBar } from '../../src/index.ts';
import { type Row, toRows } from './buttons.ts';
import { EASEL_ADMIN } from './commands.ts';
import { cut, escapeLine } from './markdown.ts';

/** A whole message: what it says, shows and offers, so that an edit leaves nothing of what was there before. */
export type Rendered = {
  body: {
    content: string;
    embeds: APIEmbed[];
    components: Row[];
    attachments: RESTAPIAttachment[];
    allowed_mentions: APIAllowedMentions;
    /** Links in a text of ours are never unfolded; a card of ours would be hidden by this. */
    flags: number;
  };
  files: RawFile[];
};

const CONTENT_MAX = 2_000;
const CARD_MAX = 4_096;
/** So much of the text is kept for what is not the prompt. */
const PROMPT_SHARE_MAX = 1_400;
const LINE_MAX = 600;
const ALT_MAX = 1_024;
const BAR_SIGNS = 12;
const ADMIN_WORDS = new Set(
  COMMAND_NAMES.filter((name) => specOf(name).audience === 'admins').map((name) => name.split(' ')[0] ?? ''),
);

/** Names nobody: who is meant is shown by name and not pinged. */
export const NOBODY: APIAllowedMentions = { parse: [] };

export function onlyUser(user: string): APIAllowedMentions {
  return { parse: [], users: [user] };
}

export function render(view: View): Rendered {
  const text = toText(view);
  const fits = text.length <= CONTENT_MAX;
  const { files, attachments } = toFiles(view);
  return {
    body: {
      content: fits ? text : '',
      embeds: fits ? [] : [{ description: cut(text, CARD_MAX) }],
      components: toRows({
        ...view,
        actions: view.actions.map((action) => ({ ...action, label: asCommands(action.label) })),
      }),
      attachments,
      allowed_mentions: NOBODY,
      flags: fits ? MessageFlags.SuppressEmbeds : 0,
    },
    files,
  };
}

export function toText(view: View): string {
  const { user, prompt, progressShare, fields, bars, generationId } = view;
  const heading = asCommands(view.heading);
  const lines = view.lines.map(asCommands);
  const isPicture = prompt !== null || view.controls.length > 0;
  const facts = isPicture ? fields.map(({ name, value }) => `${escapeLine(name)}: ${escapeLine(value, LINE_MAX)}`) : [];
  if (generationId !== null && isPicture) facts.push(`\`${generationId}\``);
  const parts = [
    `**${escapeLine(heading, LINE_MAX)}**${user === null ? '' : ` · <@${user}>`}`,
    ...(prompt === null ? [] : [`> ${escapeLine(prompt, PROMPT_SHARE_MAX)}`]),
    ...(progressShare === null ? [] : [sayBar(progressShare)]),
    ...lines.map((line) => escapeLine(line, LINE_MAX)),
    ...(isPicture ? [] : fields.map(({ name, value }) => `**${escapeLine(name)}** ${escapeLine(value, LINE_MAX)}`)),
    ...bars.map(sayUse),
    ...(facts.length === 0 ? [] : [`-# ${facts.join(' · ')}`]),
    ...(generationId !== null && !isPicture ? [`-# \`${generationId}\``] : []),
  ];
  return parts.join('\n');
}

/** Texts of the core name commands as `/easel …`; here those for admins are a command of their own. */
export function asCommands(text: string): string {
  return text.replaceAll(/\/easel (?=([a-z]+))/gu, (all, word: string) =>
    ADMIN_WORDS.has(word) ? `/${EASEL_ADMIN} ` : all,
  );
}

/** Whether the message is that of this generation: its id is in a button, or in the last line, where nothing typed can be. */
export function carries(message: { content: string; components?: unknown }, generationId: string): boolean {
  const isInButtons = JSON.stringify(message.components ?? []).includes(`:${generationId}:`);
  return isInButtons || (message.content.split('\n').at(-1) ?? '').includes(`\`${generationId}\``);
}

function toFiles({ image, file }: View): { files: RawFile[]; attachments: RESTAPIAttachment[] } {
  const files: RawFile[] = [];
  const attachments: RESTAPIAttachment[] = [];
  if (image !== null) {
    files.push({ name: image.fileName, data: toBuffer(image.bytes), contentType: image.mediaType });
    attachments.push({
      id: '0',
      filename: image.fileName,
      description: cut(image.alt.replaceAll(/\s+/gu, ' '), ALT_MAX),
    });
  }
  if (file !== null) {
    attachments.push({ id: `${files.length}`, filename: file.fileName });
    files.push({ name: file.fileName, data: Buffer.from(file.text), contentType: 'text/plain; charset=utf-8' });
  }
  return { files, attachments };
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function sayBar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_SIGNS);
  return `${'▰'.repeat(full)}${'▱'.repeat(BAR_SIGNS - full)}`;
}

function sayUse({ label, usedShare, value, note }: ViewBar): string {
  const more = note === null ? '' : ` · ${escapeLine(note)}`;
  return `${sayBar(usedShare)} **${escapeLine(label)}** ${escapeLine(value)}${more}`;
}
