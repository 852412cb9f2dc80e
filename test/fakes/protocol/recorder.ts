/** What was asked of a protocol server, and what about it was against the protocol. */
import type { ProtocolAnswer, ProtocolRequest } from './request.ts';

export type Exchange = {
  request: ProtocolRequest;
  /** null: the connection ended without one. */
  answer: ProtocolAnswer | null;
  answeredAtMs: number;
};

export type Recorder = {
  readonly exchanges: readonly Exchange[];
  /** Whatever a client that keeps to the protocol never does; a test ends by expecting none. */
  readonly violations: readonly string[];
  add(exchange: Exchange): void;
  violation(text: string): void;
  /** Those of this method and path, as a fault names them. */
  of(method: string, isPath: (path: string) => boolean): readonly Exchange[];
  /** Takes the violations out, for a test that makes them. */
  takeViolations(): readonly string[];
};

export function createRecorder(): Recorder {
  const exchanges: Exchange[] = [];
  const violations: string[] = [];
  return {
    exchanges,
    violations,
    add: (exchange) => void exchanges.push(exchange),
    violation: (text) => void violations.push(text),
    of: (method, isPath) => exchanges.filter(({ request }) => request.method === method && isPath(request.path)),
    takeViolations: () => violations.splice(0),
  };
}
