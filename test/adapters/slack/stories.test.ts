// The stories every adapter plays, through the real Bolt against a strict server.

import { playStories } from '../../contracts/stories.ts';
import { openSlackStage } from './stage.ts';

playStories('Slack', openSlackStage);
