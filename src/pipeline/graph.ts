/** The seam of the runtime: a loaded graph that runs. `onnx.ts` implements it; nothing else knows the runtime. */
import { AppError } from '../errors.ts';
import type { FloatTensor, IntTensor, KeptTensor, Tensor } from './tensor.ts';

export type TensorInfo = {
  name: string;
  type: string;
  /** A number where the graph fixes the dimension, its symbol where it is free. */
  shape: readonly (number | string)[];
};

export type Graph = {
  /** File name, for messages. */
  readonly name: string;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /**
   * Runs once; blocks this thread while it computes. Feeds may be views into larger buffers and are only read. Outputs that the
   * graph was loaded to keep come back as `KeptTensor`s, which the caller disposes of.
   *
   * @throws {AppError} `DEVICE_OUT_OF_MEMORY`, `DEVICE_FAILED`
   */
  run(feeds: Record<string, Tensor | KeptTensor>): Promise<Record<string, Tensor | KeptTensor>>;
  close(): Promise<void>;
};

/** Refuses a graph that lacks a name of the contract. @throws {AppError} `MODEL_INVALID` */
export function requireNames(graph: Graph, inputs: readonly string[], outputs: readonly string[]): void {
  const check = (kind: string, wanted: readonly string[], found: readonly TensorInfo[]): void => {
    const names = new Set(found.map((info) => info.name));
    const missing = wanted.find((name) => !names.has(name));
    if (missing === undefined) return;
    throw new AppError(
      'MODEL_INVALID',
      `${graph.name} lacks the ${kind} "${missing}" of docs/model-format.md: export the model again.`,
      { details: { file: graph.name, missing } },
    );
  };
  check('input', inputs, graph.inputs);
  check('output', outputs, graph.outputs);
}

type Outputs = Record<string, Tensor | KeptTensor>;

/** An output by name and type. @throws {AppError} `MODEL_INVALID` */
export function floatOutput(outputs: Outputs, name: string): FloatTensor {
  const tensor = outputs[name];
  if (tensor?.type !== 'float32') throw wrongOutput(name, 'float32', tensor);
  return tensor;
}

/** @throws {AppError} `MODEL_INVALID` */
export function intOutput(outputs: Outputs, name: string): IntTensor {
  const tensor = outputs[name];
  if (tensor?.type !== 'int64') throw wrongOutput(name, 'int64', tensor);
  return tensor;
}

/** @throws {AppError} `MODEL_INVALID` */
export function keptOutput(outputs: Outputs, name: string): KeptTensor {
  const tensor = outputs[name];
  if (tensor?.type !== 'kept') throw wrongOutput(name, 'kept', tensor);
  return tensor;
}

function wrongOutput(name: string, wanted: string, found: Tensor | KeptTensor | undefined): AppError {
  return new AppError(
    'MODEL_INVALID',
    `The output "${name}" is ${found?.type ?? 'absent'} instead of ${wanted}: export the model again.`,
    { details: { output: name } },
  );
}
