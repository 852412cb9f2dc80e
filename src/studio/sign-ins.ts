/** Who is signed in to the web admin. What a session may do is asked of its platform again and again, so a lost permission ends it. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { ChatAdapter } from '../conversation/messages.ts';
import { AppError } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';
import { step } from '../ops/step.ts';
import type { Scope, SignIn, SignInOwner } from '../store/records.ts';
import type { SignInStore } from '../store/store.ts';
import type { Asker } from './studio.ts';

export type SignInParts = {
  store: { readonly signIns: SignInStore };
  clock: Clock;
  /** Address of the page that admins of chats can open; null: it has none. */
  publicUrl: string | null;
  connection(platform: string): Partial<Pick<ChatAdapter, 'administers' | 'directory'>> | undefined;
};

/** @param token goes into a cookie and nowhere else */
export type OpenedSignIn = { token: string; signIn: SignIn };

export type SignIns = {
  /**
   * A link for an admin of a chat: ten minutes, one use, good for their server or workspace alone.
   *
   * @throws {AppError} `ADAPTER_NO_ADDRESS` when the page has no public address, `LIMIT_ADMINS_ONLY`
   */
  linkFor(asker: Asker): Promise<string>;
  /** The secret of a link for whoever runs Easel. */
  hostSecret(): Promise<string>;
  /** @returns null when the link was used, has expired or never was */
  redeem(secret: string): Promise<OpenedSignIn | null>;
  /** For who has proved elsewhere who they are: the host by token, an admin of the web chat. */
  open(owner: SignInOwner): Promise<OpenedSignIn>;
  /** @returns null: nobody, or no admin any more */
  find(token: string): Promise<SignIn | null>;
  /** @param place which tenant a host looks at; others always look at their own */
  askerOf(signIn: SignIn, place?: Pick<Scope, 'platform' | 'tenant'> | null): Asker;
  /** Open sessions that this one may end: of its tenant, of all for the host. */
  list(signIn: SignIn): Promise<readonly SignIn[]>;
  /** @returns false when it is none of those */
  end(by: SignIn, id: string): Promise<boolean>;
};

export const LINK_LIFE_MS = 10 * 60_000;
export const SESSION_LIFE_MS = 7 * 24 * 3_600_000;
/** How long a permission that was taken away may still open the page. */
export const ANSWER_LIFE_MS = 2_000;
export const ADMIN_PATH = '/admin';
/** Neither of a chat: whoever runs Easel. */
export const HOST: SignInOwner = { via: 'host', platform: 'web', tenant: 'web', user: 'host', name: 'Host' };

export function createSignIns({ store, clock, publicUrl, connection }: SignInParts): SignIns {
  async function createLink(owner: SignInOwner): Promise<string> {
    const secret = randomBytes(24).toString('hex');
    await step('sign-in', () => store.signIns.link(hash(secret), owner, clock.nowMs() + LINK_LIFE_MS));
    return secret;
  }

  function newSession(): { token: string; session: Parameters<SignInStore['open']>[0] } {
    const token = randomBytes(32).toString('base64url');
    return {
      token,
      session: { tokenHash: hash(token), id: randomUUID(), expiresAtMs: clock.nowMs() + SESSION_LIFE_MS },
    };
  }

  /** Answers of platforms, for the many requests that one page makes at a time. */
  const answers = new Map<string, { atMs: number; isAdmin: Promise<boolean> }>();
  async function administers({ via, platform, tenant, user }: SignInOwner): Promise<boolean> {
    if (via === 'host') return true;
    const key = JSON.stringify([platform, tenant, user]);
    const nowMs = clock.nowMs();
    const known = answers.get(key);
    if (known !== undefined && Math.abs(nowMs - known.atMs) < ANSWER_LIFE_MS) return known.isAdmin;
    for (const [old, { atMs }] of answers) if (Math.abs(nowMs - atMs) >= ANSWER_LIFE_MS) answers.delete(old);
    // A platform that cannot be asked has not said yes.
    const isAdmin = Promise.resolve(connection(platform)?.administers?.(tenant, user)).then(
      (answer) => answer === true,
      () => false,
    );
    answers.set(key, { atMs: nowMs, isAdmin });
    return isAdmin;
  }

  const isTheirs = (by: SignIn, { platform, tenant }: SignIn): boolean =>
    by.via === 'host' || (platform === by.platform && tenant === by.tenant);

  const signIns: SignIns = {
    async linkFor(asker) {
      const isAdmin = (await asker.mayAdminister?.()) === true || (await asker.isHost?.()) === true;
      if (!isAdmin) throw new AppError('LIMIT_ADMINS_ONLY', 'Only an admin of this place may do this.');
      if (publicUrl === null) {
        throw new AppError(
          'ADAPTER_NO_ADDRESS',
          'The admin page has no address that could be opened from here. Whoever runs Easel can set EASEL_PUBLIC_URL.',
        );
      }
      const { platform, tenant, user } = asker.scope;
      const name = (await connection(platform)?.directory?.nameOf(tenant, 'user', user)) ?? user;
      return `${publicUrl}${ADMIN_PATH}/link/${await createLink({ via: 'link', platform, tenant, user, name })}`;
    },
    hostSecret: () => createLink(HOST),
    async redeem(secret) {
      const { token, session } = newSession();
      const signIn = await step('sign-in', () => store.signIns.redeem(hash(secret), session, clock.nowMs()));
      return signIn === null ? null : { token, signIn };
    },
    async open(owner) {
      const { token, session } = newSession();
      return { token, signIn: await step('sign-in', () => store.signIns.open(session, owner, clock.nowMs())) };
    },
    async find(token) {
      const signIn = await store.signIns.get(hash(token), clock.nowMs());
      return signIn !== null && (await administers(signIn)) ? signIn : null;
    },
    askerOf(signIn, place = null) {
      const isHost = signIn.via === 'host';
      const { platform, tenant } = isHost && place !== null ? place : signIn;
      return {
        scope: { platform, tenant, channel: '', user: signIn.user, roles: [] },
        mayModerate: () => administers(signIn),
        mayAdminister: () => administers(signIn),
        isHost: async () => isHost,
      };
    },
    list: (by) => store.signIns.list(by.via === 'host' ? null : by, clock.nowMs()),
    async end(by, id) {
      const open = await signIns.list(by);
      const found = open.find((each) => each.id === id && isTheirs(by, each));
      if (found === undefined) return false;
      await step('sign-in', () => store.signIns.end(found.id));
      return true;
    },
  };
  return signIns;
}

/** What a thief of the database could use must not be in it. */
function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
