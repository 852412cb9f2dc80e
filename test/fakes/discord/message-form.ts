/** Turns the form of a message, a new one's or an edit's, into what the message becomes; refuses what Discord refuses. */
import {
  type APIAllowedMentions,
  type APIEmbed,
  type APIMessageTopLevelComponent,
  MessageFlags,
} from 'discord-api-types/v10';
import sharp from 'sharp';
import type { UploadedFile } from '../protocol/request.ts';
import { type Media, problemsOfComponents, type RawComponent, toComponents } from './components.ts';
import type { Discord } from './discord.ts';
import { Refusal, refuseForm } from './refusal.ts';
import type { WorldAttachment, WorldMessage } from './world.ts';

/** The fields that every way to write a message shares. */
export type Form = {
  content?: string | null;
  embeds?: APIEmbed[] | null;
  components?: RawComponent[] | null;
  attachments?: { id: string; filename?: string | null; description?: string | null }[] | null;
  allowed_mentions?: APIAllowedMentions | null;
  flags?: number | null;
};

export type Content = Pick<
  WorldMessage,
  'content' | 'embeds' | 'components' | 'attachments' | 'flags' | 'mentions' | 'mentionsEveryone'
>;

export type FormPlace = {
  /** The message as it was; null: a new one. */
  before: WorldMessage | null;
  channelId: string;
  guildId: string | null;
  uploadBytesMax: number;
  repliedUserId: string | null;
};

const REQUEST_BYTES_MAX = 25 * 1024 * 1024;
const CONTENT_MAX = 2_000;
const EMBEDS_CHARACTERS_MAX = 6_000;
/** What a sender may set; everything else of `flags` is Discord's own. */
const FLAGS_ALLOWED =
  MessageFlags.SuppressEmbeds |
  MessageFlags.SuppressNotifications |
  MessageFlags.IsComponentsV2 |
  MessageFlags.Ephemeral;

export async function readForm(
  discord: Discord,
  form: Form,
  files: readonly UploadedFile[],
  place: FormPlace,
): Promise<Content> {
  const { before } = place;
  const flags = (form.flags ?? before?.flags ?? 0) | ((before?.flags ?? 0) & MessageFlags.IsComponentsV2);
  const isV2 = (flags & MessageFlags.IsComponentsV2) !== 0;
  refuseForm(problemsOfFlags(form, before));
  checkSizes(files, place.uploadBytesMax);
  const attachments = await readAttachments(discord, form, files, before);
  const content = form.content === undefined ? (before?.content ?? '') : (form.content ?? '').trim();
  const components = form.components ?? [];
  refuseForm([
    ...(content.length > CONTENT_MAX ? [`content: Must be ${CONTENT_MAX} or fewer in length.`] : []),
    ...problemsOfEmbeds(form.embeds ?? []),
    ...problemsOfMentions(form.allowed_mentions),
    ...problemsOfComponents(components, isV2),
    ...(isV2 && (content !== '' || (form.embeds ?? []).length > 0)
      ? ['content: The MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2 flag is set: no content, no embeds']
      : []),
  ]);
  const mediaOf = (url: string): Media | null => {
    const name = /^attachment:\/\/(.+)$/u.exec(url)?.[1];
    if (name === undefined) return { url, widthPx: null, heightPx: null, mediaType: null, attachmentId: null };
    const found = attachments.find((attachment) => attachment.name === name);
    if (found === undefined) return null;
    const { id, widthPx, heightPx, mediaType } = found;
    return { url: discord.cdn.urlOf(place.channelId, found), widthPx, heightPx, mediaType, attachmentId: id };
  };
  const embeds =
    form.embeds === undefined ? (before?.embeds ?? []) : (form.embeds ?? []).map((embed) => toEmbed(embed, mediaOf));
  const written = writeComponents(discord, form, before, mediaOf);
  const made = { content, embeds, attachments, flags, components: written };
  refuseEmpty(made);
  return { ...made, ...readMentions(discord, textOf(content, components), form.allowed_mentions, place) };
}

function problemsOfFlags({ flags }: Form, before: WorldMessage | null): readonly string[] {
  if (flags === undefined || flags === null) return [];
  if ((flags & ~FLAGS_ALLOWED) !== 0) return [`flags: Value must be of {${FLAGS_ALLOWED}}`];
  const wasV2 = before !== null && (before.flags & MessageFlags.IsComponentsV2) !== 0;
  return wasV2 && (flags & MessageFlags.IsComponentsV2) === 0 ? ['flags: IS_COMPONENTS_V2 cannot be removed'] : [];
}

function checkSizes(files: readonly UploadedFile[], uploadBytesMax: number): void {
  const total = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (total > REQUEST_BYTES_MAX || files.some(({ bytes }) => bytes.length > uploadBytesMax)) throw new Refusal(40_005);
}

/** `attachments[].id` is the number of a file of this request, or the id of one that stays; what an edit leaves out goes. */
async function readAttachments(
  discord: Discord,
  form: Form,
  files: readonly UploadedFile[],
  before: WorldMessage | null,
): Promise<WorldAttachment[]> {
  const numbered = new Map(files.map((file) => [/^files\[(\d+)\]$/u.exec(file.field)?.[1] ?? file.field, file]));
  const listed = form.attachments ?? null;
  const made: WorldAttachment[] = [];
  if (listed === null) made.push(...(before?.attachments ?? []));
  for (const { id, filename, description } of listed ?? []) {
    const file = numbered.get(id);
    const kept = before?.attachments.find((attachment) => attachment.id === id);
    if (file !== undefined) {
      numbered.delete(id);
      made.push(await readFile(discord, file, filename ?? file.name, description ?? null));
    } else if (kept !== undefined) made.push(description === undefined ? kept : { ...kept, description });
    else throw new Refusal(50_035, [`attachments: Attachment data cannot be found (${id})`]);
  }
  for (const [number, file] of numbered) {
    if (!/^\d+$/u.test(number)) throw new Refusal(50_035, [`${number}: unknown part of the form`]);
    made.push(await readFile(discord, file, file.name, null));
  }
  if (made.length > 10) throw new Refusal(50_035, ['attachments: Must be 10 or fewer in length']);
  return made;
}

