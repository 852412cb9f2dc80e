/** @returns the text of `test/contracts/schemas/slack.json` as Slack's types make it now */
export function makeSchemas(): string;
