import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCube } from '../../src/build/build-cube.js';
import { parseSpec } from '../../src/cube/parse-spec.js';
import { queryLake } from '../../src/lake/query.js';
import { makeSample } from '../../src/sample/make-sample.js';
import { pythonWithOracles } from '../python.js';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Fenced blocks of a language in a document. */
function blocks(text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter((match) => match[1] === language)
    .map((match) => match[2]!);
}

describe('README and docs', () => {
  let folder = '';
  let readme = '';

  /** The layout that the examples speak of, small, with both builds of `npm start`. */
  beforeAll(async () => {
    readme = await readFile(join(ROOT, 'README.md'), 'utf8');
    folder = await mkdtemp(join(tmpdir(), 'readme-'));
    for (const name of ['fixtures', 'node_modules']) await symlink(join(ROOT, name), join(folder, name));
    await makeSample(join(folder, 'out/sample/source'), { size: 128, labels: 12 });
    for (const name of ['multispectral', 'irradiance']) {
      const text = (await readFile(join(ROOT, `fixtures/sample/${name}.yaml`), 'utf8')).replaceAll(
        '../../out',
        join(folder, 'out'),
      );
      await buildCube({ spec: parseSpec(text), workers: 0 });
    }
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('the specification is one', () => {
    const [spec] = blocks(readme, 'yaml');
    expect(parseSpec(spec!).bands).toEqual(['blue', 'green', 'red', 'nir', 'scl']);
  });

  it('the API example runs', async () => {
    const [example] = blocks(readme, 'ts');
    const file = join(folder, 'example.mjs');
    const spec = (await readFile(join(ROOT, 'fixtures/sample/multispectral.yaml'), 'utf8')).replaceAll(
      '../../out',
      join(folder, 'out'),
    );
    await writeFile(join(folder, 'spec.yaml'), spec);
    const code = example!
      .replace("'heliocube'", JSON.stringify(join(ROOT, 'dist/index.js')))
      .replace('fixtures/sample/multispectral.yaml', 'spec.yaml');
    await writeFile(file, code);
    const run = spawnSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' });
    expect(run.stderr).toBe('');
    expect(run.stdout).toMatch(/^\d+ \[ 1, 128, 128 \] 12\n$/);
  });

  it('the SQL example answers', async () => {
    const [sql] = blocks(readme, 'sql');
    const { rows } = await queryLake(
      { catalog: join(folder, 'out/sample/lake.ducklake'), dataPath: join(folder, 'out/sample/lake/') },
      sql!,
    );
    expect(rows.map((row) => row[1])).toEqual(['ghi', 'blue', 'green', 'nir', 'red']);
  });

  it.skipIf(pythonWithOracles() === null)('the Python example prints a mean', () => {
    const [code] = blocks(readme, 'python');
    const run = spawnSync(pythonWithOracles()!, ['-c', code!], { cwd: folder, encoding: 'utf8' });
    expect(run.stdout, run.stderr).toMatch(/^\d+\.\d+/);
  });

  it('every command that is shown has these options', () => {
    const lines = readme.split('\n').filter((line) => line.startsWith('npx cube '));
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) {
      const [command] = line.slice('npx cube '.length).split(' ');
      const help = spawnSync(process.execPath, [join(ROOT, 'dist/cli/main.js'), command!, '--help'], {
        encoding: 'utf8',
      }).stdout;
      for (const option of line.replace(/#.*/, '').match(/ -{1,2}[a-z][\w-]*/g) ?? [])
        expect(help, line).toContain(option.trim());
    }
  });

  it('links lead somewhere', async () => {
    const documents = [
      'README.md',
      'CONTRIBUTING.md',
      ...(await readdir(join(ROOT, 'docs'))).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
    ];
    for (const name of documents) {
      const text = await readFile(join(ROOT, name), 'utf8');
      for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g))
        expect(existsSync(join(ROOT, dirname(name), target!)), `${name}: ${target}`).toBe(true);
    }
  });

  it('every dependency has its reason', async () => {
    const text = await readFile(join(ROOT, 'docs/dependencies.md'), 'utf8');
    const { dependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const named = [...text.matchAll(/^\| (\S+) \|/gm)]
      .map((match) => match[1]!)
      .filter((name) => name !== 'package' && name !== 'crate' && name !== '---');
    for (const name of Object.keys(dependencies)) expect(named).toContain(name);
    const cargo = await readFile(join(ROOT, 'native/core/Cargo.toml'), 'utf8');
    for (const [, name] of cargo.slice(cargo.indexOf('[dependencies]')).matchAll(/^([\w-]+) = /gm))
      expect(text).toContain(name);
  });
});
