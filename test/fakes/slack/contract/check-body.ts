/** Reads the body of a call by the schema of its method, as strictly as Slack's documentation and a little more: unknown fields are refused. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { ProtocolRequest } from '../../protocol/request.ts';
import { type Problem, refuseBody, SlackRefusal } from '../refusal.ts';
import type { BlockJson, ViewJson } from '../world.ts';
import { blockProblems, viewProblems } from './limits.ts';

type Schema = { properties?: Record<string, { type?: string }>; $ref?: string };

const SCHEMAS: { definitions: Record<string, Schema> } = JSON.parse(
  readFileSync(join(packageRoot(), 'test/contracts/schemas/slack.json'), 'utf8'),
);
const ajv = new Ajv({ allErrors: true, strict: false, schemas: { slack: SCHEMAS } });
const validators = new Map<string, ValidateFunction>();

export type Args = Readonly<Record<string, unknown>>;

/** Sent with every call by clients that know the workspace. */
const EVERYWHERE = ['token', 'team_id'];

/**
 * The arguments of a Web API call, from its form or its JSON.
 * @param body a name of `bodies.ts`
 * @throws {SlackRefusal} with the code of what is wrong first: text, blocks, the view, the rest
 */
export function readArgs(body: string, { json, fields, problem }: ProtocolRequest): Args {
  if (problem !== null) throw new SlackRefusal('invalid_json', {}, true);
  const given = json === undefined ? decodeForm(body, fields) : json;
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new SlackRefusal('json_not_object', {}, true);
  const args = Object.fromEntries(Object.entries(given).filter(([name]) => !EVERYWHERE.includes(name)));
  checkBody(body, args);
  return args;
}

/** @throws {SlackRefusal} when it breaks the schema, or a limit of what is in it */
export function checkBody(body: string, value: Args): void {
  const problems: Problem[] = [...schemaProblems(body, value)];
  if (problems.length === 0) {
    if (Array.isArray(value['blocks'])) problems.push(...blockProblems(value['blocks'] as BlockJson[], '/blocks', 50));
    if (value['view'] !== undefined) problems.push(...viewProblems(value['view'] as ViewJson, '/view'));
  }
  const [first] = problems;
  if (first !== undefined) throw refuseBody(codeOf(first.place), problems);
}

function codeOf(place: string): string {
  if (place.startsWith('/blocks')) return 'invalid_blocks';
  if (place.startsWith('/attachments')) return 'invalid_attachments';
  if (place.startsWith('/metadata')) return 'invalid_metadata_format';
  return 'invalid_arguments';
}

function schemaProblems(body: string, value: unknown): readonly Problem[] {
  let validate = validators.get(body);
  if (validate === undefined) {
    validate = ajv.compile({ $ref: `slack#/definitions/${body}` });
    validators.set(body, validate);
  }
  const isValid: boolean = validate(value);
  if (isValid) return [];
  return (validate.errors ?? []).filter(({ keyword }) => !['if', 'anyOf', 'allOf'].includes(keyword)).map(toProblem);
}

function toProblem({ instancePath, keyword, params, message }: ErrorObject): Problem {
  if (keyword === 'additionalProperties')
    return { place: `${instancePath}/${params['additionalProperty']}`, text: 'no more items allowed: unknown field' };
  if (keyword === 'required')
    return { place: instancePath, text: `missing required field: ${params['missingProperty']}` };
  return { place: instancePath, text: message ?? keyword };
}

/** Also from dist/, where benches run. */
function packageRoot(folder = dirname(fileURLToPath(import.meta.url))): string {
  return existsSync(join(folder, 'package.json')) ? folder : packageRoot(dirname(folder));
}

/** A form's fields are text: what the schema says is more is read as JSON. */
function decodeForm(body: string, fields: Readonly<Record<string, string>>): Args {
  const properties = SCHEMAS.definitions[body]?.properties ?? {};
  const decoded = Object.entries(fields).map(([name, text]) => {
    const isText = properties[name] === undefined || properties[name].type === 'string';
    return [name, isText ? text : readJson(name, text)];
  });
  return Object.fromEntries(decoded);
}

function readJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SlackRefusal(name === 'blocks' ? 'invalid_blocks_format' : 'invalid_arguments', {}, true);
  }
}
