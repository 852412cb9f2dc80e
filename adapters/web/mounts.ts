// Paths of the web server that belong to somebody else: requests that carry their own proof of who sends them.

import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** Reached under any name, from anywhere, without a session: whoever answers checks who asks. */
export type Mount = {
  /** Such as `/slack/events`. */
  readonly path: string;
  answer(request: { readonly headers: IncomingHttpHeaders; readonly body: Buffer }): Promise<MountAnswer>;
};

export type MountAnswer = { readonly status: number; readonly type: string; readonly body: string };

const BODY_BYTES_MAX = 1024 * 1024;

/** Bodies are handed over as they came: a signature is of bytes. */
export async function addMounts(app: FastifyInstance, mounts: readonly Mount[]): Promise<void> {
  await app.register((scope, _options, registered) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_BYTES_MAX }, (_request, body, done) => {
      done(null, body);
    });
    for (const { path, answer } of mounts) {
      scope.post(path, { bodyLimit: BODY_BYTES_MAX }, async (request, reply) => {
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const { status, type, body: text } = await answer({ headers: request.headers, body });
        reply.headers({ 'content-type': type, 'cache-control': 'no-store' });
        return reply.code(status).send(text);
      });
    }
    registered();
  });
}
