// Asks the terminal itself whether it draws sixels, since many that do say so in no environment variable.

const QUESTION = '\u001B[c';
/** "Primary device attributes": ESC [ ? 62 ; 4 ; 22 c, where 4 stands for sixel. */
const ANSWER_START = '\u001B[?';
const SIXEL_ATTRIBUTE = '4';
const WAIT_MS = 200;

/** The part of standard input that the question needs. */
export type Keyboard = {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  off(event: 'data', listener: (chunk: Buffer) => void): unknown;
  resume(): unknown;
  pause(): unknown;
};

/**
 * Sends the question and reads the answer from the keyboard's stream.
 *
 * Waits at most 200 ms, puts the keyboard back as it was, and counts silence as no. Keys pressed meanwhile are lost.
 * @see https://vt100.net/docs/vt510-rm/DA1.html
 */
export async function askSixel(keyboard: Keyboard, screen: NodeJS.WritableStream): Promise<boolean> {
  if (keyboard.isTTY !== true || keyboard.setRawMode === undefined) return false;
  let heard = '';
  let timer: NodeJS.Timeout | undefined;
  let listener = (_chunk: Buffer): void => {};
  keyboard.setRawMode(true);
  try {
    return await new Promise<boolean>((resolve) => {
      listener = (chunk) => {
        heard += chunk.toString('latin1');
        const start = heard.indexOf(ANSWER_START);
        const end = heard.indexOf('c', start);
        if (start < 0 || end < 0) return;
        resolve(
          heard
            .slice(start + ANSWER_START.length, end)
            .split(';')
            .slice(1)
            .includes(SIXEL_ATTRIBUTE),
        );
      };
      timer = setTimeout(() => resolve(false), WAIT_MS);
      keyboard.on('data', listener);
      keyboard.resume();
      screen.write(QUESTION);
    });
  } finally {
    clearTimeout(timer);
    keyboard.off('data', listener);
    keyboard.pause();
    keyboard.setRawMode(false);
  }
}
