// What to do about a device that could not be opened: the exact steps for this system. docs/gpu.md says the same at length.

/** @returns null when nothing can be done here */
export function deviceSteps(device: string, platform: NodeJS.Platform, arch: string): string | null {
  const see = 'See docs/gpu.md.';
  if (device === 'cuda') {
    return platform === 'linux' && arch === 'x64'
      ? `install the NVIDIA driver (nvidia-smi lists the card), CUDA 12 and cuDNN 9, then the provider: cd node_modules/onnxruntime-node && node ./script/install --onnxruntime-node-install=cuda12. ${see}`
      : null;
  }
  if (device !== 'webgpu') return null;
  if (platform === 'linux') {
    return arch === 'x64'
      ? `install a Vulkan driver: sudo apt-get install libvulkan1 mesa-vulkan-drivers vulkan-tools (NVIDIA: its own driver), then vulkaninfo --summary must name the card. ${see}`
      : null;
  }
  return platform === 'win32'
    ? `update the graphics driver: WebGPU runs on Direct3D 12. ${see}`
    : `update macOS: WebGPU runs on Metal. ${see}`;
}
