// Pictures as files of the workspace: sent without a channel, waited for, and deleted with their message.

import { AppError, type Clock, type ViewImage } from '../../src/index.ts';
import type { SlackApi } from './api.ts';
import { createdAtS } from './find-message.ts';
import { cutTo } from './text.ts';

type Ticket = { readonly upload_url?: string; readonly file_id?: string };

export type FileOwner = { readonly generationId: string; readonly channel: string };

export type SlackFiles = {
  /**
   * Sends a picture and waits until Slack can show it.
   *
   * Sharing a file into a channel has no key against doing it twice, so it is never shared: the message that shows it is
   * one that was posted before. A file that no message came to show is seen by nobody but the bot.
   * @param owner whose picture it is and where it is shown, by which the file is found again
   * @throws {AppError} `ADAPTER_REFUSED` when the workspace takes no such file, `ADAPTER_UNAVAILABLE`, `ADAPTER_BUSY`
   */
  send(image: ViewImage, owner: FileOwner, signal?: AbortSignal): Promise<string>;
  /** One that is gone already is fine. */
  remove(fileId: string, signal?: AbortSignal): Promise<void>;
  /** Files that were sent for this message, however long ago. */
  of(owner: FileOwner, signal?: AbortSignal): Promise<readonly string[]>;
};

const ALT_CHARACTERS_MAX = 1_000;
const PATIENCE_MS = 10_000;
const FIRST_LOOK_MS = 100;
const LOOK_MS_MAX = 1_000;
const READY_WITHIN_MS = 30_000;
const LISTED_AFTER_S = 24 * 3_600;
const LISTED_MAX = 1_000;
/** Slack's clock and ours. */
const SKEW_S = 60;

export function createSlackFiles(api: SlackApi, clock: Clock, ownId: () => Promise<string>): SlackFiles {
  async function isReady(file: string, signal: AbortSignal | undefined): Promise<boolean> {
    const found = await api.run('files.info', (client) => client.files.info({ file }), {
      patienceMs: PATIENCE_MS,
      signal,
    });
    // Empty until Slack has looked at the file; before that no message may show it.
    return (found.file?.mimetype ?? '') !== '';
  }

  return {
    async send(image, owner, signal) {
      const bytes = image.bytes;
      const alt = cutTo(image.alt, ALT_CHARACTERS_MAX);
      const ticket = await api.run(
        'files.getUploadURLExternal',
        // Not by its own function, whose types name the words of the picture `alt_text`: Slack reads `alt_txt`.
        (client) =>
          client.apiCall('files.getUploadURLExternal', {
            filename: image.fileName,
            length: bytes.byteLength,
            ...(alt === '' ? {} : { alt_txt: alt }),
          }),
        { patienceMs: PATIENCE_MS, signal },
      );
      const { upload_url: url, file_id: fileId } = ticket as Ticket;
      if (url === undefined || fileId === undefined) {
        throw new AppError('ADAPTER_UNAVAILABLE', 'Slack gave no address for an upload; it is tried again.');
      }
      await api.upload(url, bytes, image.mediaType, signal);
      const title = titleOf(owner);
      await api.run(
        'files.completeUploadExternal',
        (client) => client.files.completeUploadExternal({ files: [{ id: fileId, title }] }),
        { patienceMs: PATIENCE_MS, signal },
      );
      const untilMs = clock.nowMs() + READY_WITHIN_MS;
      for (let lookMs = FIRST_LOOK_MS; !(await isReady(fileId, signal)); lookMs = Math.min(LOOK_MS_MAX, 2 * lookMs)) {
        if (clock.nowMs() > untilMs) {
          throw new AppError('ADAPTER_UNAVAILABLE', 'Slack is slow to take a picture; it is tried again.');
        }
        await clock.sleep(lookMs, signal);
      }
      return fileId;
    },
    async remove(file, signal) {
      try {
        await api.run('files.delete', (client) => client.files.delete({ file }), { patienceMs: PATIENCE_MS, signal });
      } catch (thrown) {
        const reason = thrown instanceof AppError ? thrown.details['reason'] : null;
        if (reason !== 'file_not_found' && reason !== 'file_deleted') throw thrown;
      }
    },
    async of(owner, signal) {
      const fromS = createdAtS(owner.generationId) - SKEW_S;
      const user = await ownId();
      const title = titleOf(owner);
      const found = await api.run(
        'files.list',
        (client) =>
          client.files.list({
            user,
            ts_from: `${fromS}`,
            ts_to: `${fromS + LISTED_AFTER_S}`,
            types: 'images',
            count: LISTED_MAX,
          }),
        { patienceMs: PATIENCE_MS, signal },
      );
      return (found.files ?? []).filter((file) => file.title === title).flatMap(({ id }) => id ?? []);
    },
  };
}

/** Nothing of a prompt: a title is shown and searched. */
function titleOf({ generationId, channel }: FileOwner): string {
  return `Easel ${generationId} ${channel}`;
}
