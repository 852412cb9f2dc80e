// From a view to Block Kit: how a message of Easel looks on Slack. Pure.

import type { types } from '@slack/bolt';
import {
  type Control,
  type DeskAction,
  type Locale,
  type View,
  type ViewBar,
  type ViewMenu,
  wordsFor,
} from '../../src/index.ts';
import { cutEscaped, cutTo, escapeText, escapeWithin, withoutMarkup } from './text.ts';

export type Rendered = {
  /** For notifications, and who hears instead of sees. */
  readonly text: string;
  readonly blocks: types.KnownBlock[];
};

export type RenderParts = {
  /** The picture of the view, once Slack has it. */
  readonly fileId: string | null;
  /** Who asked, as a name: a mention would ping them. */
  readonly author: string | null;
};

/** Of menus, whose choices are the ids of controls and desk actions. */
export const MENU_ACTION = 'easel-menu';

/** @see https://docs.slack.dev/reference/block-kit */
const SECTION_MAX = 2_900;
const FIELD_MAX = 1_900;
const FIELDS_MAX = 10;
const CONTEXT_MAX = 1_900;
const ALT_MAX = 1_900;
const BUTTON_MAX = 75;
const OPTION_MAX = 75;
const OPTION_VALUE_MAX = 75;
const OPTIONS_MAX = 25;
const PLACEHOLDER_MAX = 150;
const DIALOG_TITLE_MAX = 100;
const DIALOG_TEXT_MAX = 300;
const DIALOG_BUTTON_MAX = 30;
const OVERFLOW_MAX = 5;
const ROW_MAX = 5;
const NOTIFICATION_MAX = 300;
const BLOCKS_MAX = 50;
/** Slack refuses a message whose blocks hold more than about 13,200 characters. */
const TEXT_MAX = 11_000;
const BAR_SEGMENTS = 10;

const PUBLIC_KINDS: readonly View['kind'][] = ['queued', 'painting', 'waiting', 'result', 'failed', 'cancelled'];

export function toMessage(view: View, parts: RenderParts): Rendered {
  const blocks = PUBLIC_KINDS.includes(view.kind) ? pictureBlocks(view, parts) : answerBlocks(view, parts);
  const about = [view.heading, view.prompt].filter((text) => text !== null && text !== '').join(': ');
  return { text: escapeWithin(about, NOTIFICATION_MAX), blocks: withinLimits(blocks) };
}

/** The message of a generation: the words, the picture, what is known of it, what can be done with it. */
function pictureBlocks(view: View, parts: RenderParts): types.KnownBlock[] {
  const facts = [
    ...(view.prompt === null ? [] : [view.heading]),
    ...(parts.author === null ? [] : [parts.author]),
    ...view.fields.map(({ name, value }) => `${name} ${value}`),
  ];
  return [
    section(escapeWithin(view.prompt ?? view.heading, SECTION_MAX)),
    ...imageBlocks(view, parts.fileId),
    ...(facts.length === 0 ? [] : [context(facts.map(escapeText).join(' · '))]),
    ...(view.progressShare === null ? [] : [context(bar(view.progressShare))]),
    ...view.lines.map((line) => context(escapeText(line))),
    ...controlBlocks(view),
    ...actionBlocks(view.actions),
  ];
}

/** An answer to one person. */
export function answerBlocks(view: View, parts: RenderParts): types.KnownBlock[] {
  const lines = view.lines.map((line) => escapeText(line)).join('\n');
  return [
    ...(view.heading === '' ? [] : [section(`*${escapeWithin(view.heading, SECTION_MAX - 2)}*`)]),
    ...(view.prompt === null ? [] : [section(escapeWithin(view.prompt, SECTION_MAX))]),
    ...imageBlocks(view, parts.fileId),
    ...(lines === '' ? [] : [section(cutEscaped(lines, SECTION_MAX))]),
    ...fieldBlocks(view),
    ...view.bars.map(barBlock),
    ...controlBlocks(view),
    ...actionBlocks(view.actions),
    ...(view.menu === null ? [] : [menuBlock(view.menu)]),
  ];
}

function imageBlocks({ image }: View, fileId: string | null): types.KnownBlock[] {
  if (image === null || fileId === null) return [];
  const alt = cutTo(withoutMarkup(image.alt === '' ? 'Easel' : image.alt), ALT_MAX);
  return [{ type: 'image', slack_file: { id: fileId }, alt_text: alt }];
}

function fieldBlocks({ fields }: View): types.KnownBlock[] {
  const texts = fields.map(({ name, value }) =>
    mrkdwn(`*${escapeText(name)}*\n${escapeWithin(value === '' ? '–' : value, FIELD_MAX - name.length * 5 - 3)}`),
  );
  const blocks: types.KnownBlock[] = [];
  for (let at = 0; at < texts.length; at += FIELDS_MAX) {
    blocks.push({ type: 'section', fields: texts.slice(at, at + FIELDS_MAX) });
  }
  return blocks;
}

function barBlock({ label, usedShare, value, note }: ViewBar): types.KnownBlock {
  const more = note === null ? '' : `\n${escapeText(note)}`;
  return section(cutEscaped(`*${escapeText(label)}*\n${bar(usedShare)}  ${escapeText(value)}${more}`, SECTION_MAX));
}

/** Such as `▰▰▰▱▱▱▱▱▱▱`. */
function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_SEGMENTS);
  return '▰'.repeat(full) + '▱'.repeat(BAR_SEGMENTS - full);
}

/**
 * Buttons in rows of at most five, as many as a narrow window shows in one line: what each picture can, then what the message
 * can. The subtle variations are in a menu beside the strong ones.
 */
