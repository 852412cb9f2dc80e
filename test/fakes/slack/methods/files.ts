/** files.*: an upload in three steps, done once Slack has looked at it. */
import { addMessage, channelToPostIn, checkPictures, fileTypeOf } from '../messages.ts';
import { SlackRefusal } from '../refusal.ts';
import type { BlockJson, SlackFile, World } from '../world.ts';
import { type Method, method } from './method.ts';

const PICTURES = ['png', 'jpg', 'jpeg', 'gif', 'webp', 'heic', 'bmp', 'tiff', 'svg'];
const ALT_TEXT_MAX = 1_000;
const LIST_MAX = 1_000;

type ListArgs = {
  user?: string;
  channel?: string;
  ts_from?: string;
  ts_to?: string;
  types?: string;
  count?: number;
  page?: number;
};

export const FILES: Readonly<Record<string, Method>> = {
  'files.getUploadURLExternal': method<{ filename: string; length: number; alt_txt?: string }>({
    body: 'FilesGetUploadURLExternal',
    tier: 4,
    scopes: ['files:write'],
    run({ filename, length, alt_txt = '' }, { world }) {
      const { uploads, refusedFileTypes, uploadBytesMax } = world.team;
      const type = fileTypeOf(filename);
      if (uploads === 'disabled') throw new SlackRefusal('file_uploads_disabled');
      if (uploads === 'images' && !PICTURES.includes(type))
        throw new SlackRefusal('file_uploads_except_images_disabled');
      if (refusedFileTypes.has(type)) throw new SlackRefusal('file_type_not_allowed');
      if (!(length > 0)) throw new SlackRefusal('missing_argument', {}, true);
      if (length > uploadBytesMax) throw new SlackRefusal('file_upload_size_restricted');
      if (alt_txt.length > ALT_TEXT_MAX) throw new SlackRefusal('alt_txt_too_large', {}, true);
      const id = world.ids.next('F');
      const file: SlackFile = {
        id,
        name: filename,
        altText: alt_txt,
        lengthBytes: length,
        user: world.app.botUserId,
        createdAtMs: world.clock.nowMs(),
        uploadPath: `/upload/v1/${world.ids.secret()}`,
        downloadPath: `/files-pri/${world.team.id}-${id}/${encodeURIComponent(filename)}`,
        title: '',
        bytes: null,
        looksLeft: null,
        channels: [],
      };
      world.files.set(id, file);
      return { upload_url: `${world.origin()}${file.uploadPath}`, file_id: id };
    },
  }),
  'files.completeUploadExternal': method<{
    files: { id: string; title?: string }[];
    channel_id?: string;
    initial_comment?: string;
    blocks?: BlockJson[];
    thread_ts?: string;
  }>({
    body: 'FilesCompleteUploadExternal',
    tier: 4,
    scopes: ['files:write'],
    run({ files: given, channel_id, initial_comment, blocks = [], thread_ts }, { world }) {
      const files = given.map(({ id, title }) => ({ file: uploadedFile(world, id), title }));
      if (channel_id !== undefined) {
        const channel = channelToPostIn(world, channel_id);
        checkPictures(world, blocks);
        const words = initial_comment === undefined ? { blocks } : { text: initial_comment };
        addMessage(world, { ...words, channel: channel.id, user: world.app.botUserId, threadTs: thread_ts ?? null });
        for (const { file } of files) file.channels = [channel.id];
      }
      for (const { file, title } of files) {
        file.title = title ?? file.name;
        file.looksLeft ??= world.fileLooks;
      }
      return { files: files.map(({ file }) => ({ id: file.id, title: file.title })) };
    },
  }),
  'files.info': method<{ file: string }>({
    body: 'FilesInfo',
    tier: 4,
    scopes: ['files:read'],
    run({ file: id }, { world }) {
      const file = world.files.get(id);
      if (file === undefined || file.looksLeft === null) throw new SlackRefusal('file_not_found');
      const answer = { file: fileJson(world, file), comments: [], response_metadata: { next_cursor: '' } };
      file.looksLeft = Math.max(0, file.looksLeft - 1);
      return answer;
    },
  }),
  'files.list': method<ListArgs>({
    body: 'FilesList',
    tier: 3,
    scopes: ['files:read'],
    run({ user, channel, ts_from = '0', ts_to = '99999999999', types = 'all', count = 100, page = 1 }, { world }) {
      if (count > LIST_MAX) throw new SlackRefusal('invalid_arguments', {}, true);
      const found = [...world.files.values()].filter(
        (file) =>
          file.looksLeft !== null &&
          (user === undefined || file.user === user) &&
          (channel === undefined || file.channels.includes(channel)) &&
          file.createdAtMs >= Number(ts_from) * 1_000 &&
          file.createdAtMs <= Number(ts_to) * 1_000 &&
          (types === 'all' || (types.includes('images') && PICTURES.includes(fileTypeOf(file.name)))),
      );
      return {
        files: found.slice((page - 1) * count, page * count).map((file) => fileJson(world, file)),
        paging: { count, total: found.length, page, pages: Math.ceil(found.length / count) },
      };
    },
  }),
  'files.delete': method<{ file: string }>({
    body: 'FilesDelete',
    tier: 3,
    scopes: ['files:write'],
    run({ file: id }, { world }) {
      if (!world.files.delete(id)) throw new SlackRefusal('file_not_found');
      return {};
    },
  }),
};

function uploadedFile(world: World, id: string): SlackFile {
  const file = world.files.get(id);
  if (file === undefined) throw new SlackRefusal('file_not_found');
  if (file.bytes === null) throw new SlackRefusal('file_not_found', {}, true);
  return file;
}

/** While Slack is at work on it a file has no type and no size: https://github.com/slackapi/java-slack-sdk/issues/1349 */
function fileJson(world: World, file: SlackFile): Record<string, unknown> {
  const isReady = file.looksLeft === 0;
  const type = fileTypeOf(file.name);
  return {
    id: file.id,
    name: file.name,
    title: file.title,
    mimetype: isReady ? `image/${type === 'jpg' ? 'jpeg' : type}` : '',
    filetype: isReady ? type : '',
    user: file.user,
    created: Math.floor(file.createdAtMs / 1_000),
    size: file.lengthBytes,
    mode: 'hosted',
    is_external: false,
    is_public: file.channels.length > 0,
    channels: file.channels,
    url_private: `${world.origin()}${file.downloadPath}`,
    permalink: `https://${world.team.domain}.slack.com/files/${file.user}/${file.id}/${encodeURIComponent(file.name)}`,
    ...(file.altText === '' ? {} : { alt_txt: file.altText }),
    ...(isReady && PICTURES.includes(type) ? { original_w: 512, original_h: 512 } : {}),
  };
}
