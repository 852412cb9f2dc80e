/** Tensors as plain data: what graphs take and give. */
import type { ComputeType } from './device.ts';

export type FloatTensor = { type: 'float32'; data: Float32Array; dims: readonly number[] };
/** IEEE half precision, by its bits. */
export type HalfTensor = { type: 'float16'; data: Uint16Array; dims: readonly number[] };
export type IntTensor = { type: 'int64'; data: BigInt64Array; dims: readonly number[] };
export type BoolTensor = { type: 'bool'; data: Uint8Array; dims: readonly number[] };
export type Tensor = FloatTensor | HalfTensor | IntTensor | BoolTensor;

/** What a graph made and keeps where it is, perhaps in a device's memory: only to be fed again, then disposed of. */
export type KeptTensor = { type: 'kept'; readonly handle: unknown; dispose(): void };

export function floats(data: Float32Array, dims: readonly number[]): FloatTensor {
  return { type: 'float32', data, dims };
}

/** Zeros of a number type that a graph works in. */
export function zeros(type: ComputeType, dims: readonly number[]): FloatTensor | HalfTensor {
  const count = dims.reduce((product, dim) => product * dim, 1);
  return type === 'float16'
    ? { type, data: new Uint16Array(count), dims }
    : { type, data: new Float32Array(count), dims };
}

/** int64 from whole numbers. */
export function ints(values: ArrayLike<number>, dims: readonly number[]): IntTensor {
  const data = new BigInt64Array(values.length);
  for (let i = 0; i < values.length; i++) data[i] = BigInt(values[i] as number);
  return { type: 'int64', data, dims };
}

export function bools(values: readonly boolean[], dims: readonly number[]): BoolTensor {
  return { type: 'bool', data: Uint8Array.from(values, Number), dims };
}
