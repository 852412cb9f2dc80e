// Who uses the web chat: one small file a person, so that a session survives a restart and `easel invite` needs no running Easel.

import { createHash, createHmac, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../src/index.ts';
import type { WireRole } from './wire.ts';

export type WebPerson = {
  /** Also the session's: each session is a person with a role. */
  readonly id: string;
  readonly name: string;
  readonly role: WireRole;
  /** `browser`: a browser on this machine that nobody invited. */
  readonly via: 'browser' | 'invite' | 'host';
  readonly createdAtMs: number;
};

export type Invite = { readonly name: string; readonly role: WireRole; readonly expiresAtMs: number };

export type People = {
  /** Who holds this cookie; null: nobody (any more). */
  ofCookie(cookie: string): Promise<WebPerson | null>;
  cookieOf(person: WebPerson): string;
  join(person: Pick<WebPerson, 'name' | 'role' | 'via'>): Promise<WebPerson>;
  rename(id: string, name: string): Promise<WebPerson>;
  /** Their cookie opens nothing any more. */
  revoke(id: string): Promise<void>;
  /** What the page calls somebody who may be gone. */
  nameOf(id: string): string;
  all(): readonly WebPerson[];
  /** null: whose session was revoked, or who never was. */
  roleOf(id: string): Promise<WireRole | null>;
  /** @returns the secret of a one-use link */
  invite(name: string, role: WireRole): Promise<string>;
  /** Uses an invite up. @returns null when it was used, has expired or never was */
  redeem(secret: string): Promise<WebPerson | null>;
};

export const NAME_CHARACTERS_MAX = 32;
const INVITE_LIFE_MS = 7 * 24 * 3_600_000;
/** How long a revoked session may still work. */
const FRESH_MS = 1_000;
const ID = /^[a-z0-9]{12,40}$/u;

/** @param dir such as `data/web`; made when it is missing */
export async function openPeople(dir: string, nowMs: () => number = Date.now): Promise<People> {
  await mkdir(join(dir, 'people'), { recursive: true });
  await mkdir(join(dir, 'invites'), { recursive: true });
  const secret = await readSecret(join(dir, 'secret'));
  const known = new Map<string, { person: WebPerson; checkedAtMs: number }>();
  const fileOf = (id: string) => join(dir, 'people', `${id}.json`);
  const inviteOf = (text: string) => join(dir, 'invites', `${createHash('sha256').update(text).digest('hex')}.json`);

  async function load(id: string): Promise<WebPerson | null> {
    const before = known.get(id);
    if (before !== undefined && nowMs() - before.checkedAtMs < FRESH_MS) return before.person;
    const person = await readJson<WebPerson>(fileOf(id));
    if (person === null) known.delete(id);
    else known.set(id, { person, checkedAtMs: nowMs() });
    return person;
  }

  async function save(person: WebPerson): Promise<WebPerson> {
    await writeWhole(fileOf(person.id), JSON.stringify(person));
    known.set(person.id, { person, checkedAtMs: nowMs() });
    return person;
  }

  const sign = (id: string) => createHmac('sha256', secret).update(id).digest('base64url');

  for (const name of await readdir(join(dir, 'people'))) {
    if (name.endsWith('.json') && ID.test(name.slice(0, -5))) await load(name.slice(0, -5));
  }

  const people: People = {
    async ofCookie(cookie) {
      const [id = '', signature = ''] = cookie.split('.');
      if (!ID.test(id) || !sameText(signature, sign(id))) return null;
      return load(id);
    },
    cookieOf: ({ id }) => `${id}.${sign(id)}`,
    join: ({ name, role, via }) =>
      save({ id: randomBytes(10).toString('hex'), name: cleanName(name), role, via, createdAtMs: nowMs() }),
    async rename(id, name) {
      const person = await load(id);
      if (person === null) throw new AppError('JOB_NOT_FOUND', 'This session has ended. Load the page again.');
      return save({ ...person, name: cleanName(name) });
    },
    async revoke(id) {
      if (!ID.test(id)) return;
      await rm(fileOf(id), { force: true });
      known.delete(id);
    },
    nameOf: (id) => known.get(id)?.person.name ?? 'Someone',
    roleOf: async (id) => (ID.test(id) ? ((await load(id))?.role ?? null) : null),
    all: () => [...known.values()].map(({ person }) => person),
    async invite(name, role) {
      const text = randomBytes(18).toString('base64url');
      const invite: Invite = { name: cleanName(name), role, expiresAtMs: nowMs() + INVITE_LIFE_MS };
      await writeWhole(inviteOf(text), JSON.stringify(invite));
      return text;
    },
    async redeem(text) {
      const path = inviteOf(text);
      const taken = `${path}.${randomBytes(4).toString('hex')}`;
      try {
        // Of two who come at once, one finds the file gone.
        await rename(path, taken);
      } catch {
        return null;
      }
      const invite = await readJson<Invite>(taken);
      await rm(taken, { force: true });
      if (invite === null || invite.expiresAtMs < nowMs()) return null;
      return people.join({ name: invite.name, role: invite.role, via: 'invite' });
    },
  };
  return people;
}

/** @throws {AppError} `INPUT_SETTING` for a name that is empty, too long or holds what cannot be seen */
export function cleanName(name: string): string {
  const clean = name.normalize('NFC').replaceAll(/\s+/gu, ' ').trim();
  const isGood = clean !== '' && [...clean].length <= NAME_CHARACTERS_MAX && !/[\p{C}\p{Zl}\p{Zp}]/u.test(clean);
  if (isGood) return clean;
  throw new AppError('INPUT_SETTING', `A name has 1 to ${NAME_CHARACTERS_MAX} characters that can be seen.`);
}

/** Compares without telling by time how much was right. */
export function sameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

const COLOURS = [
  'Amber',
  'Coral',
  'Cobalt',
  'Indigo',
  'Jade',
  'Lilac',
  'Ochre',
  'Olive',
  'Rose',
  'Ruby',
  'Sage',
  'Teal',
];
const ANIMALS = ['Badger', 'Crane', 'Finch', 'Fox', 'Hare', 'Heron', 'Lynx', 'Newt', 'Otter', 'Owl', 'Robin', 'Wren'];

/** Such as `Teal Otter`: two browsers can tell each other apart before anybody gave a name. */
export function guestName(): string {
  return `${COLOURS[randomInt(COLOURS.length)]} ${ANIMALS[randomInt(ANIMALS.length)]}`;
}

async function readSecret(path: string): Promise<Buffer> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (!isThere) await writeFile(path, randomBytes(32), { mode: 0o600, flag: 'wx' }).catch(() => {});
  return readFile(path);
}

/** Whole or not at all, also when the power goes. */
async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, path);
}

async function readJson<T>(path: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return null;
  }
}
