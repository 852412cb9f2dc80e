/** Opens a model on the best device of this machine: every candidate is tried, tested and timed before one is taken. */
import { AppError, toAppError } from '../errors.ts';
import type { CatalogModel } from '../models/catalog.ts';
import type { ComputeType, DeviceChoice, DeviceName, DeviceReport } from './device.ts';
import { createEaselPipeline } from './easel/easel-pipeline.ts';
import { computeTypes, createRows, type EaselGraphs, loadGraphs } from './easel/graphs.ts';
import { AGREEMENT_SHARE_MIN, type Reference, readReference, selfTest } from './easel/self-test.ts';
import { slotsFor } from './easel/slot-memory.ts';
import { compiledDevices } from './onnx.ts';
import type { Pipeline } from './pipeline.ts';
import type { SelfTests, TestedDevice } from './self-tests.ts';

export type LoadOptions = {
  device: DeviceChoice;
  /** Which of several equal devices. */
  deviceIndex?: number | null;
  /** null decides from the device and its memory. */
  slots: number | null;
  threads: number | null;
  /** On the CPU, decode in a thread of its own. */
  paintInThread?: boolean;
  selfTests?: SelfTests;
  /** Devices not to be touched: a worker died on them. */
  avoid?: readonly DeviceName[];
  /** Told before a device is opened, since native code may end the process. */
  onTry?: (device: DeviceName) => void;
};

export type LoadedPipeline = { pipeline: Pipeline; why: string; devices: DeviceReport[]; msPerPicture: number };

/** A device, and what it computes in. */
type Way = { device: DeviceName; compute: ComputeType };
type Candidate = Way & { graphs: EaselGraphs; tested: TestedDevice };

const DEFAULT_THREADS = 1;

/** How many times as long as the CPU a device may take for its self-test, with room for compiling its programs. */
const SLOWER_THAN_CPU = 4;
const GIVE_UP_AT_LEAST_MS = 10_000;
/** A self-test draws about so many pictures. */
const TEST_PICTURES = 10;

/**
 * @throws {AppError} `DEVICE_UNAVAILABLE` when the device that was asked for cannot be opened, `DEVICE_SELF_TEST` when it
 * draws wrong, `MODEL_INVALID` when the model itself cannot be loaded
 */
export async function loadPipeline(model: CatalogModel, options: LoadOptions): Promise<LoadedPipeline> {
  const reference = await readReference(model);
  const devices: DeviceReport[] = [];
  let best: Candidate | null = null;
  let giveUpMs = Number.POSITIVE_INFINITY;
  for (const way of candidates(options.device, model)) {
    const { device, compute } = way;
    if (options.device === 'auto' && options.avoid?.includes(device)) {
      devices.push(toReport(way, false, null, 'A worker died while it tried this device.'));
      continue;
    }
    const known = (await options.selfTests?.recall(device, questionOf(model, compute, options))) ?? null;
    if (known !== null && !isBetter(device, known, best)) {
      devices.push(toReport(way, known.agreementShare >= AGREEMENT_SHARE_MIN, known, tested(known)));
      continue;
    }
    options.onTry?.(device);
    let candidate: Candidate;
    try {
      candidate = await tryDevice(model, way, options, reference, known, giveUpMs);
    } catch (thrown) {
      // What the CPU cannot load is a broken model: that is the thing to say. float16 is one way more, never the only one.
      if (compute === 'float32' && (options.device === device || device === 'cpu')) throw thrown;
      devices.push(toReport(way, false, null, toAppError(thrown).message));
      continue;
    }
    const { tested: test } = candidate;
    if (device === 'cpu') giveUpMs = Math.max(GIVE_UP_AT_LEAST_MS, SLOWER_THAN_CPU * TEST_PICTURES * test.msPerPicture);
    devices.push(toReport(way, test.agreementShare >= AGREEMENT_SHARE_MIN, test, tested(test)));
    const better = isBetter(device, test, best);
    await (better ? best : candidate)?.graphs.close();
    if (better) best = candidate;
  }
  if (best === null) throw noDevice(options.device, devices);
  const { graphs, device, tested: test } = best;
  const pipeline = await createEaselPipeline(model, graphs, { device, capacity: test.capacity });
  return { pipeline, why: why(options.device, best, devices), devices, msPerPicture: test.msPerPicture };
}

