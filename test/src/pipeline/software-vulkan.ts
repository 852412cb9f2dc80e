/** A Vulkan driver in software: SwiftShader of Debian's chromium; the loader is Debian's libvulkan1. */
import { existsSync } from 'node:fs';

export const DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';
const LOADERS = ['/usr/lib/x86_64-linux-gnu/libvulkan.so.1', '/usr/lib/aarch64-linux-gnu/libvulkan.so.1'];

/** Why it cannot be used here; null when it can. */
export const missing = !existsSync(DRIVER)
  ? `${DRIVER} is absent: apt-get install chromium`
  : !LOADERS.some((path) => existsSync(path))
    ? 'libvulkan.so.1 is absent: apt-get install libvulkan1'
    : null;
