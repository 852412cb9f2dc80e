/** The seam that decides who may draw: asked before anything is stored, and by the picker for weights. */
import { AppError } from '../errors.ts';
import type { GenerationKind, Scope } from '../store/records.ts';
import { EQUAL_WEIGHTS, type Weights } from './picker.ts';

/** What is asked of the policy: pure data, the prompt's words included since filters read them. */
export type PolicyQuestion = {
  scope: Scope;
  kind: GenerationKind;
  prompts: readonly string[];
  model: string;
  /** Charged pictures; an upscale has none. */
  pictures: number;
  /** Generations of everyone that are not finished. */
  unfinished: number;
  /** Of this person. */
  unfinishedOfPerson: number;
  atMs: number;
};

export type Verdict = { allowed: true } | { allowed: false; refusal: AppError };

export type Policy = {
  readonly weights: Weights;
  check(question: PolicyQuestion): Promise<Verdict>;
};

export type OpenPolicyLimits = { unfinishedMax: number; unfinishedOfPersonMax: number };

/** Everybody may draw anything, as long as the queue has a bound. */
export function createOpenPolicy(limits: OpenPolicyLimits): Policy {
  return {
    weights: EQUAL_WEIGHTS,
    async check({ unfinished, unfinishedOfPerson }) {
      if (unfinishedOfPerson >= limits.unfinishedOfPersonMax) {
        return refuse(
          'LIMIT_WAITING',
          'You have as many pictures waiting as one person may. Wait for one, or cancel one.',
          {
            waiting: unfinishedOfPerson,
            waitingMax: limits.unfinishedOfPersonMax,
          },
        );
      }
      if (unfinished >= limits.unfinishedMax) {
        return refuse('QUEUE_FULL', 'The queue is full. Try again in a few minutes.', { waiting: unfinished });
      }
      return { allowed: true };
    },
  };
}

function refuse(code: 'LIMIT_WAITING' | 'QUEUE_FULL', message: string, details: Record<string, number>): Verdict {
  return { allowed: false, refusal: new AppError(code, message, { details }) };
}
