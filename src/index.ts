// What adapters may import, and the only file of src/ they may import from.

export * from './config.ts';
export * from './errors.ts';
export { parsePrompt } from './prompt/parse-prompt.ts';
export { printPrompt } from './prompt/print-prompt.ts';
export * from './prompt/types.ts';
