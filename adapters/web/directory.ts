// Names on the web: people by the name they gave, its two roles, its one channel.

import type { Directory, Named, PlaceKind } from '../../src/index.ts';
import type { People } from './people.ts';
import { CHANNEL } from './scope.ts';
import type { WireRole } from './wire.ts';

const ROLES: readonly WireRole[] = ['member', 'admin'];

export function createWebDirectory(people: Pick<People, 'all'>): Directory {
  const listed = (kind: PlaceKind): readonly Named[] => {
    switch (kind) {
      case 'user':
        return people.all().map(({ id, name }) => ({ id, name: `@${name}` }));
      case 'role':
        return ROLES.map((role) => ({ id: role, name: `@${role}` }));
      case 'channel':
        return [{ id: CHANNEL, name: `#${CHANNEL}` }];
    }
  };
  return {
    nameOf: async (_tenant, kind, id) => listed(kind).find((each) => each.id === id)?.name ?? null,
    async find(_tenant, kind, name) {
      // A name with spaces is typed with dashes or without them.
      const plain = (text: string) => text.toLowerCase().replaceAll(/[\s_-]/gu, '');
      const found = listed(kind).filter((each) => plain(each.name.slice(1)) === plain(name) || each.id === name);
      return found.length === 1 ? (found[0] ?? null) : null;
    },
    async rolesOf(_tenant, user) {
      const person = people.all().find(({ id }) => id === user);
      return person === undefined ? [] : [person.role];
    },
    list: async (_tenant, kind) => listed(kind).slice(0, 100),
  };
}
