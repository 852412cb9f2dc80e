import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askSixel } from '../../../adapters/cli/ask-sixel.ts';
import { Capture } from './harness.ts';

/** A terminal that answers the question in pieces; it remembers the raw modes it was set to. */
function terminal(answer: readonly string[]) {
  const modes: boolean[] = [];
  const keyboard = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (raw: boolean) => modes.push(raw),
  });
  const screen = new Capture(true);
  const write = screen._write.bind(screen);
  screen._write = (chunk, encoding, done) => {
    for (const part of answer) keyboard.write(part);
    write(chunk, encoding, done);
  };
  return { keyboard, screen, modes };
}

describe('asking a terminal for sixels', () => {
  it.each([
    ['a terminal with them', ['\u001B[?62;4;22c'], true],
    ['one that answers in pieces, after a key press', ['x\u001B[', '?63;1;2;4', 'c'], true],
    ['one without them', ['\u001B[?62;22c'], false],
    ['a VT420, whose own number is no attribute', ['\u001B[?64;1c'], false],
    ['one that says nothing', [], false],
  ])('%s', async (_what, answer, expected) => {
    const { keyboard, screen, modes } = terminal(answer);
    expect(await askSixel(keyboard, screen)).toBe(expected);
    expect(screen.text).toBe('\u001B[c');
    expect(modes).toEqual([true, false]);
    expect(keyboard.listenerCount('data')).toBe(0);
  });

  it('does not ask where nobody types', async () => {
    const { screen } = terminal([]);
    expect(await askSixel(new PassThrough(), screen)).toBe(false);
    expect(screen.text).toBe('');
  });
});
