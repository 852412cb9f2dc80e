// The stories every adapter plays, in headless Chromium against the real server.

import { describe, it } from 'vitest';
import { playStories } from '../../contracts/stories.ts';
import { chromiumPath } from './browser.ts';
import { openStage } from './stage.ts';

if (chromiumPath === null)
  describe.skip('stories on the web (skipped: no Chromium on this machine)', () => it('skipped'));
else playStories('the web', openStage);
