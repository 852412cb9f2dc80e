import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ANSWER_LIFE_MS,
  createSignIns,
  HOST,
  LINK_LIFE_MS,
  SESSION_LIFE_MS,
  type SignIns,
} from '../../../src/studio/sign-ins.ts';
import type { Asker } from '../../../src/studio/studio.ts';
import { createHandClock, type HandClock } from '../../fakes/hand-clock.ts';
import { openTestEasel, type TestEasel } from './harness.ts';

describe('signing in to the web admin', () => {
  let opened: TestEasel;
  let clock: HandClock;
  let admins: Set<string>;
  let signIns: SignIns;
  beforeAll(async () => {
    opened = await openTestEasel();
    // Later than now: the housekeeping of this Easel forgets what has expired.
    clock = createHandClock(Date.UTC(2100, 0, 15, 12));
    admins = new Set(['team/ada', 'other/eve']);
    signIns = createSignIns({
      store: opened.easel.store,
      clock,
      publicUrl: 'https://easel.example',
      connection: (platform) =>
        platform === 'chat' ? { administers: async (tenant, user) => admins.has(`${tenant}/${user}`) } : undefined,
    });
  }, 120_000);
  afterAll(() => opened.dispose());

  const asker = (user: string, tenant = 'team'): Asker => ({
    scope: { platform: 'chat', tenant, channel: 'general', user, roles: [] },
    mayAdminister: async () => admins.has(`${tenant}/${user}`),
  });
  const enter = async (user = 'ada', tenant = 'team') => {
    const link = await signIns.linkFor(asker(user, tenant));
    const session = await signIns.redeem(link.split('/').at(-1) ?? '');
    if (session === null) throw new Error('the link opened nothing');
    return session;
  };

  it('takes a link from chat, once', async () => {
    const link = await signIns.linkFor(asker('ada'));
    expect(link).toMatch(/^https:\/\/easel\.example\/admin\/link\/[0-9a-f]{48}$/u);
    const secret = link.split('/').at(-1) ?? '';
    const session = await signIns.redeem(secret);
    expect(session?.signIn).toMatchObject({ via: 'link', platform: 'chat', tenant: 'team', user: 'ada' });
    expect(await signIns.redeem(secret)).toBeNull();
    expect(await signIns.find(session?.token ?? '')).toMatchObject({ user: 'ada' });
  });

  it('gives no link to who is no admin, and none that could not be opened', async () => {
    await expect(signIns.linkFor(asker('bob'))).rejects.toMatchObject({ code: 'LIMIT_ADMINS_ONLY' });
    const nowhere = createSignIns({ store: opened.easel.store, clock, publicUrl: null, connection: () => undefined });
    await expect(nowhere.linkFor(asker('ada'))).rejects.toMatchObject({ code: 'ADAPTER_NO_ADDRESS' });
  });

  it('lets a link go stale after ten minutes, and a session after a week', async () => {
    const secret = (await signIns.linkFor(asker('ada'))).split('/').at(-1) ?? '';
    const { token } = await enter();
    await clock.pass(LINK_LIFE_MS);
    expect(await signIns.redeem(secret)).toBeNull();
    expect(await signIns.find(token)).not.toBeNull();
    await clock.pass(SESSION_LIFE_MS);
    expect(await signIns.find(token)).toBeNull();
  });

  it('shuts out who is no admin any more, within two seconds', async () => {
    const { token } = await enter();
    admins.delete('team/ada');
    await clock.pass(ANSWER_LIFE_MS);
    expect(await signIns.find(token)).toBeNull();
    admins.add('team/ada');
    await clock.pass(ANSWER_LIFE_MS);
    expect(await signIns.find(token)).not.toBeNull();
  });

  it('keeps an admin to their own place, and lets the host look at any', async () => {
    const { signIn } = await enter();
    const elsewhere = { platform: 'chat', tenant: 'other' };
    expect(signIns.askerOf(signIn, elsewhere).scope).toMatchObject({ tenant: 'team' });
    expect(await signIns.askerOf(signIn).isHost?.()).toBe(false);
    const { signIn: host } = await signIns.open(HOST);
    expect(signIns.askerOf(host, elsewhere).scope).toMatchObject({ platform: 'chat', tenant: 'other' });
    expect(await signIns.askerOf(host).isHost?.()).toBe(true);
  });

  it('ends sessions of its own place, and no others', async () => {
    const ada = await enter();
    const eve = await enter('eve', 'other');
    expect(await signIns.end(ada.signIn, eve.signIn.id)).toBe(false);
    expect(await signIns.find(eve.token)).not.toBeNull();
    const { signIn: host } = await signIns.open(HOST);
    expect(await signIns.end(host, eve.signIn.id)).toBe(true);
    expect(await signIns.find(eve.token)).toBeNull();
    expect(await signIns.end(ada.signIn, ada.signIn.id)).toBe(true);
    expect(await signIns.find(ada.token)).toBeNull();
  });
});
