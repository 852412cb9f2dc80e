/** The names of devices a worker can be asked for, and what a self-test found. */

/** Execution providers in the order `auto` tries them: the likely fastest first. */
export const DEVICE_NAMES = ['cuda', 'coreml', 'dml', 'webgpu', 'cpu'] as const;
export type DeviceName = (typeof DEVICE_NAMES)[number];

/** What a host may ask for. */
export const DEVICE_CHOICES = ['auto', ...DEVICE_NAMES] as const;
export type DeviceChoice = (typeof DEVICE_CHOICES)[number];

/** One line of `easel doctor`: a device that was tried. */
export type DeviceReport = {
  device: DeviceName;
  passed: boolean;
  /** Share of the reference's greedy choices the device repeats; null when it did not run. */
  agreementShare: number | null;
  /** Of one picture's rows, measured in the self-test; null when it did not run. */
  msPerPicture: number | null;
  /** One sentence: why it was taken, refused or passed over. */
  why: string;
};
