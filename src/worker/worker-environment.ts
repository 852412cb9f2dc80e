/** What of the environment a worker gets: paths and drivers' settings, never a secret. It runs native code over files from elsewhere. */
import { type Environment, SETTING_NAMES } from '../config.ts';

/** Names under which other programs keep secrets too. Addresses of databases hold passwords. */
const SECRET =
  /TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|_URL$|_URI$|(?:^|_)(?:API|ACCESS|PRIVATE|SIGNING|ENCRYPTION)_?KEY|^PG|COOKIE|_AUTH$/iu;

/** A worker is told what it needs by messages: no setting of Easel is among it. */
export function workerEnvironment(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined || SETTING_NAMES.includes(name) || SECRET.test(name) ? [] : [[name, value]],
    ),
  );
}
