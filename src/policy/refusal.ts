/** Refusals: which rule, what is left of the others, and when it passes. */
import { AppError } from '../errors.ts';
import type { ChainStep } from './decision.ts';
import type { LimitName } from './rules.ts';

/** From the step that refuses to the error that is told: its details hold all that words in any language need. */
export function toRefusal(step: ChainStep, chain: readonly ChainStep[], timeZone: string): AppError {
  const { rule, used, max, asked, passesAtMs } = step;
  const code = step.code ?? 'LIMIT_REACHED';
  if (rule === null) return new AppError(code, 'This is not drawn here.');
  const others = chain.flatMap((other) => {
    const left = leftOf(other);
    return other !== step && left !== null && left > 0 && other.rule !== null
      ? [{ limit: other.rule.limit, left }]
      : [];
  });
  return new AppError(code, sentence(rule.limit, rounded(used ?? 0), rounded(max ?? 0), rounded(asked ?? 0)), {
    details: {
      rule: rule.id,
      limit: rule.limit,
      scope: rule.scope.kind,
      countedPer: rule.countedPer,
      timeZone,
      ...(used === null ? {} : { used: rounded(used) }),
      ...(max === null ? {} : { max: rounded(max) }),
      ...(asked === null ? {} : { asked: rounded(asked) }),
      ...(used === null || max === null ? {} : { left: Math.max(0, rounded(max - used)) }),
      ...(passesAtMs === null ? {} : { passesAtMs }),
      ...(rule.limit === 'jobsWaiting' ? { waiting: used ?? 0, waitingMax: max ?? 0 } : {}),
      otherLimits: others.map(({ limit }) => limit),
      otherLeft: others.map(({ left }) => rounded(left)),
      otherChannels: [],
    },
  });
}

/** In English, without the rule and the time: views add them in every language. */
function sentence(limit: LimitName, used: number, max: number, asked: number): string {
  switch (limit) {
    case 'paused':
      return 'Drawing is paused by an admin. Try again later.';
    case 'blocked':
      return 'You may not draw here. An admin can tell you why.';
    case 'channels':
      return 'Pictures are not drawn in this channel.';
    case 'roles':
      return 'Drawing needs a role that you do not have here.';
    case 'buttons':
      return 'Here only its author may do this with a picture.';
    case 'models':
      return 'This model may not be used here.';
    case 'styles':
      return 'This style may not be used here.';
    case 'promptsPerRequest':
    case 'picturesPerRequest':
      return `That is too much for one request: ${asked} of at most ${max}.`;
    case 'quietHours':
      return 'These are quiet hours: nothing is drawn now.';
    case 'cooldownSeconds':
      return 'That was too soon after the last request. Wait a moment.';
    case 'jobsWaiting':
      return `There are ${used} requests waiting and ${max} is the most. Wait for one, or cancel one.`;
    default:
      return asked > max
        ? `This asks for ${asked}, and ${max} is the limit.`
        : `The limit is reached: ${used} of ${max} are used, and this asks for ${asked}.`;
  }
}

/** Of a limit that is counted and asked. */
function leftOf({ rule, outcome, used, max }: ChainStep): number | null {
  if (rule === null || rule.mode === 'shadow' || outcome !== 'passes' || used === null || max === null) return null;
  return max - used;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
