/** Every change of limits: allowed at the moment of use, one after another, written with its audit entry, and undone the same way. */
import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';
import { step } from '../ops/step.ts';
import { newGenerationId } from '../store/generation-id.ts';
import type { Store } from '../store/store.ts';
import type { Asker } from '../studio/studio.ts';
import type { AuditAction, AuditEntry, Change } from './limits.ts';
import type { RuleBook } from './rule-book.ts';
import type { Place, Rule, RuleScope } from './rules.ts';

export type ChangeParts = {
  store: Pick<Store, 'limits'>;
  book: RuleBook;
  clock: Clock;
  /** What rests on the rules forgets what it knew of them. */
  onChanged(): void;
};

export type Wish = {
  asker: Asker;
  place: Place | null;
  action: AuditAction;
  /** Called when its turn has come, so that `before` is what is there. */
  changes(): readonly Change[] | Promise<readonly Change[]>;
  jobs?: number;
  undoes?: string;
};

export type Changes = {
  make(wish: Wish): Promise<AuditEntry>;
  undo(asker: Asker, id: string): Promise<AuditEntry>;
};

export function createChanges({ store, book, clock, onChanged }: ChangeParts): Changes {
  let last: Promise<unknown> = Promise.resolve();

  /** One after another: `before` of the second is `after` of the first. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work, work);
    last = turn.catch(() => {});
    return turn;
  }

  async function write(wish: Wish): Promise<AuditEntry> {
    const { asker, place, action, jobs = 0, undoes = null } = wish;
    const changes = (await wish.changes()).filter(({ before, after }) => !isDeepStrictEqual(before, after));
    const atMs = clock.nowMs();
    const by = { platform: asker.scope.platform, user: asker.scope.user };
    const entry = { id: newGenerationId(atMs), atMs, by, place, action, changes, jobs };
    await step('limit', () => store.limits.apply({ ...entry, undoes }));
    book.apply(changes);
    onChanged();
    return { ...entry, undoneBy: null };
  }

  function assertUnchanged({ changes }: AuditEntry): void {
    for (const change of changes) {
      const now = current(book, change);
      if (!isDeepStrictEqual(now, change.after)) {
        throw new AppError('LIMIT_CHANGED', 'It was changed again since, so it cannot be undone. Set it anew instead.');
      }
    }
  }

  return {
    make: (wish) => inTurn(() => write(wish)),
    undo: (asker, id) =>
      inTurn(async () => {
        const entry = await store.limits.auditEntry(id);
        if (entry === null) throw new AppError('LIMIT_NOT_FOUND', 'There is no such change.');
        await assertMayChange(asker, entry.place);
        for (const change of entry.changes) {
          if (change.kind === 'rule') await assertMaySet(asker, change.before ?? change.after);
        }
        if (entry.undoneBy !== null || entry.changes.length === 0) {
          throw new AppError('LIMIT_CHANGED', 'There is nothing of it left to undo.');
        }
        assertUnchanged(entry);
        const changes = entry.changes
          .toReversed()
          .map((change) => ({ ...change, before: change.after, after: change.before }) as Change);
        return write({ asker, place: entry.place, action: 'undo', changes: () => changes, undoes: id });
      }),
  };
}

function current(book: RuleBook, change: Change): Change['after'] {
  switch (change.kind) {
    case 'rule':
      return book.saved(change.id);
    case 'grant':
      return book.grant(change.id) ?? null;
    case 'settings':
      return book.savedSettings(change.place);
  }
}

/** @param place null: the host's @throws {AppError} `LIMIT_ADMINS_ONLY` */
export async function assertMayChange(asker: Asker, place: Place | null): Promise<void> {
  const { platform, tenant } = asker.scope;
  const isTheirs = place !== null && place.platform === platform && place.tenant === tenant;
  if (isTheirs && (await asker.mayAdminister?.()) === true) return;
  if ((await asker.isHost?.()) === true) return;
  throw new AppError(
    'LIMIT_ADMINS_ONLY',
    isTheirs ? 'Only admins of this server may do this.' : 'Only who runs this Easel may do this.',
  );
}

/** The same for one rule: some of a tenant are its host's to set. */
export async function assertMaySet(asker: Asker, rule: Rule | null): Promise<void> {
  if (rule === null) return;
  await assertMayChange(asker, isHosts(rule) ? null : placeOf(rule.scope));
}

/** A tenant's share among tenants, and where somebody may not draw anywhere, are no tenant's business. */
function isHosts({ scope, limit }: Rule): boolean {
  return placeOf(scope) === null || (scope.kind === 'tenant' && limit === 'pickerWeight');
}

/** null: of the host. */
export function placeOf(scope: RuleScope): Place | null {
  if (scope.kind === 'host' || scope.tenant === null) return null;
  return { platform: scope.platform, tenant: scope.tenant };
}

export function ruleChange(book: RuleBook, id: string, after: Rule | null): Change {
  return { kind: 'rule', id, before: book.saved(id), after };
}
