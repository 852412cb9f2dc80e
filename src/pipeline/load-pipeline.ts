/** Opens a model on the best device of this machine: every candidate is tried, tested and timed before one is taken. */
import { AppError, toAppError } from '../errors.ts';
import type { CatalogModel } from '../models/catalog.ts';
import type { ComputeType, DeviceChoice, DeviceReport, Way } from './device.ts';
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
  /** Not to be touched: a worker died there. */
  avoid?: readonly Way[];
  /** Told before a device is opened, since native code may end the process. */
  onTry?: (way: Way) => void;
};

export type LoadedPipeline = {
  pipeline: Pipeline;
  compute: ComputeType;
  why: string;
  devices: DeviceReport[];
  msPerPicture: number;
};

/** `graphs` null: closed while another way was tested. */
type Candidate = Way & { graphs: EaselGraphs | null; tested: TestedDevice };

const DEFAULT_THREADS = 1;

/** How many times as long as the CPU a device may take for its self-test, with room for compiling its programs. */
const SLOWER_THAN_CPU = 4;
const GIVE_UP_AT_LEAST_MS = 10_000;
/** A self-test draws about so many pictures. */
const TEST_PICTURES = 10;
/** float16 has to be clearly faster than float32 on a device: a seed's picture must not change with every timing. */
const FLOAT16_SHARE_MAX = 0.85;

/**
 * @throws {AppError} `DEVICE_UNAVAILABLE` when the device that was asked for cannot be opened, `DEVICE_SELF_TEST` when it
 * draws wrong, `MODEL_INVALID` when the model itself cannot be loaded
 */
export async function loadPipeline(model: CatalogModel, options: LoadOptions): Promise<LoadedPipeline> {
  const reference = await readReference(model);
  const devices: DeviceReport[] = [];
  let best = null as Candidate | null;
  let giveUpMs = Number.POSITIVE_INFINITY;
  for (const way of candidates(options.device, model)) {
    const { device, compute } = way;
    const passOver = reasonToPassOver(way, options, devices);
    if (passOver !== null) {
      devices.push(toReport(way, false, null, passOver));
      continue;
    }
    const question = questionOf(model, compute, options);
    const known = (await options.selfTests?.recall(device, question)) ?? null;
    if (known !== null && !isBetter(way, known, best)) {
      devices.push(toReport(way, isRight(known), known, tested(known)));
      continue;
    }
    const held: Candidate | null = best;
    if (held?.device === device) {
      // The memory that it holds is what the next test measures.
      await held.graphs?.close();
      best = { ...held, graphs: null };
    }
    options.onTry?.(way);
    let candidate: Candidate;
    try {
      candidate = await tryWay(model, way, options, reference, known, giveUpMs);
    } catch (thrown) {
      // What the CPU cannot load is a broken model: that is the thing to say. float16 is one way more, never the only one.
      if (compute === 'float32' && (options.device === device || device === 'cpu')) throw thrown;
      const { code, message } = toAppError(thrown);
      devices.push(toReport(way, false, null, message));
      const refused = { agreementShare: 0, msPerPicture: 0, capacity: 1, refusal: message };
      // Memory may be free another day, and a device that is not there may come; that a driver has no float16 stays so.
      if (compute === 'float16' && code === 'DEVICE_FAILED')
        await options.selfTests?.remember(device, question, refused);
      continue;
    }
    const { tested: test } = candidate;
    if (device === 'cpu') giveUpMs = Math.max(GIVE_UP_AT_LEAST_MS, SLOWER_THAN_CPU * TEST_PICTURES * test.msPerPicture);
    devices.push(toReport(way, isRight(test), test, tested(test)));
    const better = isBetter(way, test, best);
    await (better ? best : candidate)?.graphs?.close();
    if (better) best = candidate;
  }
  if (best === null) throw noDevice(options.device, devices);
  const { device, compute, tested: test } = best;
  const graphs = best.graphs ?? (await openGraphs(model, best, options));
  const pipeline = await createEaselPipeline(model, graphs, { device, capacity: test.capacity });
  return { pipeline, compute, why: why(options.device, best, devices), devices, msPerPicture: test.msPerPicture };
}

/** One sentence, or null for a way that is to be tried. */
function reasonToPassOver(
  way: Way,
  { device: choice, avoid = [] }: LoadOptions,
  tried: readonly DeviceReport[],
): string | null {
  const { device, compute } = way;
  const died = avoid.some((one) => one.device === device && (one.compute === compute || one.compute === 'float32'));
  // A device that was asked for by name is tried however often it fails; float16 is one way more.
  if (died && (choice === 'auto' || compute === 'float16')) return 'A worker died while it tried this device.';
  const single = tried.find((one) => one.device === device && one.compute === 'float32');
  return compute === 'float16' && single?.passed === false ? 'It does not draw in float32 either.' : null;
}

function isRight({ agreementShare, refusal }: TestedDevice): boolean {
  return refusal === undefined && agreementShare >= AGREEMENT_SHARE_MIN;
}

function isBetter(way: Way, tested: TestedDevice, best: Candidate | null): boolean {
  // The CPU is what the reference was drawn on: a difference there is told, never a reason not to draw.
  const usable = isRight(tested) || way.device === 'cpu';
  const share = best?.device === way.device ? FLOAT16_SHARE_MAX : 1;
  return usable && (best === null || tested.msPerPicture < share * best.tested.msPerPicture);
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

function openGraphs(model: CatalogModel, { device, compute }: Way, options: LoadOptions): Promise<EaselGraphs> {
  const { deviceIndex = null, paintInThread = false } = options;
  const threads = options.threads ?? DEFAULT_THREADS;
  return loadGraphs(model, device, { threads, deviceIndex, paintInThread, compute });
}

async function tryWay(
  model: CatalogModel,
  way: Way,
  options: LoadOptions,
  reference: Reference,
  known: TestedDevice | null,
  giveUpMs: number,
): Promise<Candidate> {
  const { device, compute } = way;
  const graphs = await openGraphs(model, way, options);
  if (known !== null) return { ...way, graphs, tested: known };
  try {
    for (let capacity = options.slots ?? slotsFor(device, model.manifest); ; capacity = Math.ceil(capacity / 2)) {
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
  const { agreementShare = null, msPerPicture = null } = test?.refusal === undefined ? (test ?? {}) : {};
  return { ...way, passed, agreementShare, msPerPicture, why };
}

function percent(test: TestedDevice): string {
  return `${(test.agreementShare * 100).toFixed(1)} %`;
}

function tested(test: TestedDevice): string {
  if (test.refusal !== undefined) return test.refusal;
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
