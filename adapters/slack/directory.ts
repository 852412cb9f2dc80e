// People, roles and channels of the workspace, as Slack tells of them at the moment.

import {
  type Clock,
  type Directory,
  type Locale,
  type Log,
  type Named,
  toAppError,
  toLocale,
} from '../../src/index.ts';
import type { SlackApi } from './api.ts';

/** Roles that everybody has on Slack without anybody giving them; the ids of user groups stand beside them. */
export const BUILT_IN_ROLES = ['owner', 'admin', 'member', 'guest', 'external'] as const;
type BuiltInRole = (typeof BUILT_IN_ROLES)[number];

export type SlackPerson = {
  readonly id: string;
  readonly name: string;
  /** `external`: of another workspace, in a channel that is shared with it. */
  readonly role: BuiltInRole;
  readonly locale: Locale;
  /** IANA name; null: Slack does not tell. */
  readonly timeZone: string | null;
  readonly isBot: boolean;
};

export type SlackDirectory = Directory & {
  /** At most a minute old. */
  person(user: string): Promise<SlackPerson>;
  /** As others read it; the id when Slack does not tell. */
  displayName(user: string): Promise<string>;
  /** An admin or owner of this very workspace, asked of Slack now. */
  isAdmin(user: string): Promise<boolean>;
};

export type DirectoryParts = {
  readonly api: SlackApi;
  readonly clock: Clock;
  readonly log: Log;
  /** The workspace that the token belongs to. */
  team(): Promise<string>;
};

const PERSON_KEPT_MS = 60_000;
const GROUPS_KEPT_MS = 300_000;
const CHANNEL_KEPT_MS = 300_000;
const KEPT_MAX = 5_000;
const PATIENCE_MS = 2_000;

type Group = { readonly id: string; readonly handle: string; readonly users: ReadonlySet<string> };

export function createSlackDirectory({ api, clock, log, team }: DirectoryParts): SlackDirectory {
  const people = createCache<SlackPerson>(clock, PERSON_KEPT_MS);
  const channels = createCache<string | null>(clock, CHANNEL_KEPT_MS);
  const groups = createCache<readonly Group[]>(clock, GROUPS_KEPT_MS);

  async function ask(user: string): Promise<SlackPerson> {
    const answer = await api.run('users.info', (client) => client.users.info({ user, include_locale: true }), {
      patienceMs: PATIENCE_MS,
    });
    const { user: found } = answer;
    const names = [found?.profile?.display_name, found?.profile?.real_name, found?.real_name, found?.name];
    const person: SlackPerson = {
      id: user,
      name: names.find((name) => name !== undefined && name !== '') ?? user,
      role: found === undefined ? 'member' : roleOf(found, await team()),
      locale: toLocale(found?.locale),
      timeZone: found?.tz ?? null,
      isBot: found?.is_bot === true,
    };
    people.set(user, person);
    return person;
  }

  /** Who Slack does not tell of now is an ordinary member: nothing that needs more is allowed meanwhile. */
  async function person(user: string): Promise<SlackPerson> {
    const known = people.get(user);
    if (known !== undefined) return known;
    try {
      return await ask(user);
    } catch (thrown) {
      log.error('slack person', toAppError(thrown, 'ADAPTER_UNAVAILABLE'));
      return { id: user, name: user, role: 'member', locale: 'en', timeZone: null, isBot: false };
    }
  }

  /** Empty where the scope is not granted: then the built-in roles are all there are. */
  async function allGroups(): Promise<readonly Group[]> {
    const known = groups.get('all');
    if (known !== undefined) return known;
    let found: readonly Group[] = [];
    try {
      const answer = await api.run('usergroups.list', (client) => client.usergroups.list({ include_users: true }));
      found = (answer.usergroups ?? []).flatMap(({ id, handle, users }) =>
        id === undefined ? [] : [{ id, handle: handle ?? id, users: new Set(users ?? []) }],
      );
    } catch (thrown) {
      log.info('slack user groups are not known', { code: toAppError(thrown).code });
    }
    groups.set('all', found);
    return found;
  }

  async function channelName(channel: string): Promise<string | null> {
    const known = channels.get(channel);
    if (known !== undefined) return known;
    try {
      const answer = await api.run('conversations.info', (client) => client.conversations.info({ channel }));
      const name = answer.channel?.name ?? null;
      channels.set(channel, name);
      return name;
    } catch {
      return null;
    }
  }

  return {
    person,
    displayName: async (user) => (await person(user)).name,
    async isAdmin(user) {
      const { role } = await ask(user);
      return role === 'admin' || role === 'owner';
    },
    async nameOf(_tenant, kind, id) {
      if (kind === 'user') return `@${(await person(id)).name}`;
      if (kind === 'channel') {
        const name = await channelName(id);
        return name === null ? null : `#${name}`;
      }
      if (isBuiltIn(id)) return `@${id}`;
      const group = (await allGroups()).find((each) => each.id === id);
      return group === undefined ? null : `@${group.handle}`;
    },
    async find(_tenant, kind, name): Promise<Named | null> {
      // People and channels come as mentions: Slack puts their ids into what is typed.
      if (kind !== 'role') return null;
      const wanted = name.toLowerCase();
      if (isBuiltIn(wanted)) return { id: wanted, name: wanted };
      const group = (await allGroups()).find(({ handle }) => handle.toLowerCase() === wanted);
      return group === undefined ? null : { id: group.id, name: group.handle };
    },
    async rolesOf(_tenant, user) {
      const [{ role }, all] = await Promise.all([person(user), allGroups()]);
      return [role, ...all.filter(({ users }) => users.has(user)).map(({ id }) => id)];
    },
    async list(_tenant, kind) {
      if (kind !== 'role') return [];
      const named = (await allGroups()).map(({ id, handle }) => ({ id, name: `@${handle}` }));
      return [...BUILT_IN_ROLES.map((role) => ({ id: role, name: role })), ...named].slice(0, 100);
    },
  };
}

type SlackUser = {
  readonly team_id?: string;
  readonly is_admin?: boolean;
  readonly is_owner?: boolean;
  readonly is_restricted?: boolean;
  readonly is_ultra_restricted?: boolean;
  readonly is_stranger?: boolean;
};

/** An admin of another workspace is nobody's admin here, whatever Slack says of them there. */
function roleOf(user: SlackUser, ownTeam: string): BuiltInRole {
  if (user.is_stranger === true || (user.team_id !== undefined && user.team_id !== ownTeam)) return 'external';
  if (user.is_owner === true) return 'owner';
  if (user.is_admin === true) return 'admin';
  return user.is_restricted === true || user.is_ultra_restricted === true ? 'guest' : 'member';
}

function isBuiltIn(id: string): id is BuiltInRole {
  return BUILT_IN_ROLES.some((role) => role === id);
}

function createCache<Value>(clock: Clock, keptMs: number) {
  const entries = new Map<string, { value: Value; atMs: number }>();
  return {
    get(key: string): Value | undefined {
      const entry = entries.get(key);
      return entry === undefined || clock.nowMs() - entry.atMs > keptMs ? undefined : entry.value;
    },
    set(key: string, value: Value): void {
      entries.delete(key);
      entries.set(key, { value, atMs: clock.nowMs() });
      const oldest = entries.keys().next().value;
      if (entries.size > KEPT_MAX && oldest !== undefined) entries.delete(oldest);
    },
  };
}
