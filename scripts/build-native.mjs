// Builds the addon with cargo and copies it to native/core.node (renamed into place, so that a running process keeps
// the file it has open). Exit code 3: no cargo here.
import { spawnSync } from 'node:child_process';
import { copyFileSync, renameSync } from 'node:fs';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const native = join(dirname(fileURLToPath(import.meta.url)), '..', 'native');
const library =
  { darwin: 'libheliocube_core.dylib', win32: 'heliocube_core.dll' }[process.platform] ?? 'libheliocube_core.so';

const build = spawnSync('cargo', ['build', '--release', '--locked'], { cwd: native, stdio: ['ignore', 2, 2] });
if (build.error !== undefined) process.exit(3);
if (build.status !== 0) process.exit(1);
const target = join(native, 'core.node');
copyFileSync(join(native, 'target', 'release', library), `${target}.${process.pid}.tmp`);
renameSync(`${target}.${process.pid}.tmp`, target);
