// Names for ids: of people, roles, channels and places, as their platform calls them.

import type { Directory, Easel, RuleScope } from '../../../src/index.ts';
import { PLATFORM, TENANT } from '../scope.ts';
import type { WireName, WirePlace } from './wire.ts';

export type Place = { readonly platform: string; readonly tenant: string };

export type Names = {
  person(place: Place, id: string): Promise<WireName>;
  channel(place: Place, id: string): Promise<WireName>;
  scope(scope: RuleScope): Promise<string>;
  place(place: Place): Promise<WirePlace>;
  /** What the platform offers to choose from; empty where it has no list. */
  list(place: Place, kind: Parameters<Directory['nameOf']>[1]): Promise<readonly WireName[]>;
};

const FORGOTTEN = 'Someone who was forgotten';

export function createNames(easel: Pick<Easel, 'directory'>, nameOfWebPerson: (id: string) => string): Names {
  async function nameOf(place: Place, kind: Parameters<Directory['nameOf']>[1], id: string): Promise<string> {
    if (place.platform === PLATFORM && kind === 'user') return nameOfWebPerson(id);
    // A platform that cannot be asked now is no reason to show nothing.
    const found = await easel
      .directory(place.platform)
      ?.nameOf(place.tenant, kind, id)
      .catch(() => null);
    return found ?? id;
  }

  const names: Names = {
    async person(place, id) {
      return { id, name: id === '' ? FORGOTTEN : await nameOf(place, 'user', id) };
    },
    async channel(place, id) {
      return { id, name: id === '' ? 'Unknown' : await nameOf(place, 'channel', id) };
    },
    async scope(scope) {
      switch (scope.kind) {
        case 'host':
          return 'Everywhere';
        case 'tenant':
          return 'Everyone here';
        case 'channel':
          return nameOf(scope, 'channel', scope.channel);
        case 'role':
          return nameOf(scope, 'role', scope.role);
        case 'user':
          return nameOf({ platform: scope.platform, tenant: scope.tenant ?? '' }, 'user', scope.user);
      }
    },
    async place({ platform, tenant }) {
      const name = platform === PLATFORM && tenant === TENANT ? 'Web chat' : `${titled(platform)} · ${tenant}`;
      return { platform, tenant, name };
    },
    async list(place, kind) {
      return (
        (await easel
          .directory(place.platform)
          ?.list?.(place.tenant, kind)
          .catch(() => [])) ?? []
      );
    },
  };
  return names;
}

function titled(platform: string): string {
  return `${platform.slice(0, 1).toUpperCase()}${platform.slice(1)}`;
}
