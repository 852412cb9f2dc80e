// The nonce of a generation's message: with it Discord answers a second post with the first message.

import { createHash } from 'node:crypto';

const NONCE_CHARACTERS = 25;

/**
 * As many signs as a nonce may have: 128 bits.
 *
 * @param channel a picture has a message of its own in each channel it is shown in
 * @param goneMessageId the message it was posted as before, if somebody deleted that: Discord would answer with it again
 */
export function nonceOf(generationId: string, channel: string, goneMessageId: string | null = null): string {
  const hex = createHash('sha256')
    .update(`${generationId} ${channel} ${goneMessageId ?? ''}`)
    .digest('hex')
    .slice(0, 32);
  return BigInt(`0x${hex}`).toString(36).padStart(NONCE_CHARACTERS, '0');
}
