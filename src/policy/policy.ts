/** The seam that decides who may draw: what is known beforehand, what the accepting transaction must count, and what it comes to. */
import type { Counted, Reservation } from '../store/limit-records.ts';
import type { GenerationKind, Scope } from '../store/records.ts';
import type { Decision } from './decision.ts';
import type { Weights } from './picker.ts';

/** What is asked of the policy: pure data, the prompt's words included since filters read them. */
export type PolicyQuestion = {
  scope: Scope;
  kind: GenerationKind;
  prompts: readonly string[];
  model: string;
  /** Of the generations that name one. */
  styles: readonly string[];
  /** Charged pictures of all generations; an upscale has none. */
  pictures: number;
  /** Generations. */
  jobs: number;
  /** What somebody pressed on a picture; null: a request of its own. */
  press: Press | null;
  /** Of the person; null: the tenant's. */
  timeZone: string | null;
  atMs: number;
};

export type Press = { byAuthor: boolean; mayModerate(): Promise<boolean> };

export type Prepared = {
  /** For the transaction that accepts. */
  reservation: Reservation;
  /** @param counted what the transaction counted, by check; null: nothing is counted yet, so only what needs no counting is asked */
  decide(counted: readonly Counted[] | null): Decision;
};

export type Policy = {
  readonly weights: Weights;
  prepare(question: PolicyQuestion): Promise<Prepared>;
  /** Completes a refusal by what is left elsewhere, counts it, and keeps it as the person's last. */
  refused(question: PolicyQuestion, decision: Decision): Promise<Decision>;
  /** Counts what shadow rules would have refused. */
  shadowed(question: PolicyQuestion, decision: Decision): Promise<void>;
};
