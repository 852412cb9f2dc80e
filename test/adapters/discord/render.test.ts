// Views as messages: what is shown, what nothing typed can do, and what fits.

import { ButtonStyle, ComponentType, MessageFlags } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { controlRows, toRows } from '../../../adapters/discord/buttons.ts';
import { cut, escapeLine, unescapeLine } from '../../../adapters/discord/markdown.ts';
import { nonceOf } from '../../../adapters/discord/nonce.ts';
import { carries, render, toText } from '../../../adapters/discord/render.ts';
import { snowflakeAt, timeOfGeneration } from '../../../adapters/discord/scope.ts';
import { type Control, toControl } from '../../../src/conversation/control.ts';
import type { View } from '../../../src/conversation/view.ts';
import { emptyView } from '../../../src/conversation/views.ts';
import { newGenerationId } from '../../../src/store/generation-id.ts';

const ID = newGenerationId(1_700_000_000_000);
const view = (change: Partial<View>): View => ({ ...emptyView('result', 'en'), heading: 'Done', ...change });
const control = (kind: Control['kind'], pictureIndex: number | null = null, strength: Control['strength'] = null) =>
  toControl({ kind, generationId: ID, pictureIndex, strength }, `${kind} ${pictureIndex ?? ''}`.trim());
const sheet = [
  ...(['reroll', 'edit', 'keep', 'direct', 'remove'] as const).map((kind) => control(kind)),
  ...[0, 1, 2, 3].flatMap((index) => [
    control('upscale', index),
    control('vary', index, 'strong'),
    control('vary', index, 'subtle'),
  ]),
];