function isBetter(device: DeviceName, tested: TestedDevice, best: Candidate | null): boolean {
  // The CPU is what the reference was drawn on: a difference there is told, never a reason not to draw.
  const usable = tested.agreementShare >= AGREEMENT_SHARE_MIN || device === 'cpu';
  return usable && (best === null || tested.msPerPicture < best.tested.msPerPicture);
}

/** What a self-test's answer depends on besides the device. */
function questionOf(model: CatalogModel, compute: ComputeType, { slots, threads, deviceIndex }: LoadOptions): string {
  return JSON.stringify([model.hash, compute, slots, threads, deviceIndex ?? null]);
}

/**
 * The CPU first: it tells how slow a device may be before it is given up. Other devices are tried in float16 too, since only a
 * test tells which of the two is faster; processors have no products for it.
 */
function candidates(choice: DeviceChoice, model: CatalogModel): Way[] {
  const devices =
    choice === 'auto' ? ['cpu' as const, ...compiledDevices().filter((name) => name !== 'cpu')] : [choice];
  return devices.flatMap((device): Way[] =>
    (device === 'cpu' ? (['float32'] as const) : computeTypes(model)).map((compute) => ({ device, compute })),
  );
}

async function tryDevice(
  model: CatalogModel,
  way: Way,
  options: LoadOptions,
  reference: Reference,
  known: TestedDevice | null,
  giveUpMs: number,
): Promise<Candidate> {
  const { slots, deviceIndex = null, paintInThread = false } = options;
  const { device, compute } = way;
  const threads = options.threads ?? DEFAULT_THREADS;
  const graphs = await loadGraphs(model, device, { threads, deviceIndex, paintInThread, compute });
  if (known !== null) return { ...way, graphs, tested: known };
  try {
    for (let capacity = slots ?? slotsFor(device, model.manifest); ; capacity = Math.ceil(capacity / 2)) {
      const rows = createRows(graphs, model.manifest, capacity);
      try {
        const tested = { capacity, ...(await selfTest(graphs, rows, model, reference, giveUpMs)) };
        await options.selfTests?.remember(device, questionOf(model, compute, options), tested);
        return { ...way, graphs, tested };
      } catch (thrown) {
        rows.clear();
        if (capacity === 1 || toAppError(thrown).code !== 'DEVICE_OUT_OF_MEMORY') throw thrown;
      }
    }
  } catch (thrown) {
    await graphs.close();
    throw toAppError(thrown, 'DEVICE_FAILED');
  }
}

function toReport(way: Way, passed: boolean, test: TestedDevice | null, why: string): DeviceReport {
  const { agreementShare = null, msPerPicture = null } = test ?? {};
  return { ...way, passed, agreementShare, msPerPicture, why };
}

function percent(test: TestedDevice): string {
  return `${(test.agreementShare * 100).toFixed(1)} %`;
}

function tested(test: TestedDevice): string {
  return `self-test ${percent(test)}, ${Math.round(test.msPerPicture)} ms a picture.${warning(test)}`;
}

function why(choice: DeviceChoice, best: Candidate, devices: readonly DeviceReport[]): string {
  const result = `${best.compute === 'float16' ? 'in float16, ' : ''}${tested(best.tested)}`;
  if (choice !== 'auto') return `${best.device} was asked for: ${result}`;
  const others = new Set(devices.filter((one) => one.passed && one.device !== best.device).map((one) => one.device))
    .size;
  const among = others === 0 ? 'the only device that works here' : `the fastest of ${others + 1} that work here`;
  return `${best.device} is ${among}: ${result}`;
}

function warning(test: TestedDevice): string {
  if (test.agreementShare >= AGREEMENT_SHARE_MIN) return '';
  return ' Warning: it differs from the reference, so pictures may differ from those of other machines.';
}

function noDevice(choice: DeviceChoice, devices: readonly DeviceReport[]): AppError {
  const reasons = devices.map((one) => `${one.device}: ${one.why}`).join(' ');
  const message = `The device ${choice} cannot draw. ${reasons} Use EASEL_DEVICE=cpu.`;
  return new AppError('DEVICE_SELF_TEST', message, { details: { device: choice } });
}
