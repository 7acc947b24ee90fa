// The same command for npm scripts and for systems without a bundled Node: sets up, finds a Node that runs TypeScript
// sources, and becomes the CLI. Plain JavaScript for Node 20; notices go to stderr.

import { becomeNode } from '../scripts/node.mjs';

becomeNode('src/cli/main.ts', process.argv.slice(2));
