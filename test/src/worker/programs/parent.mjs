// A parent that starts a worker, tells its pid and then draws until it is killed.
import { createSupervisedWorker } from '../../../../dist/src/worker/supervised-worker.js';

const worker = createSupervisedWorker({ modelsDir: process.argv[2], model: 'tiny', device: 'cpu' });
const { pid } = await worker.start();
process.stdout.write(`${pid}\n`);
setInterval(() => {}, 1000);
