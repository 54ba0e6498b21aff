import { join, resolve } from 'node:path';
import { checkoutRoot } from './checkout.js';

/** What `npm start` keeps between runs. */
export const startDataDir = () => resolve(process.env.NX_DATA_DIR ?? join(checkoutRoot(), '.data'));
