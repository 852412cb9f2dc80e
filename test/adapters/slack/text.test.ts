import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withMentions } from '../../../adapters/slack/conversation.ts';
import { emojiOfName } from '../../../adapters/slack/emoji.ts';
import { cutEscaped, cutTo, escapeText, escapeWithin, readTyped, withoutMarkup } from '../../../adapters/slack/text.ts';
import { readReaction } from '../../../src/conversation/control.ts';

const BOT = 'U0BOT';

describe('text for Slack', () => {
  it('escapes what begins markup, and nothing else', () => {
    expect(escapeText('<!channel> & <@U1> *bold*')).toBe('&lt;!channel&gt; &amp; &lt;@U1&gt; *bold*');
  });

  it('never cuts inside an entity or a character, whatever is written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, lengthMax) => {
        const cut = escapeWithin(text, lengthMax);
        expect(cut.length).toBeLessThanOrEqual(lengthMax);
        expect(cut).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/u);
        // Half a pair would not survive.
        expect(Buffer.from(cut).toString()).toBe(cut);
        expect(cutEscaped(escapeText(text), lengthMax)).not.toMatch(/&(?!amp;|lt;|gt;)/u);
      }),
    );
  });

  it('cuts what is shown as it is, with a sign that something is missing', () => {
    expect(cutTo('a red fox', 6)).toBe('a red…');
    expect(cutTo('a red', 6)).toBe('a red');
    expect(withoutMarkup('<!here> & co')).toBe('‹!here› ＆ co');
  });
});

describe('text from Slack', () => {
  it('is what the person typed: no markup, no entities, not the bot’s own name', () => {
    expect(readTyped(`<@${BOT}> imagine a cat &amp; a &lt;dog&gt;`, BOT)).toBe('imagine a cat & a <dog>');
    expect(readTyped('see <https://example.org|example.org> and <mailto:a@b.c|a@b.c>', BOT)).toBe(
      'see example.org and a@b.c',
    );
    expect(readTyped('<!channel> <!subteam^S1|@painters> <#C1|general> <@U2|ada>', BOT)).toBe(
      '@channel @painters #general @ada',
    );
  });

  it('comes back as it was escaped, whatever was typed', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const once = text.replaceAll(/[ \t]+/gu, ' ').trim();
        expect(readTyped(escapeText(once), BOT)).toBe(once);
      }),
    );
  });

  it('names people, channels and groups for the desk by their ids', () => {
    expect(withMentions('limits set 20 a day <@U12|ada> <#C34|general> <!subteam^S56|@painters>', BOT)).toBe(
      'limits set 20 a day <user:U12> <channel:C34> <role:S56>',
    );
    expect(withMentions('words add a &lt;b&gt;', BOT)).toBe('words add a <b>');
  });
});

describe('reactions by Slack’s names', () => {
  it.each([
    ['repeat', 'reroll', null],
    ['one', 'vary', 0],
    ['four', 'vary', 3],
    ['arrow_up', 'upscale', null],
    ['x', 'remove', null],
    ['envelope', 'direct', null],
    ['star', 'keep', null],
  ])('%s asks for %s', (name, kind, pictureIndex) => {
    const emoji = emojiOfName(name);
    const action = emoji === null ? null : readReaction(emoji, { generationId: '0199', finished: true });
    expect(action).toMatchObject({ kind, pictureIndex });
  });

  it('others ask for nothing', () => {
    expect(emojiOfName('tada')).toBeNull();
    expect(emojiOfName('toString')).toBeNull();
    expect(emojiOfName('+1::skin-tone-2')).toBeNull();
  });
});
