/** Sign-ins of the web admin: a link is used up in the transaction that opens its session. */
import { and, desc, eq, gt, isNull, lt, or } from 'drizzle-orm';
import type { SignIn, SignInOwner } from '../records.ts';
import { signInLinks, signIns } from '../schema.ts';
import type { SignInStore } from '../store.ts';
import { cleanText } from './clean.ts';
import type { Database } from './database.ts';

export function createSignInStore(database: Database): SignInStore {
  return {
    link: async (secretHash, owner, expiresAtMs) => {
      await database
        .insert(signInLinks)
        .values({ secretHash, ...toColumns(owner), expiresAtMs, usedBy: null })
        .onConflictDoNothing();
    },
    redeem: (secretHash, session, nowMs) =>
      database.transaction(async (tx) => {
        const isFree = or(isNull(signInLinks.usedBy), eq(signInLinks.usedBy, session.tokenHash));
        const [link] = await tx
          .update(signInLinks)
          .set({ usedBy: session.tokenHash })
          .where(and(eq(signInLinks.secretHash, secretHash), gt(signInLinks.expiresAtMs, nowMs), isFree))
          .returning();
        if (link === undefined) return null;
        return openSession(tx, session, toOwner(link), nowMs);
      }),
    open: (session, owner, nowMs) => openSession(database, session, owner, nowMs),
    get: async (tokenHash, nowMs) => {
      const [row] = await database
        .select()
        .from(signIns)
        .where(and(eq(signIns.tokenHash, tokenHash), gt(signIns.expiresAtMs, nowMs)));
      return row === undefined ? null : toSignIn(row);
    },
    list: async (place, nowMs) => {
      const isHere =
        place === null ? undefined : and(eq(signIns.platform, place.platform), eq(signIns.tenant, place.tenant));
      const rows = await database
        .select()
        .from(signIns)
        .where(and(isHere, gt(signIns.expiresAtMs, nowMs)))
        .orderBy(desc(signIns.createdAtMs))
        .limit(LIST_MAX);
      return rows.map(toSignIn);
    },
    end: async (id) => {
      await database.delete(signIns).where(eq(signIns.id, id));
    },
    forget: async (nowMs) => {
      await database.delete(signIns).where(lt(signIns.expiresAtMs, nowMs));
      await database.delete(signInLinks).where(lt(signInLinks.expiresAtMs, nowMs));
    },
  };
}

const LIST_MAX = 200;

async function openSession(
  database: Database,
  { tokenHash, id, expiresAtMs }: Parameters<SignInStore['open']>[0],
  owner: SignInOwner,
  nowMs: number,
): Promise<SignIn> {
  const row = { tokenHash, id, ...toColumns(owner), createdAtMs: nowMs, expiresAtMs };
  await database.insert(signIns).values(row).onConflictDoNothing();
  return toSignIn(row);
}

function toColumns({ via, platform, tenant, user, name }: SignInOwner) {
  return { via, platform, tenant, userId: user, name: cleanText(name) };
}

function toOwner({ via, platform, tenant, userId, name }: ReturnType<typeof toColumns>): SignInOwner {
  return { via, platform, tenant, user: userId, name };
}

function toSignIn(row: ReturnType<typeof toColumns> & Pick<SignIn, 'id' | 'createdAtMs' | 'expiresAtMs'>): SignIn {
  const { id, createdAtMs, expiresAtMs } = row;
  return { id, ...toOwner(row), createdAtMs, expiresAtMs };
}
