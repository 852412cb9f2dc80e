/** Every method that the server knows. */
import { CHAT } from './chat.ts';
import { CONVERSATIONS } from './conversations.ts';
import { FILES } from './files.ts';
import type { Method } from './method.ts';
import { PEOPLE } from './people.ts';
import { VIEWS } from './views.ts';

export const METHODS: Readonly<Record<string, Method>> = { ...CHAT, ...CONVERSATIONS, ...FILES, ...PEOPLE, ...VIEWS };
