// Commands as Discord takes them: the limits that it counts itself.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandBodies, EASEL, EASEL_ADMIN, IMAGINE, menuOf } from '../../../adapters/discord/commands.ts';
import { registerCommands } from '../../../adapters/discord/register-commands.ts';
import { COMMAND_NAMES, specOf } from '../../../src/conversation/desk/commands.ts';

type Node = {
  name: string;
  type?: number;
  description?: string;
  required?: boolean;
  name_localizations?: Record<string, string>;
  description_localizations?: Record<string, string>;
  choices?: Node[];
  options?: Node[];
  value?: unknown;
  default_member_permissions?: string;
  contexts?: number[];
  integration_types?: number[];
};
const bodies = commandBodies() as unknown as readonly Node[];
const byName = (name: string) => bodies.find((body) => body.name === name);
const walk = (node: Node): Node[] => [node, ...(node.options ?? []).flatMap(walk)];

/** As Discord counts: the longest of all languages. */
function charactersOf(node: Node): number {
  const longest = (text = '', others: Record<string, string> = {}) =>
    Math.max(text.length, ...Object.values(others).map(({ length }) => length));
  return (
    longest(node.name, node.name_localizations) +
    longest(node.description, node.description_localizations) +
    (typeof node.value === 'string' ? node.value.length : 0) +
    [...(node.options ?? []), ...(node.choices ?? [])].reduce((sum, each) => sum + charactersOf(each), 0)
  );
}

describe('the commands', () => {
  it('are /imagine, /easel, one for admins and three context menus', () => {
    expect(bodies.map(({ name }) => name)).toEqual([
      IMAGINE,
      EASEL,
      EASEL_ADMIN,
      'Vary this',
      'Prompt and seed',
      'Delete',
    ]);
    expect(menuOf('Vary this')).toBe('vary');
    expect(menuOf('Ban')).toBeNull();
  });

  it('have every command of the desk, once, in the part of its audience', () => {
    const offered = (name: string) =>
      (byName(name)?.options ?? []).flatMap((option) =>
        option.type === 2 ? (option.options ?? []).map((each) => `${option.name} ${each.name}`) : [option.name],
      );
    const wanted = (audience: string) => COMMAND_NAMES.filter((name) => specOf(name).audience === audience);
    expect(offered(EASEL).toSorted()).toEqual(wanted('everyone').toSorted());
    expect(offered(EASEL_ADMIN).toSorted()).toEqual(wanted('admins').toSorted());
  });

  it('hide what is for admins from who may not manage the server', () => {
    expect(byName(EASEL_ADMIN)).toMatchObject({ default_member_permissions: '32', contexts: [0] });
    expect(byName(EASEL)?.default_member_permissions).toBeUndefined();
  });

  it('work in servers, in direct channels and as an app that a person installed', () => {
    for (const name of [IMAGINE, EASEL]) {
      expect(byName(name)).toMatchObject({ contexts: [0, 1, 2], integration_types: [0, 1] });
    }
  });

  it('stay within 8,000 characters, 25 options, and names of 32', () => {
    for (const body of bodies) {
      expect(charactersOf(body), body.name).toBeLessThanOrEqual(8_000);
      for (const node of walk(body)) {
        expect((node.options ?? []).length, node.name).toBeLessThanOrEqual(25);
        expect((node.choices ?? []).length, node.name).toBeLessThanOrEqual(25);
        for (const text of [node.name, ...Object.values(node.name_localizations ?? {})]) {
          expect(text).toMatch(/^.{1,32}$/u);
        }
        for (const text of [node.description, ...Object.values(node.description_localizations ?? {})]) {
          if (text !== undefined) expect(text).toMatch(/^.{1,100}$/u);
        }
      }
    }
  });

  it('have slash names in small letters without spaces, in every language', () => {
    for (const node of bodies.filter(({ description }) => description !== undefined).flatMap(walk)) {
      for (const text of [node.name, ...Object.values(node.name_localizations ?? {})]) {
        expect(text).toMatch(/^[-_\p{L}\p{N}]{1,32}$/u);
        expect(text).toBe(text.toLowerCase());
      }
    }
  });

  it('ask first for what must be given', () => {
    for (const node of bodies.flatMap(walk)) {
      const required = (node.options ?? []).map((option) => option.required === true);
      expect(required, node.name).toEqual(required.toSorted((one, other) => Number(other) - Number(one)));
    }
  });

  it('are said in Chinese', () => {
    expect(byName(IMAGINE)?.name_localizations).toEqual({ 'zh-CN': '画图', 'zh-TW': '画图' });
    expect(byName(IMAGINE)?.options?.[0]?.name_localizations?.['zh-CN']).toBe('描述');
  });
});

describe('registering', () => {
  let dir: string;
  const sent: unknown[] = [];
  const rest = {
    put: async (_route: string, { body }: { body?: unknown } = {}) => {
      sent.push(body);
      return body;
    },
  };
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'easel-discord-'));
    sent.length = 0;
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('sends the commands once, and again for another application', async () => {
    const path = join(dir, 'discord', 'commands');
    expect(await registerCommands(rest, '1', path)).toBe(bodies.length);
    expect(await registerCommands(rest, '1', path)).toBeNull();
    expect(await registerCommands(rest, '2', path)).toBe(bodies.length);
    expect(sent).toHaveLength(2);
    expect((await readFile(path, 'utf8')).trim()).toMatch(/^[0-9a-f]{64}$/u);
  });

  it('does not count as sent what was refused', async () => {
    const path = join(dir, 'discord', 'commands');
    const failing = { put: () => Promise.reject(new Error('connect ECONNREFUSED')) };
    await expect(registerCommands(failing, '1', path)).rejects.toMatchObject({ code: 'ADAPTER_UNAVAILABLE' });
    expect(await registerCommands(rest, '1', path)).toBe(bodies.length);
  });
});
