import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deviceSteps } from '../../../adapters/cli/device-steps.ts';

const page = readFileSync(new URL('../../../docs/gpu.md', import.meta.url), 'utf8');

describe('what doctor says about a device that could not be opened', () => {
  it.each([
    ['cuda', 'linux', 'x64', 'node ./script/install --onnxruntime-node-install=cuda12'],
    ['webgpu', 'linux', 'x64', 'sudo apt-get install libvulkan1 mesa-vulkan-drivers vulkan-tools'],
    ['webgpu', 'win32', 'x64', 'Direct3D 12'],
    ['webgpu', 'darwin', 'arm64', 'Metal'],
  ] as const)('%s on %s %s: steps that the page has too', (device, platform, arch, step) => {
    expect(deviceSteps(device, platform, arch)).toContain(step);
    expect(page).toContain(step);
  });

  it.each([
    ['cuda', 'win32', 'x64'],
    ['webgpu', 'linux', 'arm64'],
    ['coreml', 'darwin', 'arm64'],
  ] as const)('%s on %s %s: nothing, since nothing helps', (device, platform, arch) => {
    expect(deviceSteps(device, platform, arch)).toBeNull();
  });
});
