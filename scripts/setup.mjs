// Makes a fresh checkout ready: packages, addon, compiled JavaScript, DuckDB extensions. Needs nothing but Node. Each
// step is skipped when its inputs have not changed since it last succeeded.
import { command, fail, fingerprint, say, step } from './steps.mjs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Node ${process.versions.node} is too old`, 'install Node 20.19 or newer');
}

step('packages', fingerprint('package.json', 'package-lock.json'), 'node_modules/.package-lock.json', () => {
  const code = command('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (code !== 0) fail('npm ci failed', 'check that the npm registry is reached (npm ping), then run it again');
});

step('native addon', fingerprint('native/core', 'native/Cargo.toml', 'native/Cargo.lock'), 'native/core.node', () => {
  const code = command(process.execPath, ['scripts/build-native.mjs']);
  if (code === 0) return true;
  if (code !== 3)
    fail(
      'the native addon does not compile',
      'see the messages of cargo above; Rust 1.88 or newer and a C compiler are needed',
    );
  say(
    'no cargo here: the TypeScript twins run instead, slower. Install Rust (rustup.rs) and run this again for the addon',
  );
  return false;
});

step(
  'compile',
  fingerprint('src', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json', 'scripts/bundle.mjs'),
  'dist/index.js',
  () => {
    const code = command(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
    if (code !== 0) fail('TypeScript does not compile', 'see the messages above');
    if (command(process.execPath, ['scripts/bundle.mjs']) !== 0) fail('no bundle', 'see the messages above');
  },
);

const extensions = ['ducklake', 'spatial'];
if (command(process.execPath, ['scripts/duckdb-extensions.mjs', ...extensions]) !== 0) {
  fail('DuckDB extensions are missing', 'see the messages above');
}
