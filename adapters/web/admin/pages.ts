// Where the admin page is: it finds its view and the secret of a link in the address.

import { ADMIN_PATH } from '../../../src/index.ts';

export const ADMIN_PAGES = [ADMIN_PATH, `${ADMIN_PATH}/:view`, `${ADMIN_PATH}/link/:secret`] as const;
