// The stories every adapter plays, through the real discord.js against Discord's protocol.

import { playStories } from '../../contracts/stories.ts';
import { openStage } from './stage.ts';

playStories('Discord', openStage);
