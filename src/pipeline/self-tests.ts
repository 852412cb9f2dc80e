/** Self-tests that were passed before: a device is tested again when its driver, the runtime or the model is another one. */
import type { DeviceName } from './device.ts';

/** What a device showed. */
export type TestedDevice = {
  agreementShare: number;
  msPerPicture: number;
  capacity: number;
  /** One sentence: it could not be tested to the end, and trying again would take time for the same answer. */
  refusal?: string | undefined;
};

export type SelfTests = {
  /** @param question what the answer depends on besides the device's driver: the model's hash, threads, slots */
  recall(device: DeviceName, question: string): Promise<TestedDevice | null>;
  /** Never throws: it only saves time. */
  remember(device: DeviceName, question: string, tested: TestedDevice): Promise<void>;
};
