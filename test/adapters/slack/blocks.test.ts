import { describe, expect, it } from 'vitest';
import { toMessage } from '../../../adapters/slack/blocks.ts';
import type { View } from '../../../src/conversation/view.ts';
import { answerView, confirmView, finalView, helpView, statusView } from '../../../src/conversation/views.ts';
import { LOCALES } from '../../../src/conversation/words.ts';
import type { Generation, Picture } from '../../../src/store/records.ts';
import { checkBody } from '../../fakes/slack/contract/check-body.ts';
import { blockProblems } from '../../fakes/slack/contract/limits.ts';
import { pingsOf, textsOf } from '../../fakes/slack/mrkdwn.ts';
import type { BlockJson } from '../../fakes/slack/world.ts';

const HOSTILE = '<!channel> <@U0ADMIN> *bold* & <https://example.org|click> @everyone `x` ~y~';

function generation(change: Partial<Generation> = {}, pictures = 4): Generation {
  const picture = (index: number): Picture => ({
    ...{ index, state: 'drawn', attempts: 1, blobKey: `b${index}`, sizeBytes: 1, widthPx: 128, heightPx: 128 },
    ...{ drawMs: 1, engineMs: 1, errorCode: null },
  });
  return {
    id: '01990000-0000-7000-8000-000000000001',
    requestKey: 'k',
    kind: 'imagine',
    parentId: null,
    parentPictureIndex: null,
    prompt: 'a red fox',
    options: { locale: 'en' },
    seed: 7,
    model: 'easel-nano',
    modelHash: 'h',
    status: 'drawn',
    errorCode: null,
    scope: { platform: 'slack', tenant: 'T1', channel: 'C1', user: 'U1', roles: [] },
    private: false,
    target: {},
    kept: false,
    createdAtMs: 0,
    startedAtMs: null,
    finishedAtMs: null,
    charge: { state: 'settled', pictures, engineMs: 0 },
    pictures: Array.from({ length: pictures }, (_, index) => picture(index)),
    ...change,
  };
}

const image = (alt: string): NonNullable<View['image']> => ({
  ...{ bytes: new Uint8Array(4), format: 'png', mediaType: 'image/png', fileName: 'easel.png' },
  ...{ widthPx: 1, heightPx: 1, alt, blobKeys: [] },
});
const parts = { fileId: 'F1', author: 'ada <3' };

/** As strictly as Slack takes a post: its own types closed, and its limits. */
function check({ text, blocks }: ReturnType<typeof toMessage>): void {
  expect(blockProblems(blocks as unknown as BlockJson[], '/blocks', 50)).toEqual([]);
  checkBody('ChatPostMessage', { channel: 'C1', text, blocks });
}

