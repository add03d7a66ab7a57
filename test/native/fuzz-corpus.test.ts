import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fuzzSeeds } from './fuzz-seeds.js';

const ROOT = join(import.meta.dirname, '..', '..');
const CORPUS = join(ROOT, 'fixtures', 'fuzz-corpus');
const FUZZ = join(ROOT, 'native', 'fuzz');
/** The corpus is checked out by everybody. */
const MOST_BYTES = 1 << 20;

/** `[name, rest of the line]` of the dependencies in a Cargo.toml. */
function dependenciesOf(path: string): Map<string, string> {
  const [, section = ''] = readFileSync(path, 'utf8').split('\n[dependencies]\n');
  const lines = section
    .split(/\n\[/)[0]!
    .split('\n')
    .filter((line) => line.includes('='));
  return new Map(lines.map((line) => [line.split(' = ')[0]!, line.slice(line.indexOf('=') + 1).trim()]));
}

const targets = [...readFileSync(join(FUZZ, 'Cargo.toml'), 'utf8').matchAll(/\[\[bin\]\]\nname = "(\w+)"/g)].map(
  (match) => match[1]!,
);

describe('the fuzzing corpus', () => {
  it.each(fuzzSeeds())('holds the seed $target/$name', ({ target, name, bytes }) => {
    const path = join(CORPUS, target, `seed-${name}`);
    if (process.env['HELIOCUBE_FUZZ_SEEDS'] === 'write' && !existsSync(path)) {
      mkdirSync(join(CORPUS, target), { recursive: true });
      writeFileSync(path, bytes);
    }
    expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
  });

  it('has a folder for every target, and no other', () => {
    expect(readdirSync(CORPUS).toSorted()).toEqual(targets.toSorted());
  });

  it('is small', () => {
    const files = readdirSync(CORPUS, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0)).toBeLessThan(
      MOST_BYTES,
    );
  });
});

describe('the fuzzing crate', () => {
  it('depends on what the addon depends on', () => {
    const addon = dependenciesOf(join(ROOT, 'native', 'core', 'Cargo.toml'));
    const fuzzed = dependenciesOf(join(FUZZ, 'core', 'Cargo.toml'));
    for (const shim of ['napi', 'napi-derive']) {
      expect(fuzzed.get(shim)).toContain(`shim/${shim}`);
      fuzzed.delete(shim);
      addon.delete(shim);
    }
    expect(fuzzed).toEqual(addon);
    expect(addon.size).toBeGreaterThan(5);
  });

  it('locks the versions that the addon locks', () => {
    const versions = (path: string) =>
      new Map(
        [...readFileSync(path, 'utf8').matchAll(/name = "([^"]+)"\nversion = "([^"]+)"\nsource/g)].map((m) => [
          m[1]!,
          m[2]!,
        ]),
      );
    const addon = versions(join(ROOT, 'native', 'Cargo.lock'));
    for (const [name, version] of versions(join(FUZZ, 'Cargo.lock')))
      if (addon.has(name)) expect(`${name} ${version}`).toBe(`${name} ${addon.get(name)}`);
  });

  it('has a target for every family of exports', () => {
    const sources = readdirSync(join(FUZZ, 'src', 'targets')).map((name) =>
      readFileSync(join(FUZZ, 'src', 'targets', name), 'utf8'),
    );
    const core = join(ROOT, 'native', 'core', 'src');
    const files = readdirSync(core).filter((name) => name.endsWith('.rs'));
    const exports = files.flatMap((name) =>
      [...readFileSync(join(core, name), 'utf8').matchAll(/#\[napi\((?!object)[^\]]*\][^{]*?pub fn (\w+)\(\s*\w/g)].map(
        (m) => m[1]!,
      ),
    );
    expect(exports.length).toBeGreaterThan(10);
    for (const name of exports)
      expect(
        sources.some((source) => source.includes(`${name}(`)),
        name,
      ).toBe(true);
  });
});
