import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// What Node makes of the sources is kept beside them from one start to the next, which halves a start. Whoever can
// write there can change the sources themselves; where nobody can, nothing is kept.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/samsyn', import.meta.url)));

const { main } = await import('./serve.ts');
await main();
