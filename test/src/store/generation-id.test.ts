import { expect, test } from 'vitest';
import { isGenerationId, newGenerationId } from '../../../src/store/generation-id.ts';

test('ids rise strictly, also within a millisecond and when the clock goes back', () => {
  const ids = Array.from({ length: 20_000 }, (_, index) =>
    newGenerationId(index < 10_000 ? 1_700_000_000_000 : 1_600_000_000_000),
  );
  expect(ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? ''))).toBe(true);
});

test('an id holds its time and is a uuid v7', () => {
  const nowMs = Date.UTC(2030, 0, 1);
  const id = newGenerationId(nowMs);
  expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(nowMs);
  expect(isGenerationId(id)).toBe(true);
});

test.each([
  '',
  'x',
  '01a20ac2-98f1-43d8-a199-4e61bdb1f59d',
  '01A20AC2-98F1-73D8-A199-4E61BDB1F59D',
  "01a20ac2-98f1-73d8-a199-4e61bdb1f59d'",
])('%j is no id', (text) => {
  expect(isGenerationId(text)).toBe(false);
});
