// Builds versitygw, an S3 server over a folder, into .heliocube/s3: some two minutes, once. It is optional: tests of lakes with
// data in a bucket run against it and are skipped without it. The exact version is pinned here; it is no dependency of the package.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { command, fail, step } from './steps.mjs';

const VERSION = 'v1.8.0';
const folder = '.heliocube/s3';

if (spawnSync('go', ['version']).status !== 0) {
  fail('no go here: the S3 server for tests cannot be built', 'install Go 1.24 or newer, then run this again');
}
step('S3 server', `versitygw ${VERSION}`, `${folder}/versitygw`, () => {
  mkdirSync(folder, { recursive: true });
  process.env.GOBIN = resolve(folder);
  const code = command('go', ['install', `github.com/versity/versitygw/cmd/versitygw@${VERSION}`]);
  return code === 0 ? true : fail('versitygw does not build', 'see the messages above');
});
