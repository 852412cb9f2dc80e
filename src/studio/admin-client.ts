/** What a one-shot command asks of the Easel that owns the data folder. */

import type { View } from '../conversation/view.ts';
import { callAdmin } from '../store/admin-socket.ts';
import type { Json } from '../store/records.ts';
import type { AdminStatus, ImagineArgs, ImagineEvent, ImagineResult } from './admin-commands.ts';
import type { HostDeskArgs } from './host-desk.ts';

/**
 * Has the running Easel draw, in its queue and by its rules.
 *
 * An abort cancels what was accepted.
 * @returns null when none runs on this folder: draw here
 * @throws {AppError} its refusal
 */
export async function imagineRemotely(
  dataDir: string,
  args: ImagineArgs,
  onEvent: (event: ImagineEvent) => void,
  signal?: AbortSignal,
): Promise<ImagineResult | null> {
  const call = { command: 'imagine', args: args as unknown as Json };
  const answer = await callAdmin(dataDir, call, {
    onEvent: (event) => onEvent(event as unknown as ImagineEvent),
    ...(signal === undefined ? {} : { signal }),
  });
  return answer === null ? null : (answer.result as unknown as ImagineResult);
}

/** What the desk answers to whoever runs Easel. @returns null when none runs on this folder @throws {AppError} */
export async function askDesk(dataDir: string, args: HostDeskArgs): Promise<View | null> {
  const answer = await callAdmin(dataDir, { command: 'desk', args: args as unknown as Json });
  return answer === null ? null : (answer.result as unknown as View);
}

/** @returns null when none runs on this folder */
export async function askStatus(dataDir: string): Promise<AdminStatus | null> {
  const answer = await callAdmin(dataDir, { command: 'status', args: null });
  return answer === null ? null : (answer.result as AdminStatus);
}

/** The secret of a one-use link to the web admin, for whoever runs Easel. @returns null when none runs on this folder */
export async function askHostSecret(dataDir: string): Promise<string | null> {
  const answer = await callAdmin(dataDir, { command: 'sign-in', args: null });
  return answer === null ? null : (answer.result as string);
}
