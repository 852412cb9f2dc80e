/** Platforms that are no chat. */

/** Requests that come from a terminal. */
export const TERMINAL_PLATFORM = 'terminal';
/** Its only place. */
export const TERMINAL_TENANT = 'local';
