// The real worker, except that opening WebGPU ends it, as a broken driver does.
const send = process.send.bind(process);
process.send = (message, ...rest) => {
  const sent = send(message, ...rest);
  if (message.kind === 'trying' && message.device === 'webgpu')
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50);
  return sent;
};
await import('../../../../dist/src/worker/main.js');
