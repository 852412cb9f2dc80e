import { beforeEach, describe, expect, it } from 'vitest';
import { createPicker } from '../../../src/policy/picker.ts';
import { admin, got } from '../../fakes/limits-bench.ts';
import { ADA, HERE, type MemoryLimits, openMemoryLimits } from '../../fakes/memory-limits.ts';

const TEAM = 'chat:team';

describe('shares in the picker', () => {
  let t: MemoryLimits;
  beforeEach(async () => {
    t = await openMemoryLimits();
  });
  const weightOf = (user: string) => t.policy.weights.user(TEAM, `chat:${user}`);

  it('come of rules: of the person, else of their most generous role, at once for what waits already', async () => {
    await t.decide({}, { roles: ['paid', 'new'] });
    expect([weightOf('ada'), weightOf('bob'), t.policy.weights.tenant(TEAM)]).toEqual([1, 1, 1]);
    await t.set('pickerWeight', 3, { scope: { kind: 'role', ...HERE, role: 'paid' } });
    await t.set('pickerWeight', 0.5, { scope: { kind: 'role', ...HERE, role: 'new' } });
    expect([weightOf('ada'), weightOf('bob')]).toEqual([3, 1]);
    const own = await t.set('pickerWeight', 2, { scope: { kind: 'user', ...HERE, user: 'ada' } });
    await t.set('pickerWeight', 5);
    expect([weightOf('ada'), t.policy.weights.tenant(TEAM), t.policy.weights.tenant('chat:other')]).toEqual([2, 5, 1]);
    got(await t.limits.remove(admin(ADA), own.id));
    await t.decide({}, { roles: ['new'] });
    expect(weightOf('ada')).toBe(0.5);
  });

  it('jobs drawn at once: of a person and of a tenant, the host’s bound a ceiling', async () => {
    const { weights } = t.policy;
    expect(weights.runningMaxOfUser?.(TEAM, 'chat:ada')).toBe(Number.POSITIVE_INFINITY);
    await t.set('jobsRunning', 4);
    await t.set('jobsRunning', 9, { countedPer: 'tenant' });
    await t.set('jobsRunning', 2, { scope: { kind: 'host' } });
    expect([weights.runningMaxOfUser?.(TEAM, 'chat:ada'), weights.runningMaxOfTenant?.(TEAM)]).toEqual([2, 9]);
  });
});

describe('a picker that holds somebody back', () => {
  const job = (id: string, tenant: string, user: string) => ({ id, tenant, user, model: 'nano', pictures: 4 });

  it('draws others meanwhile, and theirs in their turn as soon as they are let go', () => {
    const picker = createPicker();
    for (const id of ['a1', 'a2', 'a3']) picker.add(job(id, 't', 'a'));
    for (const id of ['b1', 'b2']) picker.add(job(id, 't', 'b'));
    const holdA = (what: string, _tenant: string, user: string) => what === 'user' && user === 'a';
    expect(picker.pick(null)?.id).toBe('a1');
    expect(picker.pick(null, holdA)?.id).toBe('b1');
    expect(picker.pick(null, holdA)?.id).toBe('b2');
    expect(picker.pick(null, holdA)).toBeUndefined();
    expect(picker.pick(null, holdA)).toBeUndefined();
    expect(picker.size).toBe(2);
    expect([picker.pick(null)?.id, picker.pick(null)?.id, picker.pick(null)?.id]).toEqual(['a2', 'a3', undefined]);
  });

  it('holds a tenant whole, and comes first in the next round who was held in this', () => {
    const picker = createPicker();
    for (const id of ['x1', 'x2', 'x3']) picker.add(job(id, 'x', 'u'));
    for (const id of ['y1', 'y2', 'y3']) picker.add(job(id, 'y', 'u'));
    const holdX = (what: string, tenant: string) => what === 'tenant' && tenant === 'x';
    expect([picker.pick(null, holdX)?.id, picker.pick(null, holdX)?.id]).toEqual(['y1', 'y2']);
    expect(picker.pick(null)?.id).toBe('x1');
    expect(picker.order(null).map(({ id }) => id)).toEqual(['y3', 'x2', 'x3']);
  });
});
