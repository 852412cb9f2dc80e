/** A method of the Web API: what it takes, what it needs, what it does. */
import type { Emit } from '../events.ts';
import type { World } from '../world.ts';

/** Calls a minute that are always allowed. https://docs.slack.dev/apis/web-api/rate-limits */
export type Tier = 1 | 2 | 3 | 4;

export type MethodContext = {
  world: World;
  emit: Emit;
  /** Where the next socket may connect, once. */
  newSocketUrl(): string;
};

export type Method = {
  /** The name of its body in `bodies.ts`. */
  body: string;
  /** 'special': far more than any app needs, or as `postMessage` says. */
  tier: Tier | 'special' | 'postMessage';
  /** One of these; 'app': the app-level token alone. */
  scopes: readonly string[] | 'app' | ((args: unknown, world: World) => readonly string[]);
  run(args: never, context: MethodContext): Readonly<Record<string, unknown>>;
};

/** Keeps the type of the arguments, which the schema has checked. */
export function method<A>(
  given: Omit<Method, 'run'> & { run(args: A, context: MethodContext): Readonly<Record<string, unknown>> },
): Method {
  return given as Method;
}
