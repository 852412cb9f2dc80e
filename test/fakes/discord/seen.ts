/** A message as a person sees it in the client: words, pictures, buttons, menus. */
import {
  type APIEmbed,
  type APIMessageTopLevelComponent,
  ButtonStyle,
  ComponentType,
  MessageFlags,
} from 'discord-api-types/v10';
import { everyComponent, type RawComponent } from './components.ts';
import type { Discord } from './discord.ts';
import { userOf, type WorldAttachment, type WorldMessage } from './world.ts';

export type SeenButton = {
  customId: string | null;
  label: string;
  emoji: string | null;
  isDisabled: boolean;
  url: string | null;
  style: ButtonStyle;
};
export type SeenSelect = {
  customId: string;
  placeholder: string;
  isDisabled: boolean;
  type: ComponentType;
  options: { label: string; value: string; description: string; isChosen: boolean }[];
};

export type SeenMessage = {
  id: string;
  channelId: string;
  author: string;
  isFromBot: boolean;
  /** "… is thinking" */
  isThinking: boolean;
  isEphemeral: boolean;
  isEdited: boolean;
  content: string;
  /** Every word in it, of embeds and components too, one line each. */
  text: string;
  embeds: readonly APIEmbed[];
  components: readonly APIMessageTopLevelComponent[];
  buttons: readonly SeenButton[];
  selects: readonly SeenSelect[];
  attachments: readonly WorldAttachment[];
  /** What who cannot see the pictures is told. */
  alts: readonly string[];
  reactions: Readonly<Record<string, number>>;
  /** Whether it makes a sound at this person. */
  isPing: boolean;
  replyTo: string | null;
};

export function toSeen({ world }: Discord, message: WorldMessage, readerId: string): SeenMessage {
  const all = everyComponent(message.components as unknown as RawComponent[]);
  const author = userOf(world, message.authorId);
  const described = all.flatMap(({ description, items }) => [
    description,
    ...(items ?? []).map((item) => item.description),
  ]);
  const alts = [...message.attachments.map(({ description }) => description), ...described];
  return {
    id: message.id,
    channelId: message.channelId,
    author: author.username,
    isFromBot: author.isBot,
    isThinking: (message.flags & MessageFlags.Loading) !== 0,
    isEphemeral: message.onlyFor !== null,
    isEdited: message.editedAtMs !== null,
    content: message.content,
    text: [message.content, ...message.embeds.flatMap(wordsOfEmbed), ...all.map(({ content }) => content ?? '')]
      .filter((line) => line !== '')
      .join('\n'),
    embeds: message.embeds,
    components: message.components,
    buttons: all.filter(({ type }) => type === ComponentType.Button).map(toButton),
    selects: all.filter(({ min_values: min }) => min !== undefined).map(toSelect),
    attachments: message.attachments,
    alts: [...new Set(alts.filter((alt) => alt !== null && alt !== undefined))],
    reactions: Object.fromEntries([...message.reactions].map(([emoji, users]) => [emoji, users.size])),
    isPing: message.mentionsEveryone || message.mentions.includes(readerId),
    replyTo: message.replyTo,
  };
}

function wordsOfEmbed({ title, description, fields, footer, author }: APIEmbed): readonly string[] {
  const named = (fields ?? []).map(({ name, value }) => `${name}: ${value}`);
  return [author?.name, title, description, ...named, footer?.text].filter((text) => text !== undefined);
}

function toButton({ custom_id: customId, label, emoji, disabled, url, style }: RawComponent): SeenButton {
  return {
    customId: customId ?? null,
    label: label ?? '',
    emoji: emoji?.name ?? null,
    isDisabled: disabled === true,
    url: url ?? null,
    style: style ?? ButtonStyle.Primary,
  };
}

function toSelect({ custom_id: customId, placeholder, disabled, type, options }: RawComponent): SeenSelect {
  return {
    customId: customId ?? '',
    placeholder: placeholder ?? '',
    isDisabled: disabled === true,
    type,
    options: (options ?? []).map((option) => ({
      label: option.label,
      value: option.value,
      description: option.description ?? '',
      isChosen: option.default === true,
    })),
  };
}
