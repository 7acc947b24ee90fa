// `npm run -s bench -- <name> --json`: sets up, becomes Node 24, and runs bench/<name>.ts.
// Plain JavaScript for Node 20. What a benchmark is and how its result is printed: bench/main.ts.

import { becomeNode } from './node.mjs';

becomeNode('bench/main.ts', process.argv.slice(2));
