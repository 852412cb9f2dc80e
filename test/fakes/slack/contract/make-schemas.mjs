// Makes test/contracts/schemas/slack.json from Slack's types: `node test/fakes/slack/contract/make-schemas.mjs`.
// A body becomes one closed object (not the many that its unions multiply to), a block is known by its type (`Block`, which
// allows anything, is taken out), so that what is refused is named by its place.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createGenerator } from 'ts-json-schema-generator';

const SOURCE = fileURLToPath(new URL('bodies.ts', import.meta.url));
const TARGET = fileURLToPath(new URL('../../../contracts/schemas/slack.json', import.meta.url));
const TSCONFIG = fileURLToPath(new URL('../../../../tsconfig.json', import.meta.url));
const REF = '#/definitions/';
/** These are one of several shapes, told apart by a field; all other bodies are one object. */
const CHOICES = ['ViewResponse'];

/** @returns the text of the schema file */
export function makeSchemas() {
  const generator = createGenerator({
    path: SOURCE,
    tsconfig: TSCONFIG,
    skipTypeCheck: true,
    additionalProperties: false,
    jsDoc: 'none',
    expose: 'export',
    topRef: false,
    encodeRefs: false,
  });
  const bodies = {};
  const definitions = {};
  for (const [, name] of readFileSync(SOURCE, 'utf8').matchAll(/^export type (\w+)/gmu)) {
    const schema = generator.createSchema(name);
    Object.assign(definitions, schema.definitions);
    bodies[name] = CHOICES.includes(name) ? { $ref: schema.$ref } : flatten(schema, schema.definitions);
  }
  for (const [name, body] of Object.entries(bodies)) definitions[name] = body;
  const all = Object.fromEntries(
    Object.entries(definitions).map(([name, schema]) => [name, simplify(schema, definitions)]),
  );
  const used = reachable(Object.keys(bodies), all);
  const lines = [...used].sort().map((name) => `${JSON.stringify(name)}: ${JSON.stringify(all[name])}`);
  return `{"definitions": {\n${lines.join(',\n')}\n}}\n`;
}

/** One object of all the properties that some alternative has; required is what all of them require. */
function flatten(schema, definitions) {
  const objects = alternatives(schema, definitions);
  const properties = {};
  for (const each of objects) {
    for (const [name, property] of Object.entries(each.properties ?? {})) {
      if (property.not !== undefined) continue;
      const known = properties[name] ?? [];
      if (!known.some((other) => same(other, property))) properties[name] = [...known, property];
    }
  }
  const required = (objects[0]?.required ?? []).filter((name) =>
    objects.every((each) => each.required?.includes(name)),
  );
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(properties).map(([name, found]) => [name, oneOf(found)])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

function alternatives(schema, definitions) {
  return leaves(schema, definitions).map(({ shape }) => shape);
}

/** The objects that a union comes down to, each with the last name it goes by. */
function leaves(schema, definitions, name = null) {
  if (schema.$ref !== undefined) return leaves(definitions[schema.$ref.slice(REF.length)], definitions, schema.$ref);
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap((each) => leaves(each, definitions, name));
  return schema.type === 'object' ? [{ name, shape: schema }] : [];
}

function oneOf(schemas) {
  const booleans = schemas.every((each) => each.type === 'boolean');
  if (booleans) return { type: 'boolean' };
  return schemas.length === 1 ? schemas[0] : { anyOf: schemas };
}

function simplify(schema, definitions) {
  if (Array.isArray(schema)) return schema.map((each) => simplify(each, definitions));
  if (schema === null || typeof schema !== 'object') return schema;
  if (schema.anyOf !== undefined) {
    const { anyOf, ...rest } = schema;
    const known = anyOf.filter((each) => each.$ref !== `${REF}Block`);
    const choice = known.length === 1 ? known[0] : (byType(known, definitions) ?? { anyOf: known });
    return simplifyEach({ ...rest, ...choice }, definitions);
  }
  return simplifyEach(schema, definitions);
}

function simplifyEach(schema, definitions) {
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, simplify(value, definitions)]));
}

/** An object that names its type, and is then held to the shapes of that type alone. */
function byType(schemas, definitions) {
  const shapes = new Map();
  for (const { name, shape } of schemas.flatMap((each) => leaves(each, definitions))) {
    const type = shape.properties?.type?.const;
    if (type === undefined) return null;
    shapes.set(type, [...(shapes.get(type) ?? []), name === null ? shape : { $ref: name }]);
  }
  if (shapes.size < 2) return null;
  return {
    type: 'object',
    required: ['type'],
    properties: { type: { enum: [...shapes.keys()] } },
    allOf: [...shapes].map(([type, found]) => ({
      if: { properties: { type: { const: type } }, required: ['type'] },
      // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
      then: found.every((each) => same(each, found[0])) ? found[0] : { anyOf: found },
    })),
  };
}

function reachable(names, definitions) {
  const found = new Set();
  const visit = (name) => {
    if (found.has(name)) return;
    found.add(name);
    for (const [, next] of JSON.stringify(definitions[name]).matchAll(/"#\/definitions\/([^"]+)"/gu)) visit(next);
  };
  for (const name of names) visit(name);
  return found;
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(TARGET, makeSchemas());
