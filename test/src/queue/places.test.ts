import { describe, expect, it } from 'vitest';
import { createPicker } from '../../../src/policy/picker.ts';
import { createPlaces, PLACES_KNOWN } from '../../../src/queue/places.ts';
import { createSpeed } from '../../../src/queue/speed.ts';
import { createHandClock } from '../../fakes/hand-clock.ts';

const job = (id: string, user: string, pictures = 4) => ({ id, tenant: 't', user, model: 'nano', pictures });

describe('places', () => {
  it('tell the place, the pictures ahead and how many of yours are ahead, running ones included', () => {
    const picker = createPicker();
    const running = () => [{ user: 'ada', picturesLeft: 3 }];
    const places = createPlaces(picker, () => 'nano', running, createHandClock());
    for (const [id, user] of [
      ['a1', 'ada'],
      ['b1', 'bob'],
      ['a2', 'ada'],
    ] as const)
      picker.add(job(id, user));
    places.changed();
    expect(places.of('a1')).toEqual({ place: 1, picturesAhead: 3, yoursAhead: 1 });
    expect(places.of('b1')).toEqual({ place: 2, picturesAhead: 7, yoursAhead: 0 });
    expect(places.of('a2')).toEqual({ place: 3, picturesAhead: 11, yoursAhead: 2 });
    expect(places.of('unknown')).toBeNull();
  });

  it('follow what was picked', () => {
    const picker = createPicker();
    const places = createPlaces(
      picker,
      () => null,
      () => [],
      createHandClock(),
    );
    picker.add(job('a', 'ada'));
    picker.add(job('b', 'bob'));
    expect(places.of('b')?.place).toBe(2);
    picker.pick(null);
    places.changed();
    expect(places.of('b')?.place).toBe(1);
    expect(places.of('a')).toBeNull();
  });

  it('are told up to a bound', () => {
    const picker = createPicker();
    for (let count = 0; count < PLACES_KNOWN + 10; count++) picker.add(job(`j${count}`, 'ada'));
    const places = createPlaces(
      picker,
      () => null,
      () => [],
      createHandClock(),
    );
    expect(places.order()).toHaveLength(PLACES_KNOWN);
    expect(places.of(`j${PLACES_KNOWN + 5}`)).toBeNull();
  });

  it('of a long queue are worked out for a small share of the time only', () => {
    let nowMs = 0;
    const picker = createPicker();
    const inner = picker.order;
    let worked = 0;
    picker.order = (...args) => {
      worked += 1;
      nowMs += 100;
      return inner(...args);
    };
    for (let count = 0; count < PLACES_KNOWN + 10; count++) picker.add(job(`j${count}`, 'ada'));
    const places = createPlaces(
      picker,
      () => null,
      () => [],
      { nowMs: () => nowMs, sleep: async () => {} },
    );
    for (let turn = 0; turn < 100; turn++) {
      places.changed();
      places.of('j1');
      nowMs += 100;
    }
    expect(worked * 100).toBeLessThanOrEqual(nowMs * 0.1);
    expect(worked).toBeGreaterThan(1);
  });
});

describe('speed', () => {
  it('starts with what the self-test measured and follows what is measured', () => {
    const speed = createSpeed(() => 1_000);
    expect(speed.pictureMs).toBe(1_000);
    for (let count = 0; count < 50; count++) speed.measured(2_000);
    expect(speed.pictureMs).toBeCloseTo(2_000, -1);
  });

  it('is unknown before anything was measured, and ignores a clock that went back', () => {
    const speed = createSpeed(() => null);
    expect(speed.pictureMs).toBeNull();
    speed.measured(-5);
    speed.measured(Number.NaN);
    expect(speed.pictureMs).toBeNull();
  });
});
