import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createPicker,
  LEAST_WEIGHT,
  QUANTUM_PICTURES,
  type WaitingJob,
  type Weights,
} from '../../../src/policy/picker.ts';

const PICTURES_MAX = 9;
let lastId = 0;
const job = (tenant: string, user: string, pictures = 4, model = 'nano'): WaitingJob => ({
  id: `job-${++lastId}`,
  tenant,
  user,
  model,
  pictures,
});
const arrival = fc.record({
  tenant: fc.constantFrom('a', 'b', 'c'),
  user: fc.constantFrom('u', 'v', 'w', 'x'),
  pictures: fc.integer({ min: 1, max: PICTURES_MAX }),
  model: fc.constantFrom('nano', 'small'),
});
const loaded = fc.constantFrom('nano', 'small', null);
/** How much one round can serve before it comes back to a key, given how many keys there are. */
const roundsFor = (pictures: number, weight: number) => Math.ceil(pictures / (QUANTUM_PICTURES * weight)) + 1;

describe('the picker', () => {
  it('picks every waiting job exactly once, whatever came in between', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(arrival, fc.constant('pick'), fc.constant('cancel'))), loaded, (events, model) => {
        const picker = createPicker();
        const waiting = new Set<string>();
        for (const event of events) {
          if (event === 'pick') {
            const picked = picker.pick(model);
            // Work conserving: nothing is answered only when nothing waits.
            expect(picked === undefined).toBe(waiting.size === 0);
            if (picked !== undefined) expect(waiting.delete(picked.id)).toBe(true);
          } else if (event === 'cancel') {
            const id = [...waiting].at(-1);
            if (id !== undefined) {
              expect(picker.remove(id)).toBe(true);
              waiting.delete(id);
            }
          } else if (typeof event === 'object') {
            const added = { ...event, id: `job-${++lastId}` };
            picker.add(added);
            waiting.add(added.id);
          }
          expect(picker.size).toBe(waiting.size);
        }
        for (let left = waiting.size; left > 0; left--) waiting.delete(picker.pick(model)?.id ?? '');
        expect(waiting.size).toBe(0);
        expect(picker.pick(model)).toBeUndefined();
      }),
    );
  });

  it('starves nobody: a job is picked within a bound that no mix of later arrivals moves', () => {
    const mix = fc.record({
      pictures: fc.integer({ min: 1, max: PICTURES_MAX }),
      model: fc.constantFrom('nano', 'small'),
      loaded,
      weights: fc.array(fc.double({ min: 0.5, max: 4, noNaN: true }), { minLength: 16, maxLength: 16 }),
      rivals: fc.array(arrival, { minLength: 1, maxLength: 12 }),
    });
    fc.assert(
      fc.property(mix, ({ pictures, model, loaded: loadedModel, weights: numbers, rivals }) => {
        const weightOf = (name: string) => numbers[name.charCodeAt(0) % numbers.length] ?? 1;
        const picker = createPicker({ tenant: weightOf, user: (_tenant, user) => weightOf(user) });
        for (const rival of rivals) picker.add({ ...rival, id: `job-${++lastId}` });
        const ours = job('z', 'z', pictures, model);
        picker.add(ours);
        // One round serves a key at most its quantum and one job more; our tenant needs so many rounds of its own.
        const greatestShare = 4 * QUANTUM_PICTURES + PICTURES_MAX;
        const bound = (roundsFor(pictures, 0.5) + 1) * 4 * greatestShare;
        let picks = 0;
        for (; picks <= bound; picks++) {
          const picked = picker.pick(loadedModel);
          if (picked === undefined || picked.id === ours.id) break;
          // The rival comes straight back, and brings a friend: always the cheapest way to be first.
          picker.add({ ...picked, id: `job-${++lastId}` });
          picker.add({ ...picked, pictures: 1, model: loadedModel ?? model, id: `job-${++lastId}` });
        }
        expect(picks).toBeLessThan(bound);
      }),
      { numRuns: 200 },
    );
  });

  it('starves no older job of the same person behind newer ones of the loaded model', () => {
    const picker = createPicker();
    const older = job('a', 'u', 1, 'small');
    picker.add(older);
    let picks = 0;
    for (; picks < 50; picks++) {
      picker.add(job('a', 'u', 1, 'nano'));
      if (picker.pick('nano')?.id === older.id) break;
    }
    expect(picks).toBeLessThan(10);
  });

  it.each([
    { weights: { tenant: (tenant: string) => (tenant === 'a' ? 3 : 1), user: () => 1 }, what: 'tenants' },
    { weights: { tenant: () => 1, user: (_: string, user: string) => (user === 'a' ? 3 : 1) }, what: 'people' },
  ])('gives $what who always wait pictures by their weights', ({ weights, what }) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: PICTURES_MAX }), { minLength: 1, maxLength: 20 }), (sizes) => {
        const picker = createPicker(weights as Weights);
        const drawn = { a: 0, b: 0 };
        const refill = (who: 'a' | 'b', turn: number) => {
          const pictures = sizes[turn % sizes.length] ?? 1;
          picker.add(what === 'tenants' ? job(who, 'u', pictures) : job('t', who, pictures));
        };
        for (const who of ['a', 'b'] as const) for (let count = 0; count < 20; count++) refill(who, count);
        for (let turn = 0; turn < 2000; turn++) {
          const picked = picker.pick('nano');
          const who = (what === 'tenants' ? picked?.tenant : picked?.user) as 'a' | 'b';
          drawn[who] += picked?.pictures ?? 0;
          refill(who, turn);
        }
        expect(drawn.a / drawn.b).toBeGreaterThan(2.7);
        expect(drawn.a / drawn.b).toBeLessThan(3.3);
      }),
      { numRuns: 20 },
    );
  });

  it('gives a tenant of one person as much as a tenant of twenty', () => {
    const picker = createPicker();
    for (let user = 0; user < 20; user++) for (let count = 0; count < 5; count++) picker.add(job('crowd', `u${user}`));
    for (let count = 0; count < 20; count++) picker.add(job('lone', 'u'));
    const first = Array.from({ length: 20 }, () => picker.pick('nano')?.tenant);
    expect(first.filter((tenant) => tenant === 'lone').length).toBe(10);
  });

  it('takes the loaded model first among those the round owes a turn', () => {
    const picker = createPicker();
    picker.add(job('a', 'u', 4, 'small'));
    picker.add(job('b', 'u', 4, 'nano'));
    picker.add(job('c', 'u', 4, 'small'));
    expect([picker.pick('nano')?.tenant, picker.pick('nano')?.tenant, picker.pick('nano')?.tenant]).toEqual([
      'b',
      'a',
      'c',
    ]);
  });

  it('still serves a tenant whose weight is zero or no number', () => {
    const picker = createPicker({ tenant: (tenant) => (tenant === 'a' ? 0 : Number.NaN), user: () => 1 });
    picker.add(job('a', 'u', 9));
    picker.add(job('b', 'u', 9));
    expect([picker.pick(null)?.tenant, picker.pick(null)?.tenant].sort()).toEqual(['a', 'b']);
    expect(LEAST_WEIGHT).toBeGreaterThan(0);
  });

  it('foretells the order in which it then picks, and telling changes nothing', () => {
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 60 }), fc.nat(20), loaded, (arrivals, picks, model) => {
        const picker = createPicker();
        for (const each of arrivals) picker.add({ ...each, id: `job-${++lastId}` });
        for (let count = 0; count < picks; count++) picker.pick(model);
        const foretold = picker.order(model).map(({ id }) => id);
        expect(picker.order(model).map(({ id }) => id)).toEqual(foretold);
        const picked: string[] = [];
        for (let next = picker.pick(model); next !== undefined; next = picker.pick(model)) picked.push(next.id);
        expect(picked).toEqual(foretold);
      }),
    );
  });

  it('ignores the same job twice and the removal of an unknown one', () => {
    const picker = createPicker();
    const once = job('a', 'u');
    picker.add(once);
    picker.add(once);
    expect(picker.size).toBe(1);
    expect(picker.remove('unknown')).toBe(false);
  });
});
