/** Reads the body of a request, whatever its kind: JSON, a form, a form with files, plain bytes. */
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import busboy from 'busboy';
import type { ProtocolRequest, UploadedFile } from './request.ts';

type Body = Pick<ProtocolRequest, 'bytes' | 'json' | 'fields' | 'files' | 'problem'>;

export async function readBody(message: IncomingMessage): Promise<Body> {
  const bytes = await buffer(message);
  const empty: Body = { bytes, json: undefined, fields: {}, files: [], problem: null };
  const mediaType = (message.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (bytes.length === 0) return empty;
  try {
    if (mediaType === 'application/json') return { ...empty, json: JSON.parse(bytes.toString('utf8')) };
    if (mediaType === 'application/x-www-form-urlencoded')
      return { ...empty, fields: Object.fromEntries(new URLSearchParams(bytes.toString('utf8'))) };
    if (mediaType === 'multipart/form-data') return { ...empty, ...(await readMultipart(message, bytes)) };
    return empty;
  } catch (error) {
    return { ...empty, problem: error instanceof Error ? error.message : String(error) };
  }
}

function readMultipart({ headers }: IncomingMessage, bytes: Buffer): Promise<Pick<Body, 'fields' | 'files'>> {
  return new Promise((resolve, reject) => {
    const fields: Record<string, string> = {};
    const files: UploadedFile[] = [];
    const parser = busboy({ headers, limits: { fieldSize: 1_000_000 } });
    parser.on('field', (name, value) => {
      fields[name] = value;
    });
    parser.on('file', (field, stream, { filename, mimeType }) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () =>
        files.push({ field, name: filename ?? '', mediaType: mimeType, bytes: Buffer.concat(chunks) }),
      );
    });
    parser.on('close', () => resolve({ fields, files }));
    parser.on('error', reject);
    parser.end(bytes);
  });
}
