/** The models that ship, or the tests' tiny one in a checkout without them. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FIXTURES_DIR } from '../../fakes/easel-process.ts';

const isShipped = existsSync(fileURLToPath(new URL('../../../models/easel-nano/model.json', import.meta.url)));

/** null: those of this package. */
export const modelsDir: string | null = isShipped ? null : FIXTURES_DIR;
