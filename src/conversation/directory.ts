/** What a platform knows of its people, roles and channels: names for ids, ids for names. */
import type { PlaceKind } from './form.ts';

export type Named = { id: string; name: string };

/** Every answer may be a few minutes old; the right to do something is never asked here but of the asker. */
export type Directory = {
  /** As people call it, with its mark: `@ada`, `@Painters`, `#general`. @returns null when it is gone, or never was */
  nameOf(tenant: string, kind: PlaceKind, id: string): Promise<string | null>;
  /** @param name as typed, without its mark, in any case @returns null when none or several are called so */
  find(tenant: string, kind: PlaceKind, name: string): Promise<Named | null>;
  /** Of a person, as a scope holds them. */
  rolesOf(tenant: string, user: string): Promise<readonly string[]>;
  /** To choose from, at most 100; absent where the platform has selects of its own. */
  list?(tenant: string, kind: PlaceKind): Promise<readonly Named[]>;
};
