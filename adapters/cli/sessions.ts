// `easel sessions` and `easel revoke`: who may use the web chat, and the end of it.

import { AppError, type Config } from '../../src/index.ts';
import type { Terminal } from './terminal.ts';

export type SessionTools = {
  /** Newest first. */
  list(config: Config): Promise<readonly Session[]>;
  /** @returns false when there is no such session */
  end(config: Config, id: string): Promise<boolean>;
};

export type Session = {
  readonly id: string;
  readonly name: string;
  readonly role: 'member' | 'admin';
  readonly via: 'browser' | 'invite' | 'host';
  readonly createdAtMs: number;
};

const VIA: Record<Session['via'], string> = { browser: 'this machine', invite: 'an invite', host: 'the host token' };

export async function listSessions(
  config: Config,
  tools: SessionTools | undefined,
  isJson: boolean,
  { stdout }: Terminal,
): Promise<void> {
  const sessions = (await tools?.list(config)) ?? [];
  if (isJson) {
    const rows = sessions.map(({ id, name, role, via, createdAtMs }) => ({ id, name, role, via, createdAtMs }));
    stdout.write(`${JSON.stringify({ sessions: rows })}\n`);
    return;
  }
  if (sessions.length === 0) stdout.write('Nobody has used the web chat yet.\n');
  for (const { id, name, role, via, createdAtMs } of sessions) {
    stdout.write(
      `${id}  ${name} (${role}, by ${VIA[via]}, since ${new Date(createdAtMs).toISOString().slice(0, 16)}Z)\n`,
    );
  }
}

/** @throws {AppError} `INPUT_USAGE` when there is no such session */
export async function endSession(
  config: Config,
  tools: SessionTools | undefined,
  id: string,
  { stdout }: Terminal,
): Promise<void> {
  if ((await tools?.end(config, id)) !== true) {
    throw new AppError('INPUT_USAGE', 'There is no such session. See which there are with: npx easel sessions');
  }
  stdout.write('Ended: its browser is a stranger from now on.\n');
}
