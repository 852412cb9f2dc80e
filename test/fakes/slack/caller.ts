/** Calls the Web API as the SDK does, without its care: for requests that are wrong. */
import type { SlackServer } from './slack-server.ts';

export type Json = Record<string, unknown>;
export type Answer = { status: number; headers: Headers; body: Json };

export type Caller = {
  /** A form, in which whatever is no text is JSON. @param token null: none */
  call(name: string, args?: Json, token?: string | null): Promise<Answer>;
  send(name: string, body: string | URLSearchParams, mediaType: string, token?: string | null): Promise<Answer>;
  /** @returns the id of a file of three bytes */
  upload(filename: string): Promise<string>;
};

export function createCaller({ apiUrl, app }: SlackServer): Caller {
  const send: Caller['send'] = async (name, body, mediaType, token = app.botToken) => {
    const headers = { 'content-type': mediaType, ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
    const response = await fetch(`${apiUrl}${name}`, { method: 'POST', body, headers });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Json };
  };
  const call: Caller['call'] = (name, args = {}, token = app.botToken) => {
    const fields = Object.entries(args).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    return send(name, new URLSearchParams(Object.fromEntries(fields)), 'application/x-www-form-urlencoded', token);
  };
  return {
    call,
    send,
    async upload(filename) {
      const { body } = await call('files.getUploadURLExternal', { filename, length: 3 });
      await fetch(String(body['upload_url']), { method: 'POST', body: 'fox' });
      await call('files.completeUploadExternal', { files: [{ id: body['file_id'] }] });
      return String(body['file_id']);
    },
  };
}

export const plain = (text: string): Json => ({ type: 'plain_text', text });
export const section = (text: string): Json => ({ type: 'section', text: { type: 'mrkdwn', text } });
export const button = (more: Json = {}): Json => ({ type: 'button', action_id: 'go', text: plain('Go'), ...more });
export const actions = (...elements: readonly Json[]): Json => ({ type: 'actions', elements });
export const modal = (more: Json = {}): Json => ({
  type: 'modal',
  title: plain('Draw'),
  blocks: [section('hello')],
  ...more,
});
export const picture = (id: string): Json => ({ type: 'image', slack_file: { id }, alt_text: 'a fox' });
