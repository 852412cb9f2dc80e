/** What a protocol server is asked and what it says, whatever the platform. */
import type { IncomingHttpHeaders } from 'node:http';

export type UploadedFile = { field: string; name: string; mediaType: string; bytes: Buffer };

export type ProtocolRequest = {
  /** 1, 2, 3 in the order they came. */
  readonly number: number;
  readonly atMs: number;
  readonly method: string;
  /** Without the query, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** The body of an `application/json` request; undefined: there was none. */
  readonly json: unknown;
  /** The fields of a form, urlencoded or multipart. */
  readonly fields: Readonly<Record<string, string>>;
  readonly files: readonly UploadedFile[];
  /** Why the body could not be read, such as JSON that ends too early. */
  readonly problem: string | null;
};

export type ProtocolAnswer = {
  status: number;
  headers?: Readonly<Record<string, string>>;
  /** Bytes are sent as they are, undefined as an empty body, anything else as JSON. */
  body?: unknown;
};
