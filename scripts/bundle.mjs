// Bundles the command and the worker into few files, over what tsc made of them: to load some 300 modules, our own and those of
// packages, takes 0.3 s at each start and in each worker. The library keeps its modules.
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** These look for files of their own beside their modules: addons, WebAssembly, workers. */
const apart = ['@duckdb/node-api', '@bokuweb/zstd-wasm', 'geotiff', 'lerc', 'minijinja-js', 'piscina'];

rmSync(join(root, 'dist', 'bundle'), { recursive: true, force: true });
const bundle = await rolldown({
  cwd: root,
  // Files lie as deep as modules in dist/: paths relative to them hold.
  input: { 'cli/main': 'src/cli/main.ts', 'workers/cube.worker': 'src/workers/cube.worker.ts' },
  platform: 'node',
  external: apart,
  resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
});
await bundle.write({
  dir: join(root, 'dist'),
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'bundle/[name]-[hash].js',
});
await bundle.close();
