/** What a limit is about, as people say it: "pictures per day each", "at once", "每天". */
import type { LimitKind, SharedBy } from './commands.ts';

const SPOKEN: readonly (readonly [what: LimitKind, said: RegExp])[] = [
  ['cooldown', /\b(?:cooldown|cool-down|apart|between|wait)\b|冷却|间隔/u],
  ['running', /\b(?:running|at once|at a time|drawn at once)\b|同时/u],
  ['waiting', /\b(?:waiting|queued|in the queue)\b|排队/u],
  ['request', /\brequest\b|每次/u],
  ['prompts', /\b(?:prompts|permutations)\b|描述/u],
  ['weight', /\b(?:weight|share)\b|权重/u],
  ['gpu-day', /\b(?:gpu|seconds)\b.*\b(?:day|daily|today)\b|GPU.*[天日]/iu],
  ['gpu-month', /\b(?:gpu|seconds)\b.*\b(?:month|monthly)\b|GPU.*月/iu],
  ['pictures-minute', /\b(?:minute|minutely)\b|分钟/u],
  ['pictures-hour', /\b(?:hour|hourly)\b|小时/u],
  ['pictures-day', /\b(?:day|daily|today)\b|[天日]/u],
  ['pictures-week', /\b(?:week|weekly)\b|[周星]/u],
  ['pictures-month', /\b(?:month|monthly)\b|月/u],
];
const PER: readonly (readonly [per: SharedBy, said: RegExp])[] = [
  ['everyone', /\b(?:together|everyone|everybody|altogether|in all|server|workspace)\b|一起|合计|全体/u],
  ['channel', /\b(?:per|each) channel\b|每个频道/u],
  ['each', /\b(?:each|everyone each|person|member|user)\b|每人/u],
];
/** Words that may stand beside what was said without saying more. */
const FILLERS =
  /^(?:a|an|the|per|for|to|in|of|each|at|most|more|max|limit|pictures?|images?|seconds?|gpu|gpu-seconds?|of gpu|and|every|those|who|have|张|图|秒|给|每)$/iu;

/** @returns null when nothing of it is a limit */
export function readLimitWords(words: readonly string[]): { what: LimitKind; per: SharedBy | null } | null {
  const said = words.join(' ').toLowerCase();
  const what = SPOKEN.find(([, pattern]) => pattern.test(said));
  if (what === undefined) return null;
  const per = PER.find(([, pattern]) => pattern.test(said)) ?? null;
  const known = [what[1], ...(per === null ? [] : [per[1]])];
  const isUnderstood = (word: string) =>
    FILLERS.test(word) ||
    known.some((pattern) => pattern.test(word)) ||
    [...SPOKEN, ...PER].some(([, pattern]) => pattern.test(word)) ||
    /^(?:queue|once|time|requests?|all)$/iu.test(word);
  return words.every((word) => isUnderstood(word.toLowerCase())) ? { what: what[0], per: per?.[0] ?? null } : null;
}
