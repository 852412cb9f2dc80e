/** How many pictures a device's memory holds at once. */
import { availableMemory } from 'node:process';
import type { ModelManifest } from '../../models/manifest.ts';
import type { DeviceName } from '../device.ts';
import { PLACES_STEP } from './kv-cache.ts';
import { toModelShape } from './model-shape.ts';

/** One row of a larger batch takes longer for everyone in it; where the gain per picture levels off. */
const CPU_SLOTS = 8;
const GPU_SLOTS = 16;
const FLOAT_BYTES = 4;
/** Joining and leaving lay the cache out anew beside the old one, and a call has its own work space. */
const COPIES = 3;
/** The rest is the bot's, the database's and everybody else's. */
const SHARE_OF_FREE = 0.25;

/** What one picture needs while it is drawn. */
export function slotBytes(manifest: ModelManifest): number {
  const { layers, places, keyFloats } = toModelShape(manifest);
  const rounded = Math.ceil(places / PLACES_STEP) * PLACES_STEP;
  const sequences = 2;
  return COPIES * sequences * 2 * layers * rounded * keyFloats * FLOAT_BYTES;
}

/**
 * Slots to begin with. The CPU's memory can be asked for (of the container, where there is one); that of another device cannot, so
 * its self-test fills every slot once and begins again with half as many when they do not fit.
 */
export function slotsFor(device: DeviceName, manifest: ModelManifest, freeBytes = availableMemory()): number {
  if (device !== 'cpu') return GPU_SLOTS;
  const fitting = Math.floor((SHARE_OF_FREE * freeBytes) / slotBytes(manifest));
  return Math.min(CPU_SLOTS, Math.max(1, fitting));
}
