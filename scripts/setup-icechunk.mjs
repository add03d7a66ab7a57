// Builds the Icechunk binding (native/icechunk), minutes the first time; skipped when nothing changed since. The rest of
// heliocube does without it.
import { command, fail, fingerprint, say, step } from './steps.mjs';

step('Icechunk binding', fingerprint('native/icechunk'), 'native/icechunk.node', () => {
  say('the first build compiles some 300 crates: about eight minutes on two cores; cargo names each');
  const code = command(process.execPath, ['scripts/build-icechunk.mjs']);
  if (code === 0) return true;
  if (code === 3) fail('no cargo here', 'install Rust 1.95 or newer (rustup.rs), then run this again');
  return fail(
    'the Icechunk binding does not compile',
    'see the messages of cargo above; Rust 1.95 or newer and a C compiler are needed',
  );
});
