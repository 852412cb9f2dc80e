import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPeople } from '../../../adapters/web/people.ts';
import { endSession, listSessions } from '../../../adapters/web/web-adapter.ts';
import { createWorkplace, type Workplace } from './harness.ts';

describe('easel sessions and easel revoke', () => {
  let place: Workplace;
  let dataDir: string;
  beforeAll(async () => {
    place = await createWorkplace();
    dataDir = await mkdtemp(join(tmpdir(), 'easel-sessions-'));
  });
  afterAll(async () => {
    await place.remove();
    await rm(dataDir, { recursive: true, force: true });
  });
  const run = (...args: string[]) =>
    place.run(args, {
      environment: { EASEL_DATA_DIR: dataDir },
      program: { sessions: { list: listSessions, end: endSession } },
    });

  it('say that nobody was there yet', async () => {
    expect(await run('sessions')).toMatchObject({ exitCode: 0, stdout: 'Nobody has used the web chat yet.\n' });
  });

  it('list who may come in, and shut one out for good, whoever has their page open', async () => {
    const people = await openPeople(join(dataDir, 'web'));
    const carol = await people.join({ name: 'Carol', role: 'member', via: 'invite' });
    const dave = await people.join({ name: 'Dave', role: 'admin', via: 'host' });
    const { sessions } = JSON.parse((await run('sessions', '--json')).stdout);
    expect(sessions.map(({ name, role }: { name: string; role: string }) => [name, role]).sort()).toEqual([
      ['Carol', 'member'],
      ['Dave', 'admin'],
    ]);
    expect((await run('sessions')).stdout).toContain(`${carol.id}  Carol (member, by an invite, since `);
    expect(await run('revoke', carol.id)).toMatchObject({ exitCode: 0 });
    await expect.poll(() => people.ofCookie(people.cookieOf(carol)), { timeout: 10_000 }).toBeNull();
    expect(await people.ofCookie(people.cookieOf(dave))).toMatchObject({ name: 'Dave' });
    expect(JSON.parse((await run('sessions', '--json')).stdout).sessions).toHaveLength(1);
  });

  it('refuse an id that is nobody, and a path that is none', async () => {
    for (const id of ['nobody', '../secret']) {
      const ended = await run('revoke', id);
      expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
      expect(ended.stderr).toContain('npx easel sessions');
    }
  });
});
