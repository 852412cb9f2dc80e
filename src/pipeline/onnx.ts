/** The one home of onnxruntime-node: sessions, devices, threads, and its errors by code. Loaded in workers only. */
import { basename } from 'node:path';
import { env, InferenceSession, listSupportedBackends, Tensor as OrtTensor } from 'onnxruntime-node';
import { AppError, type ErrorCode } from '../errors.ts';
import { DEVICE_NAMES, type DeviceName } from './device.ts';
import type { Graph, TensorInfo } from './graph.ts';
import type { KeptTensor, Tensor } from './tensor.ts';

// What matters is thrown; a library that a machine lacks would be told on standard error at every start.
env.logLevel = 'fatal';

export type GraphOptions = {
  device: DeviceName;
  /** Which of several equal devices; null leaves it to the runtime. */
  deviceIndex?: number | null;
  /** CPU threads of one run. The models are small: more threads than two cost more in waiting than they give. */
  threads: number;
  /** Outputs that stay where they were made. */
  keep?: readonly string[];
};

/** Of the runtime: another version may round, or fail, otherwise. */
export const RUNTIME_VERSION = env.versions.node ?? env.versions.common;

/** The devices this build of the runtime was compiled for; whether their libraries are there shows only when tried. */
export function compiledDevices(): DeviceName[] {
  const compiled = new Set<string>(listSupportedBackends().map((backend) => backend.name));
  return DEVICE_NAMES.filter((name) => compiled.has(name) || name === 'cpu');
}

/**
 * Loads a graph; its external weights are found beside it. Blocks this thread.
 *
 * @throws {AppError} `DEVICE_UNAVAILABLE` when the device cannot be opened, `MODEL_INVALID` when the file cannot be read as
 * a graph, `DEVICE_OUT_OF_MEMORY`
 */
export async function loadGraph(path: string, options: GraphOptions): Promise<Graph> {
  const name = basename(path);
  // The runtime takes a device it was not compiled for without a word and computes on the CPU.
  if (!compiledDevices().includes(options.device)) throw notCompiled(options.device);
  const keep = new Set(options.keep);
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(path, sessionOptions(options));
  } catch (cause) {
    throw loadError(name, options.device, cause);
  }
  return {
    name,
    inputs: toInfos(session.inputMetadata),
    outputs: toInfos(session.outputMetadata),
    async run(feeds) {
      const ortFeeds: Record<string, OrtTensor> = {};
      for (const [key, tensor] of Object.entries(feeds)) ortFeeds[key] = toOrt(tensor);
      try {
        return fromOrt(await session.run(ortFeeds), keep);
      } catch (cause) {
        throw runError(name, options.device, cause);
      }
    },
    close: () => session.release(),
  };
}

function sessionOptions({ device, deviceIndex = null, threads, keep }: GraphOptions): InferenceSession.SessionOptions {
  return {
    // Only WebGPU can leave an output on the device; elsewhere it goes through this process's memory. What is not named comes to
    // the CPU: reading a tensor back from the device is not implemented.
    ...(device === 'webgpu' && keep !== undefined
      ? { preferredOutputLocation: Object.fromEntries(keep.map((name) => [name, 'gpu-buffer' as const])) }
      : {}),
    // The CPU provider is always there for the nodes a device has no kernel for.
    executionProviders: device === 'cpu' ? ['cpu'] : [provider(device, deviceIndex), 'cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
    // Threads that spin while they wait take the core from whatever else runs: 2 to 3 times slower on a busy machine.
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  };
}

function provider(name: Exclude<DeviceName, 'cpu'>, index: number | null): InferenceSession.ExecutionProviderConfig {
  return index === null ? name : { name, deviceId: index };
}

function toInfos(metadata: readonly InferenceSession.ValueMetadata[]): TensorInfo[] {
  return metadata.map((info) =>
    info.isTensor
      ? { name: info.name, type: info.type, shape: info.shape }
      : { name: info.name, type: 'other', shape: [] },
  );
}

function toOrt(tensor: Tensor | KeptTensor): OrtTensor {
  return tensor.type === 'kept' ? (tensor.handle as OrtTensor) : new OrtTensor(tensor.type, tensor.data, tensor.dims);
}

function fromOrt(
  outputs: InferenceSession.OnnxValueMapType,
  keep: ReadonlySet<string>,
): Record<string, Tensor | KeptTensor> {
  const tensors: Record<string, Tensor | KeptTensor> = {};
  for (const [name, value] of Object.entries(outputs)) {
    const handle = value as OrtTensor;
    if (keep.has(name)) {
      tensors[name] = { type: 'kept', handle, dispose: () => handle.dispose() };
      continue;
    }
    const { data, dims } = handle;
    if (data instanceof Float32Array) tensors[name] = { type: 'float32', data, dims };
    else if (data instanceof BigInt64Array) tensors[name] = { type: 'int64', data, dims };
  }
  return tensors;
}

function loadError(file: string, device: DeviceName, cause: unknown): AppError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const details = { file, device };
  if (isOutOfMemory(text)) return outOfMemory(device, cause);
  if (/Load model|protobuf|INVALID_PROTOBUF|INVALID_GRAPH|External|external data|No such file|Type Error/i.test(text)) {
    const message = `${file} cannot be read as a graph. Restore it from the repository, or export the model again.`;
    return new AppError('MODEL_INVALID', message, { cause, details });
  }
  const code: ErrorCode = device === 'cpu' ? 'DEVICE_FAILED' : 'DEVICE_UNAVAILABLE';
  const message = `The device ${device} cannot be used here: ${firstLine(text)}. Use EASEL_DEVICE=cpu, or run npx easel doctor.`;
  return new AppError(code, message, { cause, details });
}

function notCompiled(device: DeviceName): AppError {
  const message = `The device ${device} does not exist on ${process.platform}. Here: ${compiledDevices().join(', ')}, or auto.`;
  return new AppError('DEVICE_UNAVAILABLE', message, { details: { device } });
}

function runError(file: string, device: DeviceName, cause: unknown): AppError {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (isOutOfMemory(text)) return outOfMemory(device, cause);
  const message = `The device ${device} failed while running ${file}: ${firstLine(text)}. Try again, or use EASEL_DEVICE=cpu.`;
  return new AppError('DEVICE_FAILED', message, { cause, details: { file, device } });
}

function isOutOfMemory(text: string): boolean {
  return /out of memory|failed to allocate|bad_alloc|bad allocation|CUDA_ERROR_OUT_OF_MEMORY/i.test(text);
}

function outOfMemory(device: DeviceName, cause: unknown): AppError {
  const message = `The memory of the device ${device} is full: close other programs on it, or draw fewer pictures at once.`;
  return new AppError('DEVICE_OUT_OF_MEMORY', message, { cause, details: { device } });
}

function firstLine(text: string): string {
  // Assertions come as "file:line function condition was false. What happened".
  const line = (text.split('\n', 1)[0] ?? '')
    .replace(/^.*\bwas false\.\s*/, '')
    .trim()
    .replace(/\.$/, '');
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
