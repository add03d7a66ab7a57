// Builds the Icechunk binding with cargo and copies it to native/icechunk.node (renamed into place, so that a running
// process keeps the file it has open). Cargo says what it compiles. Exit code 3: no cargo here.
import { spawnSync } from 'node:child_process';
import { copyFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const native = join(dirname(fileURLToPath(import.meta.url)), '..', 'native');
const crate = join(native, 'icechunk');
const name = 'heliocube_icechunk';
const library = { darwin: `lib${name}.dylib`, win32: `${name}.dll` }[process.platform] ?? `lib${name}.so`;

const build = spawnSync('cargo', ['build', '--release', '--locked'], { cwd: crate, stdio: ['ignore', 2, 2] });
if (build.error !== undefined) process.exit(3);
if (build.status !== 0) process.exit(1);
const target = join(native, 'icechunk.node');
copyFileSync(join(crate, 'target', 'release', library), `${target}.${process.pid}.tmp`);
renameSync(`${target}.${process.pid}.tmp`, target);
