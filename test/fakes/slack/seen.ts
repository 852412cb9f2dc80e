/** What a person sees of a message or a view: words, pictures with what they show in words, buttons. */
import { fileOf } from './messages.ts';
import { readMrkdwn, textsOf } from './mrkdwn.ts';
import type { BlockJson, SlackFile, SlackMessage, World } from './world.ts';

export type SeenPicture = { altText: string; title: string; fileId: string | null; name: string; bytes: Buffer };
export type SeenControl = {
  actionId: string;
  blockId: string;
  kind: string;
  text: string;
  /** What a screen reader says instead of the text. */
  label: string | null;
  value: string | null;
  options: readonly { text: string; value: string }[];
  /** The element as it was sent. */
  element: Readonly<Record<string, unknown>>;
};

export type Seen = {
  /** What is written, line by line; of a message without blocks its text. */
  text: string;
  pictures: readonly SeenPicture[];
  controls: readonly SeenControl[];
  blocks: readonly BlockJson[];
};

export type SeenMessage = Seen & {
  ts: string;
  channel: string;
  threadTs: string | null;
  author: string;
  isEphemeral: boolean;
  /** What a notification and a screen reader say. */
  fallback: string;
  pings: readonly string[];
  reactions: Readonly<Record<string, readonly string[]>>;
  edits: number;
};

export function seenMessage(world: World, message: SlackMessage): SeenMessage {
  const { ts, channel, threadTs, user, ephemeralTo, text, blocks, pings, reactions, edits } = message;
  const seen = seenBlocks(world, blocks);
  return {
    ...seen,
    text: blocks.length === 0 ? readMrkdwn(text) : seen.text,
    ts,
    channel,
    threadTs,
    author: user,
    isEphemeral: ephemeralTo !== null,
    fallback: readMrkdwn(text),
    pings,
    reactions: Object.fromEntries(reactions),
    edits,
  };
}

export function seenBlocks(world: World, blocks: readonly BlockJson[]): Seen {
  const written = blocks.filter(({ type }) => type !== 'actions');
  return {
    text: textsOf(written)
      .map(({ type, text }) => (type === 'plain_text' ? text : readMrkdwn(text)))
      .join('\n'),
    pictures: blocks.flatMap((block) => elementsOf(block).flatMap((element) => pictureOf(world, element))),
    controls: blocks.flatMap((block) => elementsOf(block).flatMap((element) => controlOf(block, element))),
    blocks,
  };
}

type Element = Readonly<Record<string, unknown>> & { type?: unknown };

/** A block and what is in it, as far as it can be pressed or looked at. */
function elementsOf(block: BlockJson): readonly Element[] {
  const inner = [block['elements'], block['accessory'], block['element']].flat();
  return [block, ...inner.filter((each): each is Element => typeof each === 'object' && each !== null)];
}

function pictureOf(world: World, element: Element): readonly SeenPicture[] {
  if (element.type !== 'image') return [];
  const file = fileOf(world, element['slack_file']);
  const picture = { altText: String(element['alt_text']), title: textOf(element['title']) };
  return [
    { ...picture, ...contentOf(file), ...(file === undefined ? { name: String(element['image_url'] ?? '') } : {}) },
  ];
}

/** A file that was deleted is shown as an empty frame. */
function contentOf(file: SlackFile | undefined): Pick<SeenPicture, 'fileId' | 'name' | 'bytes'> {
  return { fileId: file?.id ?? null, name: file?.name ?? '', bytes: file?.bytes ?? Buffer.alloc(0) };
}

const STILL = ['image', 'mrkdwn', 'plain_text'];

function controlOf(block: BlockJson, element: Element): readonly SeenControl[] {
  const id = element['action_id'];
  if (typeof id !== 'string' || STILL.includes(String(element.type))) return [];
  const groups = (element['option_groups'] as { options: unknown[] }[] | undefined)?.flatMap(({ options }) => options);
  const options = (element['options'] as unknown[] | undefined) ?? groups ?? [];
  return [
    {
      actionId: id,
      blockId: block.block_id ?? '',
      kind: String(element.type),
      text: textOf(element['text'] ?? element['placeholder'] ?? block['label']),
      label: (element['accessibility_label'] as string | undefined) ?? null,
      value: (element['value'] as string | undefined) ?? null,
      options: options.map((each) => {
        const { text, value } = each as { text: unknown; value?: string };
        return { text: textOf(text), value: value ?? '' };
      }),
      element,
    },
  ];
}

export function textOf(value: unknown): string {
  const { type, text } = (value ?? {}) as { type?: string; text?: string };
  if (text === undefined) return '';
  return type === 'mrkdwn' ? readMrkdwn(text) : text;
}
