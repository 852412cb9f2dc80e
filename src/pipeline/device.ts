/** The names of devices a worker can be asked for, and what a self-test found. */

/** Execution providers in the order `auto` tries them: the likely fastest first. */
export const DEVICE_NAMES = ['cuda', 'coreml', 'dml', 'webgpu', 'cpu'] as const;
export type DeviceName = (typeof DEVICE_NAMES)[number];

/** What a host may ask for. */
export const DEVICE_CHOICES = ['auto', ...DEVICE_NAMES] as const;
export type DeviceChoice = (typeof DEVICE_CHOICES)[number];

/** A choice, or one of several equal devices by its number. Only these two runtimes can be told which. */
export type DeviceSetting = DeviceChoice | `${'cuda' | 'dml'}:${number}`;

const SETTING = new RegExp(`^(?:(${DEVICE_CHOICES.join('|')})|(cuda|dml):(\\d{1,2}))$`, 'u');

/** `cuda:1` is the second CUDA device. @returns null when it is no setting */
export function readDevice(setting: string): { device: DeviceChoice; index: number | null } | null {
  const [, choice, numbered, index] = SETTING.exec(setting) ?? [];
  const device = choice ?? numbered;
  return device === undefined
    ? null
    : { device: device as DeviceChoice, index: index === undefined ? null : Number(index) };
}

/** What a transformer computes in between its weights and its logits. Choosing a token is float32 in both. */
export const COMPUTE_TYPES = ['float32', 'float16'] as const;
export type ComputeType = (typeof COMPUTE_TYPES)[number];

/** How a model can be drawn: a device, and what it computes in. */
export type Way = { device: DeviceName; compute: ComputeType };

/** One line of `easel doctor`: a way that was tried. */
export type DeviceReport = Way & {
  passed: boolean;
  /** Share of the reference's greedy choices the device repeats; null when it did not run. */
  agreementShare: number | null;
  /** Of one picture's rows, measured in the self-test; null when it did not run. */
  msPerPicture: number | null;
  /** One sentence: why it was taken, refused or passed over. */
  why: string;
};
