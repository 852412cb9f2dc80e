/**
 * The noise of sampling: Philox 4x32-10, a counter-based generator, so that a token's number depends on the request, the
 * picture and the token alone: never on the batch it was drawn in, nor on what was drawn before.
 *
 * @see Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011
 */

export type PhiloxCounter = readonly [number, number, number, number];
export type PhiloxKey = readonly [number, number];

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;
// "EASL" in ASCII: the second word of the key, fixed by docs/model-format.md.
const EASEL_KEY = 0x4541534c;

/** Four uint32 words for a counter and a key of uint32 words. */
export function philox4x32(counter: PhiloxCounter, key: PhiloxKey): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/**
 * The uniform number in [0, 1) that samples one token; exact in float32.
 *
 * @param seed uint32 of the request
 * @param pictureIndex of the picture in the request, 0-based
 * @param token of the picture, row * columns + column
 */
export function tokenNoise(seed: number, pictureIndex: number, token: number): number {
  const [word] = philox4x32([token, pictureIndex, 0, 0], [seed >>> 0, EASEL_KEY]);
  return (word >>> 8) / 2 ** 24;
}

/** Upper 32 bits of the product of two uint32: in halves, since a double holds 53 bits. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)) >>> 0;
}
