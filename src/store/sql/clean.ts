/** What PostgreSQL cannot hold in a text (U+0000, half a surrogate pair) leaves it here, whoever typed it. */
import type { Json, JsonObject } from '../records.ts';

export function cleanText(text: string): string {
  // Not `toWellFormed`: Node 20 has it, the ES2023 library types do not.
  return text.replaceAll('\0', '').replaceAll(/\p{Surrogate}/gu, '\ufffd');
}

export function cleanJson(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [cleanText(key), cleanValue(item)]));
}

function cleanValue(value: Json): Json {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return (value as readonly Json[]).map(cleanValue);
  return value !== null && typeof value === 'object' ? cleanJson(value as JsonObject) : value;
}
