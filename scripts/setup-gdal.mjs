// Builds the npm package gdal-async against the system's GDAL, into .heliocube/gdal: some four minutes on two cores, once.
// It is optional: without it JPEG 2000, GRIB, HDF4, NetCDF classic and VRT files are refused by name. The exact version is
// pinned here and nowhere else; it is no dependency of the package.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { command, fail, say, step } from './steps.mjs';

const VERSION = '3.12.3';
const folder = '.heliocube/gdal';

const found = spawnSync('gdal-config', ['--version'], { encoding: 'utf8' });
if (found.status !== 0) {
  fail(
    'no gdal-config here: GDAL and its headers are not installed',
    'install them (Debian, Ubuntu: apt-get install libgdal-dev; Fedora: gdal-devel; Homebrew: gdal), then run this again',
  );
}
const gdal = found.stdout.trim();

step(
  'GDAL',
  `gdal-async ${VERSION}, GDAL ${gdal}, Node ${process.version}`,
  `${folder}/node_modules/gdal-async/lib/binding`,
  () => {
    say(
      `gdal-async ${VERSION} is compiled against GDAL ${gdal}: about four minutes on two cores; make names each file`,
    );
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    // Node's own headers where they are installed; node-gyp downloads them elsewhere.
    const prefix = dirname(dirname(realpathSync(process.execPath)));
    if (existsSync(join(prefix, 'include/node/node.h'))) process.env.npm_config_nodedir = prefix;
    process.env.npm_config_build_from_source = 'true';
    process.env.npm_config_shared_gdal = 'true';
    const quiet = ['--no-audit', '--no-fund', '--foreground-scripts'];
    const code = command('npm', ['install', '--prefix', folder, ...quiet, `gdal-async@${VERSION}`]);
    if (code === 0) return true;
    return fail('gdal-async does not build', 'see the messages above; a C++17 compiler, make and Python are needed');
  },
);