describe('a message of a generation', () => {
  it('shows the words, the picture with its text, what is known of it, and what can be done', () => {
    const message = toMessage(finalView(generation(), image('a red fox')), parts);
    check(message);
    expect(message.blocks.map(({ type }) => type)).toEqual([
      'section',
      'image',
      'context',
      'actions',
      'actions',
      'actions',
    ]);
    expect(message.blocks[1]).toMatchObject({ slack_file: { id: 'F1' }, alt_text: 'a red fox' });
    expect(message.text).toBe('Done: a red fox');
    expect(JSON.stringify(message.blocks[2])).toContain('Done · ada &lt;3 · Seed 7 · Model easel-nano');
  });

  it('has rows of buttons by picture, and the subtle variations in a menu', () => {
    const { blocks } = toMessage(finalView(generation(), image('x')), parts);
    const rows = blocks.flatMap((block) => (block.type === 'actions' ? [block.elements] : []));
    const kinds = rows.map((row) =>
      row.map((element) => ('value' in element ? element.value?.split(':')[1] : element.type)),
    );
    expect(kinds).toEqual([
      ['upscale', 'upscale', 'upscale', 'upscale'],
      ['vary', 'vary', 'vary', 'vary', 'overflow'],
      ['reroll', 'edit', 'keep', 'remove', 'direct'],
    ]);
    const menu = rows[1]?.at(-1);
    expect(menu).toMatchObject({ type: 'overflow' });
    expect(
      menu !== undefined && 'options' in menu ? menu.options.map(({ value }) => value?.split(':').at(-1)) : [],
    ).toEqual(Array(4).fill('subtle'));
  });

  it('says for ears which picture a button means, and asks before it deletes', () => {
    const { blocks } = toMessage(finalView(generation(), image('x')), parts);
    const buttons = blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []));
    expect(buttons[1]).toMatchObject({ text: { text: 'U2' }, accessibility_label: 'Upscale 2' });
    const remove = buttons.find((element) => 'value' in element && element.value?.includes(':remove:'));
    expect(remove).toMatchObject({
      confirm: { style: 'danger', text: { text: expect.stringContaining('for everyone') } },
    });
  });

  it('shows how far it is while it is painted, and a way to cancel', () => {
    const status = { kind: 'painting', doneShare: 0.31, secondsLeft: 42 } as const;
    const message = toMessage(statusView(generation({ status: 'drawing' }), status as never), {
      ...parts,
      fileId: null,
    });
    check(message);
    const text = textsOf(message.blocks as unknown as BlockJson[]).map((each) => each.text);
    expect(text).toContain('▰▰▰▱▱▱▱▱▱▱');
    expect(JSON.stringify(message.blocks)).toContain(':cancel:');
    expect(message.blocks.some(({ type }) => type === 'image')).toBe(false);
  });

  it('calls nobody, whatever the prompt says', () => {
    const view = finalView(generation({ prompt: HOSTILE, options: { notices: [HOSTILE] } }), image(HOSTILE));
    const message = toMessage(view, { fileId: 'F1', author: HOSTILE });
    check(message);
    const texts = textsOf(message.blocks as unknown as BlockJson[]);
    expect(pingsOf([message.text, ...texts.map(({ text }) => text)])).toEqual([]);
    for (const { type, text } of texts) {
      expect(text).not.toMatch(/[<>]/u);
      if (type === 'mrkdwn') expect(text).not.toMatch(/&(?!amp;|lt;|gt;)/u);
    }
    const mrkdwn = message.blocks.flatMap((block) => ('text' in block && block.type === 'section' ? [block.text] : []));
    expect(mrkdwn).toEqual([expect.objectContaining({ verbatim: true })]);
  });

  it('fits Slack with a prompt of a thousand signs that all grow by escaping', () => {
    for (const sign of ['&', '<', '🦊', '字', 'a']) {
      const prompt = sign.repeat(1_000);
      const view = finalView(generation({ prompt, options: { notices: [prompt, prompt, prompt] } }), image(prompt));
      check(toMessage(view, { fileId: 'F1', author: prompt }));
    }
  });
});

describe('answers to one person', () => {
  it.each(LOCALES)('fit Slack, in %s', (locale) => {
    check(toMessage(helpView(locale), { fileId: null, author: null }));
    check(toMessage(answerView(HOSTILE, locale), { fileId: null, author: null }));
    check(toMessage(confirmView(Array(8).fill('&'.repeat(900)), 32, locale), { fileId: null, author: null }));
  });

  it('show bars, fields, buttons of the desk and a menu', () => {
    const view: View = {
      ...answerView('Yours', 'en'),
      fields: Array.from({ length: 23 }, (_, index) => ({ name: `name ${index}`, value: index === 0 ? '' : '<b>' })),
      bars: [{ label: 'Pictures a day', usedShare: 0.6, value: '8 of 20 left', note: 'back at 00:00' }],
      actions: [
        { id: 'easel-do me', label: 'Me', style: 'plain', opensForm: false },
        { id: 'easel-do forget-me yes', label: 'Delete it all', style: 'danger', opensForm: false },
      ],
      menu: {
        label: 'Show one',
        choices: Array.from({ length: 40 }, (_, index) => ({
          ...{ id: `easel-do show ${index}`, label: 'a <b>', about: 'x', style: 'plain' as const, opensForm: false },
        })),
      },
    };
    const message = toMessage(view, { fileId: null, author: null });
    check(message);
    const json = JSON.stringify(message.blocks);
    expect(json).toContain('▰▰▰▰▰▰▱▱▱▱  8 of 20 left');
    expect(json).toContain('"style":"danger"');
    expect(json).toContain('‹b›');
  });
});
