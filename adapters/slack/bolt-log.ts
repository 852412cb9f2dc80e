// Bolt's log in ours. What it says on the level of debugging holds whole payloads, prompts too: that is dropped.

import { type Logger, LogLevel } from '@slack/bolt';
import type { Log } from '../../src/index.ts';

export function createBoltLog(log: Log): Logger {
  const say = (parts: readonly unknown[]): string =>
    parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' ');
  return {
    debug: () => {},
    info: (...parts) => log.debug('slack', { said: say(parts) }),
    warn: (...parts) => log.warn('slack', { said: say(parts) }),
    error: (...parts) => log.warn('slack failed', { said: say(parts) }),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  };
}
