/** The controls of a message: the same set on every platform, each with an id for a button and an emoji for a reaction. */
import type { VariationStrength } from '../pipeline/pipeline.ts';

export const CONTROL_KINDS = [
  'cancel',
  'reroll',
  'upscale',
  'vary',
  'edit',
  'redraw',
  'keep',
  'share',
  'direct',
  'remove',
] as const;
export type ControlKind = (typeof CONTROL_KINDS)[number];

/** What was pressed: all of it is in the button's id, so it works after restarts and months later. */
export type ControlAction = {
  kind: ControlKind;
  generationId: string;
  /** 0-based, of `upscale` and `vary`; null: the whole message. */
  pictureIndex: number | null;
  /** Of `vary` alone; null: as the person's settings say. */
  strength: VariationStrength | null;
};

export type Control = ControlAction & {
  /** At most 64 characters of `a-z 0-9 - . :`. */
  id: string;
  emoji: string;
  label: string;
  /** Where places are few, the smaller numbers stay. */
  priority: number;
  /** What has to be asked first: a form must be a platform's first answer. */
  form: 'prompt' | null;
  /** Whether only the author or a moderator may press it. */
  ownersOnly: boolean;
};

const NUMBER_EMOJI = ['1️⃣', '2️⃣', '3️⃣', '4️⃣', '5️⃣', '6️⃣', '7️⃣', '8️⃣', '9️⃣'] as const;
const EMOJI: Record<ControlKind, string> = {
  cancel: '❌',
  reroll: '🔁',
  upscale: '⬆️',
  vary: '🪄',
  edit: '✏️',
  redraw: '🔁',
  keep: '⭐',
  share: '📣',
  direct: '✉️',
  remove: '❌',
};
const PRIORITY: Record<ControlKind, number> = {
  cancel: 0,
  redraw: 5,
  reroll: 10,
  upscale: 20,
  vary: 30,
  edit: 50,
  keep: 60,
  share: 65,
  remove: 70,
  direct: 80,
};
const OWNERS_ONLY: readonly ControlKind[] = ['cancel', 'remove'];

export function emojiOf(kind: ControlKind, pictureIndex: number | null): string {
  if (kind === 'vary' && pictureIndex !== null) return NUMBER_EMOJI[pictureIndex] ?? EMOJI.vary;
  return EMOJI[kind];
}

/** @param label in the reader's language */
export function toControl(action: ControlAction, label: string): Control {
  const { kind, pictureIndex, strength } = action;
  return {
    ...action,
    id: writeControlId(action),
    emoji: emojiOf(kind, pictureIndex),
    label,
    priority: PRIORITY[kind] + (pictureIndex ?? 0) / 10 + (strength === 'subtle' ? 10 : 0),
    form: kind === 'edit' ? 'prompt' : null,
    ownersOnly: OWNERS_ONLY.includes(kind),
  };
}

export function writeControlId({ kind, generationId, pictureIndex, strength }: ControlAction): string {
  return ['easel', kind, generationId, pictureIndex === null ? '' : `${pictureIndex + 1}`, strength ?? ''].join(':');
}

/** @returns null for anything that is not an id of ours: a platform hands over whatever a client sent */
export function readControlId(id: string): ControlAction | null {
  const match = /^easel:([a-z]+):([0-9a-f-]{1,40}):([1-9]?):(subtle|strong)?$/u.exec(id);
  if (match === null) return null;
  const [, kind, generationId = '', number, strength] = match;
  if (!isControlKind(kind)) return null;
  return {
    kind,
    generationId,
    pictureIndex: number === '' || number === undefined ? null : Number(number) - 1,
    strength: strength === 'subtle' || strength === 'strong' ? strength : null,
  };
}

/**
 * What a reaction asks of a message.
 *
 * A number varies that picture; after `⬆️` by the same person the adapter turns it into an upscale of it.
 */
export function readReaction(
  emoji: string,
  message: { generationId: string; finished: boolean },
): ControlAction | null {
  const plain = (text: string) => text.replaceAll('\uFE0F', '');
  const action = (kind: ControlKind, pictureIndex: number | null = null): ControlAction => ({
    kind,
    generationId: message.generationId,
    pictureIndex,
    strength: null,
  });
  const number = NUMBER_EMOJI.findIndex((each) => plain(each) === plain(emoji));
  if (number >= 0) return action('vary', number);
  switch (plain(emoji)) {
    case plain(EMOJI.cancel):
      return action(message.finished ? 'remove' : 'cancel');
    case plain(EMOJI.reroll):
      return action('reroll');
    case plain(EMOJI.upscale):
      return action('upscale');
    case plain(EMOJI.edit):
      return action('edit');
    case plain(EMOJI.keep):
      return action('keep');
    case plain(EMOJI.direct):
      return action('direct');
    default:
      return null;
  }
}

function isControlKind(text: string | undefined): text is ControlKind {
  return CONTROL_KINDS.some((kind) => kind === text);
}
