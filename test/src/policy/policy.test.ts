import { describe, expect, it } from 'vitest';
import { createOpenPolicy, type PolicyQuestion } from '../../../src/policy/policy.ts';

const question: PolicyQuestion = {
  scope: { platform: 'chat', tenant: 'team', channel: 'general', user: 'ada', roles: [] },
  kind: 'imagine',
  prompts: ['a fox'],
  model: 'nano',
  pictures: 4,
  unfinished: 0,
  unfinishedOfPerson: 0,
  atMs: 0,
};

describe('the open policy', () => {
  const policy = createOpenPolicy({ unfinishedMax: 100, unfinishedOfPersonMax: 5 });

  it.each([
    [{ unfinished: 99, unfinishedOfPerson: 4 }, null],
    [{ unfinished: 99, unfinishedOfPerson: 5 }, 'LIMIT_WAITING'],
    [{ unfinished: 100, unfinishedOfPerson: 0 }, 'QUEUE_FULL'],
  ])('answers %o with %s', async (now, code) => {
    const verdict = await policy.check({ ...question, ...now });
    expect(verdict.allowed ? null : verdict.refusal.code).toBe(code);
  });
});
