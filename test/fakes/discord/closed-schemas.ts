/**
 * Discord's published schemas with every object closed, so that a field Discord doesn't know fails.
 *
 * `setStrictObject(true)` of discord-api-spec only reaches schemas made after it, and its own are made while it loads: they
 * are made again here, closed.
 */
import * as spec from 'discord-api-spec/zod';
import * as z from 'zod/mini';
import type { $ZodType } from 'zod/v4/core';

export type SchemaName = keyof typeof spec;

const SCHEMAS: Readonly<Record<SchemaName, $ZodType>> = spec;

/** The parts of a schema that hold others, whatever its kind. */
type Def = {
  type: string;
  shape?: Record<string, $ZodType>;
  catchall?: $ZodType;
  getter?: () => $ZodType;
  options?: readonly $ZodType[];
  [part: string]: unknown;
};
type Constructor = new (def: Def) => $ZodType;

const { localeError } = z.locales.en();
const closed = new Map<$ZodType, $ZodType>();

export function closedSchema(name: SchemaName): $ZodType {
  return close(SCHEMAS[name]);
}

/** What is wrong with a value, one line each, in the words of Discord's own form errors; nothing: it is as Discord says. */
export function problemsOf(schema: $ZodType, value: unknown): readonly string[] {
  const { error } = z.safeParse(schema, value, { error: localeError });
  return error === undefined ? [] : flatten(error.issues, '');
}

function close(schema: $ZodType): $ZodType {
  const known = closed.get(schema);
  if (known !== undefined) return known;
  // Schemas hold each other in circles: what is being closed is already known, by a door that opens later.
  let made: $ZodType | undefined;
  closed.set(
    schema,
    z.lazy(() => made ?? schema),
  );
  made = remake(schema);
  closed.set(schema, made);
  return made;
}

function remake(schema: $ZodType): $ZodType {
  const def = schema._zod.def as unknown as Def;
  const Kind = schema._zod.constr as unknown as Constructor;
  const again = (parts: Partial<Def>) => new Kind({ ...def, ...parts });
  switch (def.type) {
    case 'object': {
      const shape = Object.fromEntries(Object.entries(def.shape ?? {}).map(([key, part]) => [key, close(part)]));
      return again({ shape, catchall: def.catchall ?? z.never() });
    }
    case 'lazy': {
      const getter = def.getter;
      return getter === undefined ? schema : z.lazy(() => close(getter()));
    }
    case 'union':
      return again({ options: (def.options ?? []).map(close) });
    case 'intersection':
      return again({ left: close(def['left'] as $ZodType), right: close(def['right'] as $ZodType) });
    case 'array':
      return again({ element: close(def['element'] as $ZodType) });
    case 'record':
      return again({ valueType: close(def['valueType'] as $ZodType) });
    case 'nullable':
    case 'optional':
      return again({ innerType: close(def['innerType'] as $ZodType) });
    default:
      return schema;
  }
}

type Issue = {
  code?: string | undefined;
  path: readonly PropertyKey[];
  message: string;
  keys?: readonly string[];
  errors?: readonly (readonly Issue[])[];
};

function flatten(issues: readonly unknown[], before: string): readonly string[] {
  return (issues as readonly Issue[]).flatMap((issue) => {
    const path = [before, ...issue.path.map(String)].filter((part) => part !== '').join('.');
    if (issue.code === 'unrecognized_keys') return [`${path || 'body'}: unknown ${issue.keys?.join(', ')}`];
    // Of the kinds that a value may be, the one that it comes nearest to tells most.
    const nearest = [...(issue.errors ?? [])].sort((one, other) => depthOf(other) - depthOf(one))[0];
    if (nearest !== undefined && nearest.length > 0) return flatten(nearest, path);
    return [`${path || 'body'}: ${issue.message}`];
  });
}

/** How far into a value the first complaint lies; one about its `type` means that it is another kind altogether. */
function depthOf(issues: readonly Issue[]): number {
  const isOther = issues.some(({ path }) => path.length === 1 && path[0] === 'type');
  return isOther ? -1 : Math.max(0, ...issues.map(({ path }) => path.length));
}
