// The real worker, except that a caption "poison" ends it the way a crash in native code does.
await import('../../../../dist/src/worker/main.js');
process.prependListener('message', (message) => {
  if (message.kind === 'draw' && message.slot.caption === 'poison') process.kill(process.pid, 'SIGKILL');
});
