/** Where passed self-tests are kept. In a file of its own: the bot's process names the file, and loads nothing of the runtime. */
import { join } from 'node:path';
import envPaths from 'env-paths';

export function defaultSelfTestPath(): string {
  return join(envPaths('easel', { suffix: '' }).cache, 'self-tests.json');
}
