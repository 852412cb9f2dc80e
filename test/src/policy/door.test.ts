import { describe, expect, it } from 'vitest';
import { createDoor } from '../../../src/policy/door.ts';

const ada = { platform: 'chat', user: 'ada' };

describe('the door', () => {
  it('lets in so many actions of a person, then tells how long to wait', async () => {
    const door = createDoor({ actions: 3, seconds: 60 });
    for (let times = 0; times < 3; times += 1) await door.enter(ada);
    await expect(door.enter(ada)).rejects.toMatchObject({ code: 'LIMIT_FLOOD', retryable: true });
    const refusal: unknown = await door.enter(ada).catch((thrown: unknown) => thrown);
    expect(refusal).toMatchObject({ details: { seconds: expect.any(Number) } });
  });

  it('counts each person for themselves, on each platform', async () => {
    const door = createDoor({ actions: 1, seconds: 60 });
    await door.enter(ada);
    await door.enter({ ...ada, user: 'bob' });
    await door.enter({ ...ada, platform: 'other' });
    await expect(door.enter(ada)).rejects.toMatchObject({ code: 'LIMIT_FLOOD' });
  });

  it('lets in again when the time is over', async () => {
    const door = createDoor({ actions: 1, seconds: 0.05 });
    await door.enter(ada);
    await expect
      .poll(
        () =>
          door.enter(ada).then(
            () => true,
            () => false,
          ),
        { timeout: 20_000 },
      )
      .toBe(true);
  });

  it('lets in everybody where there is no limit', async () => {
    const door = createDoor(null);
    for (let times = 0; times < 1_000; times += 1) await door.enter(ada);
  });
});