function controlBlocks(view: View): types.KnownBlock[] {
  const { controls } = view;
  const isSheet = controls.filter(({ kind, strength }) => kind === 'vary' && strength !== 'subtle').length > 1;
  const isSubtle = ({ kind, strength }: Control) => isSheet && kind === 'vary' && strength === 'subtle';
  const isNumbered = (kind: Control['kind']) => (control: Control) =>
    isSheet && control.kind === kind && !isSubtle(control);
  const upscales = controls.filter(isNumbered('upscale'));
  const varies = controls.filter(isNumbered('vary'));
  const subtle = controls.filter(isSubtle).slice(0, OVERFLOW_MAX);
  const rest = controls.filter((control) => ![...upscales, ...varies, ...subtle].includes(control));
  const menu = subtleMenu(subtle);
  const rows: types.ActionsBlockElement[][] = [
    upscales.map((control) => toButton(control, view)),
    [...varies.map((control) => toButton(control, view)), ...(menu === null ? [] : [menu])],
  ].filter((row) => row.length > 0);
  const last = rest.map((control) => toButton(control, view));
  for (let at = 0; at < last.length; at += ROW_MAX) rows.push(last.slice(at, at + ROW_MAX));
  return rows.map((elements) => ({ type: 'actions', elements }));
}

function toButton(control: Control, { locale }: View): types.Button {
  const words = wordsFor(locale);
  const { id, kind, label, pictureIndex } = control;
  const isNumbered = pictureIndex !== null && (kind === 'upscale' || kind === 'vary');
  const spoken = words.say(kind === 'upscale' ? 'control.upscaleOnly' : 'control.varyOnly');
  return {
    type: 'button',
    action_id: id,
    value: id,
    text: plain(isNumbered ? label : `${control.emoji} ${label}`, BUTTON_MAX),
    ...(isNumbered ? { accessibility_label: cutTo(`${spoken} ${pictureIndex + 1}`, BUTTON_MAX) } : {}),
    ...(kind === 'remove' ? { confirm: sureDialog(control.label, locale) } : {}),
  };
}

/** Slack asks before it sends the press: what is deleted does not come back. */
function sureDialog(label: string, locale: Locale): types.ConfirmationDialog {
  const words = wordsFor(locale);
  return {
    title: plain(label, DIALOG_TITLE_MAX),
    text: plain(words.say('ask.remove'), DIALOG_TEXT_MAX),
    confirm: plain(label, DIALOG_BUTTON_MAX),
    deny: plain(words.say('ask.no'), DIALOG_BUTTON_MAX),
    style: 'danger',
  };
}

function subtleMenu(subtle: readonly Control[]): types.Overflow | null {
  const [first] = subtle;
  if (first === undefined) return null;
  return {
    type: 'overflow',
    action_id: `${MENU_ACTION}:${first.generationId}`,
    options: subtle.map(({ label, id }) => ({ text: plain(label, OPTION_MAX), value: id })),
  };
}

function actionBlocks(actions: readonly DeskAction[]): types.KnownBlock[] {
  const blocks: types.KnownBlock[] = [];
  for (let at = 0; at < actions.length; at += ROW_MAX) {
    const elements = actions.slice(at, at + ROW_MAX).map(({ id, label, style }): types.Button => {
      const colour = { plain: null, main: 'primary', danger: 'danger' } as const;
      const chosen = colour[style];
      return {
        type: 'button',
        action_id: id,
        value: id,
        text: plain(label, BUTTON_MAX),
        ...(chosen === null ? {} : { style: chosen }),
      };
    });
    blocks.push({ type: 'actions', elements });
  }
  return blocks;
}

function menuBlock({ label, choices }: ViewMenu): types.KnownBlock {
  const shown = choices.filter(({ id }) => id.length <= OPTION_VALUE_MAX).slice(0, OPTIONS_MAX);
  return {
    type: 'actions',
    elements: [
      {
        type: 'static_select',
        action_id: MENU_ACTION,
        placeholder: plain(label, PLACEHOLDER_MAX),
        options: shown.map((choice) => ({
          text: plain(choice.label, OPTION_MAX),
          value: choice.id,
          ...(choice.about === null || choice.about === '' ? {} : { description: plain(choice.about, OPTION_MAX) }),
        })),
      },
    ],
  };
}

export function section(text: string): types.SectionBlock {
  return { type: 'section', text: mrkdwn(text === '' ? ' ' : text) };
}

export function context(text: string): types.ContextBlock {
  return { type: 'context', elements: [mrkdwn(cutEscaped(text, CONTEXT_MAX))] };
}

/** @param text escaped already */
function mrkdwn(text: string): types.MrkdwnElement {
  // Else Slack would look for names, channels and addresses in what people typed.
  return { type: 'mrkdwn', text, verbatim: true };
}

export function plain(text: string, lengthMax: number): types.PlainTextElement {
  return { type: 'plain_text', text: cutTo(withoutMarkup(text === '' ? '–' : text), lengthMax), emoji: true };
}

/** Fewer blocks rather than a message that Slack refuses: what comes last matters least, the buttons stay. */
function withinLimits(blocks: readonly types.KnownBlock[]): types.KnownBlock[] {
  const isMovable = ({ type }: types.KnownBlock) => type === 'section' || type === 'context';
  const kept = [...blocks];
  const length = () => kept.filter(isMovable).reduce((sum, block) => sum + JSON.stringify(block).length, 0);
  while (kept.length > BLOCKS_MAX || length() > TEXT_MAX) {
    const last = kept.findLastIndex(isMovable);
    kept.splice(last > 0 ? last : kept.length - 1, 1);
  }
  return kept;
}
