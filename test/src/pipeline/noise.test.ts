import { describe, expect, test } from 'vitest';
import { philox4x32, tokenNoise } from '../../../src/pipeline/noise.ts';

describe('philox 4x32-10', () => {
  // Random123 1.09, tests/kat_vectors
  test.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const)('counter %j with key %j gives the known answer of Random123', (counter, key, expected) => {
    expect(philox4x32(counter, key)).toEqual(expected);
  });
});

describe('token noise', () => {
  test('is a number of 24 bits in [0, 1), so float32 holds it exactly', () => {
    for (let token = 0; token < 500; token++) {
      const noise = tokenNoise(7, 0, token);
      expect(noise).toBeGreaterThanOrEqual(0);
      expect(noise).toBeLessThan(1);
      expect(Math.fround(noise)).toBe(noise);
    }
  });

  test('differs by seed, by picture and by token', () => {
    const numbers = [tokenNoise(7, 0, 0), tokenNoise(8, 0, 0), tokenNoise(7, 1, 0), tokenNoise(7, 0, 1)];
    expect(new Set(numbers).size).toBe(4);
  });

  test('is spread evenly', () => {
    const mean = Array.from({ length: 10_000 }, (_, token) => tokenNoise(1, 0, token)).reduce((a, b) => a + b) / 10_000;
    expect(mean).toBeGreaterThan(0.48);
    expect(mean).toBeLessThan(0.52);
  });
});
