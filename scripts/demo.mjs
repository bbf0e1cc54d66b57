// `npm run demo`: the whole product on this machine, no cluster and no GPU.
import { taillight } from './taillight.mjs';

taillight(['demo', ...process.argv.slice(2)]);
