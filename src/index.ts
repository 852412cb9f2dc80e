// What adapters may import, and the only file of src/ they may import from.

export * from './config.ts';
export * from './errors.ts';
export { encodeWithin, type ImageFormat } from './image/encode.ts';
export { decodePng, type Pixels } from './image/png.ts';
export type { Provenance } from './image/provenance.ts';
export { composeSheet, SHEET_MAX_PICTURES } from './image/sheet.ts';
export {
  type Catalog,
  type CatalogModel,
  type FileReport,
  loadCatalog,
  readVocabulary,
  type VerifyReport,
  verifyModel,
} from './models/catalog.ts';
export { findPackageRoot } from './models/package-root.ts';
export type { DeviceReport } from './pipeline/device.ts';
export type { ModelInfo, SlotNotice, SlotPicture, SlotProgress, SlotRequest } from './pipeline/pipeline.ts';
export { parsePrompt } from './prompt/parse-prompt.ts';
export { printPrompt } from './prompt/print-prompt.ts';
export { type PromptModels, readPromptModels } from './prompt/prompt-model.ts';
export * from './prompt/types.ts';
export type { WorkerInfo } from './worker/protocol.ts';
export { createSupervisedWorker, type SupervisedWorkerOptions } from './worker/supervised-worker.ts';
export type { WorkerSupervisor } from './worker/supervisor.ts';