async function readFile(
  discord: Discord,
  file: UploadedFile,
  name: string,
  description: string | null,
): Promise<WorldAttachment> {
  const isImage = file.mediaType.startsWith('image/');
  const size = isImage
    ? await sharp(file.bytes)
        .metadata()
        .catch(() => null)
    : null;
  return {
    id: discord.world.newId(),
    name: name.replaceAll(/[^\p{L}\p{N}._-]/gu, '_'),
    mediaType: file.mediaType,
    bytes: file.bytes,
    description,
    widthPx: size?.width ?? null,
    heightPx: size?.height ?? null,
  };
}

function problemsOfEmbeds(embeds: readonly APIEmbed[]): readonly string[] {
  const characters = embeds.reduce((sum, embed) => {
    const fields = (embed.fields ?? []).reduce((count, { name, value }) => count + name.length + value.length, 0);
    const texts = [embed.title, embed.description, embed.footer?.text, embed.author?.name];
    return sum + fields + texts.reduce((count, text) => count + (text ?? '').length, 0);
  }, 0);
  const isEmpty = (embed: APIEmbed) => Object.values(embed).every((value) => value === undefined || value === null);
  return [
    ...(characters > EMBEDS_CHARACTERS_MAX
      ? [`embeds: Embed size exceeds maximum size of ${EMBEDS_CHARACTERS_MAX}`]
      : []),
    ...(embeds.some(isEmpty) ? ['embeds: This field is required'] : []),
  ];
}

function problemsOfMentions(allowed: APIAllowedMentions | null | undefined): readonly string[] {
  const parse: readonly string[] = allowed?.parse ?? [];
  const both = (['users', 'roles'] as const).filter(
    (kind) => parse.includes(kind) && (allowed?.[kind] ?? []).length > 0,
  );
  return both.map((kind) => `allowed_mentions: parse:["${kind}"] and ${kind}:[ids...] are mutually exclusive.`);
}

function toEmbed(embed: APIEmbed, mediaOf: (url: string) => Media | null): APIEmbed {
  const picture = (image: { url: string } | null | undefined) => {
    if (image === undefined || image === null) return undefined;
    const media = mediaOf(image.url);
    if (media === null) throw new Refusal(50_035, [`embeds: unknown attachment ${image.url}`]);
    return { url: media.url, proxy_url: media.url, width: media.widthPx ?? 0, height: media.heightPx ?? 0 };
  };
  const { image, thumbnail, ...rest } = embed;
  const parts = { ...rest, type: 'rich', image: picture(image), thumbnail: picture(thumbnail) };
  const said = Object.entries(parts).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(said) as APIEmbed;
}

function writeComponents(
  discord: Discord,
  form: Form,
  before: WorldMessage | null,
  mediaOf: (url: string) => Media | null,
): APIMessageTopLevelComponent[] {
  if (form.components === undefined) return before?.components ?? [];
  const { components, problems } = toComponents(form.components ?? [], mediaOf, discord.world.newId);
  refuseForm(problems);
  return components;
}

function refuseEmpty({
  content,
  embeds,
  components,
  attachments,
}: Pick<Content, 'content' | 'embeds' | 'components' | 'attachments'>): void {
  if (content === '' && [embeds, components, attachments].every(({ length }) => length === 0))
    throw new Refusal(50_006);
}

function textOf(content: string, components: readonly RawComponent[]): string {
  const inside = components.map((component) => textOf(component.content ?? '', component.components ?? []));
  return [content, ...inside].join('\n');
}

/** Who hears of it: those named in the text that `allowed_mentions` lets through, all of them when it says nothing. */
function readMentions(
  { world }: Discord,
  text: string,
  allowed: APIAllowedMentions | null | undefined,
  { guildId, repliedUserId }: FormPlace,
): Pick<Content, 'mentions' | 'mentionsEveryone'> {
  const parse: readonly string[] | null = allowed === undefined || allowed === null ? null : (allowed.parse ?? []);
  const may = (kind: string, id: string, ids: readonly string[] | undefined) =>
    parse === null || parse.includes(kind) || (ids ?? []).includes(id);
  const users = [...text.matchAll(/<@!?(\d+)>/gu)].map((match) => match[1] ?? '');
  const roles = [...text.matchAll(/<@&(\d+)>/gu)]
    .map((match) => match[1] ?? '')
    .filter((id) => may('roles', id, allowed?.roles));
  const members = guildId === null ? [] : [...(world.guilds.get(guildId)?.members.values() ?? [])];
  const named = [
    ...users.filter((id) => world.users.has(id) && may('users', id, allowed?.users)),
    ...members.filter((member) => roles.some((role) => member.roles.has(role))).map(({ userId }) => userId),
    ...(repliedUserId !== null && (allowed?.replied_user ?? parse === null) ? [repliedUserId] : []),
  ];
  const isEveryone = /@(?:everyone|here)\b/u.test(text) && (parse === null || parse.includes('everyone'));
  return { mentions: [...new Set(named)], mentionsEveryone: isEveryone };
}
