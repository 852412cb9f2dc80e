// Commands are sent when they have changed: a server's commands may be created 200 times a day.

import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type REST, Routes } from 'discord.js';
import { commandBodies } from './commands.ts';
import { toPlatformError } from './platform-error.ts';

/**
 * @param path where the hash of what was sent last is kept
 * @returns how many were sent; null when Discord has them already
 * @throws {AppError} `ADAPTER_UNAVAILABLE`, `ADAPTER_BUSY`
 */
export async function registerCommands(
  rest: Pick<REST, 'put'>,
  applicationId: string,
  path: string,
): Promise<number | null> {
  const body = commandBodies();
  const hash = createHash('sha256')
    .update(`${applicationId}\n${JSON.stringify(body)}`)
    .digest('hex');
  const sent = await readFile(path, 'utf8').catch(() => '');
  if (sent.trim() === hash) return null;
  try {
    await rest.put(Routes.applicationCommands(applicationId), { body });
  } catch (thrown) {
    throw toPlatformError(thrown);
  }
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.tmp`, `${hash}\n`);
  await rename(`${path}.tmp`, path);
  return body.length;
}
