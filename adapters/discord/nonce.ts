// The nonce of a generation's message: with it Discord answers a second post with the first message.

import { createHash } from 'node:crypto';

const NONCE_CHARACTERS = 25;

/**
 * A nonce has 25 characters, and a generation's id written in base 36 has as many.
 *
 * @param goneMessageId the message it was posted as before, if somebody deleted that: Discord would answer with it again
 */
export function nonceOf(generationId: string, goneMessageId: string | null = null): string {
  const hex =
    goneMessageId === null
      ? generationId.replaceAll('-', '')
      : createHash('sha256').update(`${generationId} ${goneMessageId}`).digest('hex').slice(0, 32);
  return BigInt(`0x${hex}`).toString(36).padStart(NONCE_CHARACTERS, '0');
}
