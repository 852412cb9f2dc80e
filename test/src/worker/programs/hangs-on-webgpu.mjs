// The real worker, except that opening WebGPU never returns, as with a driver that hangs.
const send = process.send.bind(process);
process.send = (message, ...rest) => {
  const sent = send(message, ...rest);
  if (message.kind === 'trying' && message.device === 'webgpu') {
    // The message is on its way; nothing else runs before the end.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    process.kill(process.pid, 'SIGSTOP');
  }
  return sent;
};
await import('../../../../dist/src/worker/main.js');
