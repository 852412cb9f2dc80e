// Controls as rows of buttons: five rows of five at most, the most important stay.

import {
  type APIActionRowComponent,
  type APIButtonComponentWithCustomId,
  type APIButtonComponentWithURL,
  type APIComponentInMessageActionRow,
  ButtonStyle,
  ComponentType,
} from 'discord.js';
import type { Control, DeskAction, View } from '../../src/index.ts';
import { cut } from './markdown.ts';

export type Row = APIActionRowComponent<APIComponentInMessageActionRow>;
type Button = APIButtonComponentWithCustomId;

const ROWS_MAX = 5;
const ROW_MAX = 5;
const LABEL_MAX = 80;
const PLACEHOLDER_MAX = 150;
const CHOICE_MAX = 100;
const CHOICES_MAX = 25;
/** Menus have an id of their own; what is chosen is the action. */
export const MENU_ID = 'easel-menu';

/** All that can be pressed below a message. */
export function toRows({ controls, actions, menu, link }: Pick<View, 'controls' | 'actions' | 'menu' | 'link'>): Row[] {
  const menus = menu === null || menu.choices.length === 0 ? [] : [menuRow(menu)];
  const rows = [...controlRows(controls), ...inRows(actions.map(toActionButton))];
  const links = link === null ? [] : [toRow([toLink(link)])];
  return [...menus, ...rows.slice(0, ROWS_MAX - menus.length - links.length), ...links];
}

function toLink({ label, address }: NonNullable<View['link']>): APIButtonComponentWithURL {
  return { type: ComponentType.Button, style: ButtonStyle.Link, label: cut(label, LABEL_MAX), url: address };
}

/** Numbered controls of one kind stand in a row of their own; the others fill what is left. */
export function controlRows(controls: readonly Control[]): Row[] {
  const kept = controls.toSorted((one, other) => one.priority - other.priority).slice(0, ROWS_MAX * ROW_MAX);
  const groups = new Map<string, Control[]>();
  for (const control of kept) {
    if (control.pictureIndex === null) continue;
    const name = `${control.kind} ${control.strength ?? ''}`;
    groups.set(name, [...(groups.get(name) ?? []), control]);
  }
  const numbered = [...groups.values()].filter((group) => group.length > 1 && group.length <= ROW_MAX);
  const rest = kept.filter((control) => !numbered.some((group) => group.includes(control)));
  const rows = numbered.map((group) => group.map(toButton));
  for (const row of rows) {
    while (row.length < ROW_MAX && rest.length > 0) row.push(...rest.splice(0, 1).map(toButton));
  }
  return [...rows.map(toRow), ...inRows(rest.map(toButton))].slice(0, ROWS_MAX);
}

function toButton({ id, label, emoji, kind, pictureIndex }: Control): Button {
  const style =
    kind === 'remove' || kind === 'cancel'
      ? ButtonStyle.Danger
      : kind === 'reroll' || kind === 'redraw'
        ? ButtonStyle.Primary
        : ButtonStyle.Secondary;
  return {
    type: ComponentType.Button,
    custom_id: id,
    style,
    label: cut(label, LABEL_MAX),
    // U1 to V4 say it themselves.
    ...(pictureIndex === null ? { emoji: { name: emoji } } : {}),
  };
}

const ACTION_STYLES = {
  plain: ButtonStyle.Secondary,
  main: ButtonStyle.Primary,
  danger: ButtonStyle.Danger,
} as const satisfies Record<DeskAction['style'], ButtonStyle>;

function toActionButton({ id, label, style }: DeskAction): Button {
  return { type: ComponentType.Button, custom_id: id, style: ACTION_STYLES[style], label: cut(label, LABEL_MAX) };
}

function menuRow({ label, choices }: NonNullable<View['menu']>): Row {
  return {
    type: ComponentType.ActionRow,
    components: [
      {
        type: ComponentType.StringSelect,
        custom_id: MENU_ID,
        placeholder: cut(label, PLACEHOLDER_MAX),
        options: choices.slice(0, CHOICES_MAX).map(({ id, label: name, about }) => ({
          value: id,
          label: cut(name, CHOICE_MAX),
          ...(about === null ? {} : { description: cut(about, CHOICE_MAX) }),
        })),
      },
    ],
  };
}

function inRows(buttons: readonly Button[]): Row[] {
  const rows: Row[] = [];
  for (let at = 0; at < buttons.length; at += ROW_MAX) rows.push(toRow(buttons.slice(at, at + ROW_MAX)));
  return rows;
}

function toRow(components: (Button | APIButtonComponentWithURL)[]): Row {
  return { type: ComponentType.ActionRow, components };
}