describe('text that a person typed', () => {
  it.each([
    '@everyone and @here',
    '<@123> <@&4> <#5> </imagine:6> <t:1:R> <:a:7>',
    '**bold** _it_ ~~no~~ ||spoiler|| `code` ```js',
    'https://evil.example/x discord.gg/abc [a](http://b)',
    '# title',
    '- list',
    '1. list',
    '> quote',
    '-# small',
    '\\*already\\*',
  ])('is shown as it was typed: %s', (text) => {
    const line = escapeLine(text);
    expect(unescapeLine(line)).toBe(text);
    // No sign that means something is left without its backslash.
    expect(line.replaceAll(/\\[^0-9A-Za-z\s]/gu, '')).not.toMatch(/[\\*_~`|>#@<[\]]|https?:|discord\.gg/u);
  });

  it('is one line, cut between signs and never after a backslash', () => {
    expect(escapeLine('a\nb\r\n  c')).toBe('a b c');
    const line = escapeLine('*'.repeat(4_000), 100);
    expect(line.length).toBeLessThanOrEqual(100);
    expect(line).toMatch(/^(?:\\\*)+…$/u);
    expect(cut('🦊'.repeat(10), 6)).toBe('🦊🦊…');
  });

  it('names nobody, however it is written', () => {
    const { body } = render(view({ prompt: '@everyone <@1>', user: '42' }));
    expect(body.allowed_mentions).toEqual({ parse: [] });
    expect(body.content).toContain('<@42>');
    expect(body.content).not.toContain('<@1>');
  });
});

describe('a message', () => {
  it('shows heading, who asked, prompt, facts and the id of its generation', () => {
    const text = toText(
      view({ user: '42', prompt: 'a fox', generationId: ID, fields: [{ name: 'Seed', value: '7' }] }),
    );
    expect(text).toBe(`**Done** · <@42>\n> a fox\n-# Seed: 7 · \`${ID}\``);
  });

  it('has the picture with its alternative text, and replaces what was attached before', () => {
    const image = {
      bytes: new Uint8Array([1, 2]),
      format: 'png',
      mediaType: 'image/png',
      fileName: 'easel-7.png',
      widthPx: 8,
      heightPx: 8,
      alt: 'x'.repeat(2_000),
      blobKeys: [],
    } as const;
    const { body, files } = render(view({ image }));
    expect(files).toMatchObject([{ name: 'easel-7.png', contentType: 'image/png' }]);
    expect(body.attachments).toMatchObject([{ id: '0', filename: 'easel-7.png' }]);
    expect(body.attachments[0]?.description?.length).toBe(1_024);
    expect(render(view({})).body.attachments).toEqual([]);
  });

  it('fits a message whatever was typed, with the id at its end', () => {
    const { body } = render(view({ prompt: '*'.repeat(4_000), generationId: ID, lines: ['one'] }));
    expect(body.content.length).toBeLessThanOrEqual(2_000);
    expect(body.content.endsWith(`\`${ID}\``)).toBe(true);
    expect(body.flags).toBe(MessageFlags.SuppressEmbeds);
  });

  it('becomes a card when its text is longer than a message takes', () => {
    const lines = Array.from({ length: 60 }, (_, index) => `${index} ${'word '.repeat(10)}`);
    const { body } = render({ ...emptyView('answer', 'en'), heading: 'List', lines });
    expect(body.content).toBe('');
    expect(body.embeds[0]?.description?.length).toBeLessThanOrEqual(4_096);
    expect(body.flags).toBe(0);
  });

  it('shows progress and what is used up as bars', () => {
    expect(toText(view({ progressShare: 0.5 }))).toContain('▰▰▰▰▰▰▱▱▱▱▱▱');
    const bars = [{ label: 'Pictures a day', usedShare: 0.25, value: '15 of 20 left', note: 'back at 14:05' }];
    expect(toText(view({ bars }))).toContain('▰▰▰▱▱▱▱▱▱▱▱▱ **Pictures a day** 15 of 20 left · back at 14\\:05');
  });

  it('names commands as they are called here', () => {
    const lines = ['Admins: /easel limits plans', '/easel me shows what you have left'];
    const text = toText({ ...emptyView('help', 'en'), heading: 'Help', lines });
    expect(unescapeLine(text)).toContain('Admins: /easel-admin limits plans');
    expect(unescapeLine(text)).toContain('/easel me shows');
  });

  it('carries the id of its generation where nothing typed can be', () => {
    const posted = render(view({ prompt: 'a fox', generationId: ID, controls: [control('cancel')] })).body;
    expect(carries(posted, ID)).toBe(true);
    const other = newGenerationId(1_700_000_000_001);
    expect(carries(posted, other)).toBe(false);
    const lying = render(view({ prompt: `\`${other}\` easel:cancel:${other}::`, generationId: ID })).body;
    expect(carries(lying, other)).toBe(false);
    expect(carries(render({ ...emptyView('answer', 'en'), heading: 'hi', generationId: ID }).body, ID)).toBe(true);
  });
});

describe('buttons', () => {
  it('of a sheet stand in rows by kind, none lost', () => {
    const rows = controlRows(sheet);
    expect(rows.map(({ components }) => components.length)).toEqual([5, 5, 5, 2]);
    const ids = rows.flatMap(({ components }) => components.map((each) => ('custom_id' in each ? each.custom_id : '')));
    expect(new Set(ids).size).toBe(sheet.length);
    expect(rows[0]?.components.slice(0, 4).map((each) => 'label' in each && each.label)).toEqual([
      'upscale 0',
      'upscale 1',
      'upscale 2',
      'upscale 3',
    ]);
  });

  it('are 25 at most, the most important ones', () => {
    const many = Array.from({ length: 9 }, (_, index) => [control('upscale', index), control('vary', index, 'strong')]);
    const rows = controlRows([...many.flat(), ...sheet.slice(0, 5), control('cancel'), control('redraw')]);
    expect(rows.length).toBeLessThanOrEqual(5);
    const all = rows.flatMap(({ components }) => components);
    expect(all).toHaveLength(25);
    expect(all.some((each) => 'custom_id' in each && each.custom_id.includes(':cancel:'))).toBe(true);
  });

  it('have ids of 100 characters at most, and danger looks like it', () => {
    const [row] = controlRows([control('remove')]);
    expect(row?.components[0]).toMatchObject({ style: ButtonStyle.Danger });
    for (const each of controlRows(sheet).flatMap(({ components }) => components)) {
      if ('custom_id' in each) expect(each.custom_id.length).toBeLessThanOrEqual(100);
    }
  });

  it('of the desk come with its menu', () => {
    const actions = [{ id: 'easel-do me', label: 'Me', style: 'main', opensForm: false }] as const;
    const menu = { label: 'Which?', choices: [{ ...actions[0], about: null }] };
    const rows = toRows({ controls: [], actions, menu, link: null });
    expect(rows.map(({ components }) => components[0]?.type)).toEqual([
      ComponentType.StringSelect,
      ComponentType.Button,
    ]);
    const link = { label: 'Original', address: 'https://discord.com/channels/1/2/3' };
    const linked = toRows({ controls: sheet, actions: [], menu: null, link });
    expect(linked).toHaveLength(5);
    expect(linked.at(-1)?.components[0]).toMatchObject({ url: link.address, style: ButtonStyle.Link });
  });
});

describe('nonces', () => {
  it('are 25 characters, the same for a generation in a channel, another after its message was deleted', () => {
    expect(nonceOf(ID, '1')).toMatch(/^[0-9a-z]{25}$/u);
    expect(nonceOf(ID, '1')).toBe(nonceOf(ID, '1'));
    expect(nonceOf(ID, '2')).not.toBe(nonceOf(ID, '1'));
    expect(nonceOf(ID, '1', '123')).not.toBe(nonceOf(ID, '1'));
  });

  it('and ids tell when they were made', () => {
    expect(timeOfGeneration(ID)).toBe(1_700_000_000_000);
    // discord/discord-api-docs, reference: the snowflake of the example.
    expect(snowflakeAt(1_462_015_105_796)).toBe((175928847299117063n & ~0x3fffffn).toString());
  });
});
