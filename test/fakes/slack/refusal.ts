/** What Slack answers instead of doing it: 200, `ok: false` and the name of what is wrong. */
export class SlackRefusal extends Error {
  readonly code: string;
  readonly extra: Readonly<Record<string, unknown>>;
  /** A client that keeps to the documentation is never told this. */
  readonly isViolation: boolean;

  constructor(code: string, extra: Readonly<Record<string, unknown>> = {}, isViolation = false) {
    super(code);
    this.code = code;
    this.extra = extra;
    this.isViolation = isViolation;
  }
}

/** Something in the body that is not as documented, in Slack's words and by its place. */
export type Problem = { place: string; text: string };

/** @param code such as `invalid_blocks` */
export function refuseBody(code: string, problems: readonly Problem[]): SlackRefusal {
  const texts = problems.map(({ place, text }) => `${text} [json-pointer:${place}]`);
  return new SlackRefusal(
    code,
    { errors: texts, response_metadata: { messages: texts.map((text) => `[ERROR] ${text}`) } },
    true,
  );
}
