import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCube } from '../../src/build/build-cube.js';
import { parseSpec } from '../../src/cube/parse-spec.js';
import { specSchema } from '../../src/cube/spec.js';
import { openDuckDb } from '../../src/duckdb/connection.js';
import { queryLake } from '../../src/lake/query.js';
import { makeSample } from '../../src/sample/make-sample.js';
import { makeSampleLake } from '../ingest/export/sample-lake.js';
import { icechunkAbsent } from '../native/icechunk-store.js';
import { pythonWithOracles } from '../python.js';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const CLI = join(ROOT, 'dist/cli/main.js');
/** What the fences of the documents may say; each is run below, but for `text` and the shell lines that are not `cube`. */
const LANGUAGES = ['python', 'sh', 'sql', 'text', 'ts', 'yaml'];
const COOKBOOK = 'docs/cookbook.md';
const BANDS_BY_RUN = ['ghi', 'blue', 'green', 'nir', 'red'];

type Block = { readonly language: string; readonly text: string };

/** Fenced blocks of a document, in order. */
function blocksOf(document: string): Block[] {
  const fences = document.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm);
  return Array.from(fences, (match) => ({ language: match[1]!, text: match[2]! }));
}

/** The lines of a shell block that run our command, without comments. */
function cubeLines(blocks: readonly Block[]): string[] {
  return blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => line.startsWith('npx cube '))
    .map((line) => line.replace(/ +#.*/, ''));
}

async function documents(): Promise<{ name: string; text: string }[]> {
  const docs = (await readdir(join(ROOT, 'docs'))).map((name) => `docs/${name}`);
  const names = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'fixtures/README.md', ...docs];
  const pages = names.filter((name) => name.endsWith('.md'));
  return Promise.all(pages.map(async (name) => ({ name, text: await readFile(join(ROOT, name), 'utf8') })));
}

describe('the examples of the README', () => {
  const blocks = blocksOf(readFileSync(join(ROOT, 'README.md'), 'utf8'));
  const texts = (language: string) => blocks.filter((block) => block.language === language).map(({ text }) => text);
  let folder = '';

  /** A checkout as `npm start` leaves it, with a smaller sample. */
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'readme-'));
    await cp(join(ROOT, 'fixtures'), join(folder, 'fixtures'), { recursive: true });
    await cp(join(ROOT, 'manifests'), join(folder, 'manifests'), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
    await makeSample(join(folder, 'out/sample/source'), { size: 128, labels: 12 });
    for (const name of ['multispectral', 'irradiance'])
      await buildCube({ spec: join(folder, `fixtures/sample/${name}.yaml`), workers: 0 });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('the specification is one, and shows every key', () => {
    const [spec] = texts('yaml');
    expect(parseSpec(spec!).bands).toEqual(['blue', 'green', 'red', 'nir', 'scl']);
    for (const key of Object.keys(specSchema.shape)) expect(spec).toMatch(new RegExp(`^${key}:`, 'm'));
  });

  it('the API example runs', async () => {
    const [example] = texts('ts');
    const file = join(folder, 'example.mjs');
    await writeFile(file, example!.replace("'heliocube'", JSON.stringify(join(ROOT, 'dist/index.js'))));
    const run = spawnSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' });
    expect(run.stdout, run.stderr).toMatch(/^\d+ \[ 1, 128, 128 \] 4 12\n$/);
  });

  it('every command leaves with 0', () => {
    const lines = cubeLines(blocks);
    expect([...new Set(lines.map((line) => line.split(' ')[2]))].sort()).toEqual(
      [
        'build',
        'cache',
        'card',
        'doctor',
        'enrich',
        'export',
        'flow',
        'import',
        'ingest',
        'inspect',
        'lake',
        'models',
        'read',
        'refs',
        'search',
        'stac',
        'stats',
        'versions',
      ].sort(),
    );
    const possible = lines.filter((line) => icechunkAbsent === null || !line.includes('.icechunk'));
    for (const line of possible) {
      const run = spawnSync(process.execPath, [CLI, ...line.split(' ').slice(2)], { cwd: folder, encoding: 'utf8' });
      expect(run.status, `${line}\n${run.stderr}`).toBe(0);
      expect(run.stdout + run.stderr, line).not.toBe('');
    }
    for (const file of ['chip.npy', 'reason.npy', 'nir.csv', 'mine/lake.ducklake', 'CARD.md', 'CARD-map.svg'])
      expect(existsSync(join(folder, 'out', file)), file).toBe(true);
  });

  it('the SQL example answers', async () => {
    const [sql] = texts('sql');
    const statements = sql!.replaceAll('out/sample/', join(folder, 'out/sample/')).split(';\n').filter(Boolean);
    const question = statements.pop()!;
    const database = await openDuckDb({ extensions: ['ducklake', 'spatial'] });
    try {
      for (const statement of statements.filter((text) => !text.startsWith('LOAD '))) await database.run(statement);
      expect((await database.all(question)).map((row) => row['band'])).toEqual(BANDS_BY_RUN);
    } finally {
      await database.close();
    }
    const lake = { catalog: join(folder, 'out/sample/lake.ducklake'), dataPath: join(folder, 'out/sample/lake/') };
    expect((await queryLake(lake, question)).rows.map((row) => row[1])).toEqual(BANDS_BY_RUN);
  });

  it('every table of the lake and every array of a cube is spoken of', async () => {
    const lake = { catalog: join(folder, 'out/sample/lake.ducklake'), dataPath: join(folder, 'out/sample/lake/') };
    const tables = (await queryLake(lake, 'SHOW TABLES')).rows.map(([name]) => String(name));
    const members = await readdir(join(folder, 'out/sample/multispectral.zarr'), { withFileTypes: true });
    const arrays = members.filter((member) => member.isDirectory()).map(({ name }) => name);
    const { bands } = parseSpec(await readFile(join(folder, 'fixtures/sample/multispectral.yaml'), 'utf8'));
    const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
    const own = arrays.filter((name) => !bands.some((band) => name.startsWith(band)));
    expect(tables.length).toBe(8);
    for (const name of [...tables, ...own]) expect(readme).toMatch(new RegExp(`^\\|.*\`${name}\``, 'm'));
  });

  it.skipIf(pythonWithOracles() === null)('the Python example prints a mean, the CRS and the resolution', () => {
    const [code] = texts('python');
    const run = spawnSync(pythonWithOracles()!, ['-c', code!], { cwd: folder, encoding: 'utf8' });
    expect(run.stdout, run.stderr).toMatch(/^\d+\.\d+\nEPSG:32632 \(10\.0, -10\.0\)\n$/);
  });
});

describe('the cookbook', () => {
  const page = readFileSync(join(ROOT, COOKBOOK), 'utf8');
  const questions = Array.from(page.matchAll(/^(.+)\n\n```sql\n([\s\S]*?)^```$/gm), ([, question, query]) => [
    question!,
    query!,
  ]);
  let folder = '';
  let catalog = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cookbook-'));
    catalog = await makeSampleLake(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('has a sentence before every query', () => {
    expect(questions.length).toBeGreaterThan(15);
    expect(questions.length).toBe(blocksOf(page).filter(({ language }) => language === 'sql').length);
  });

  it.each(questions)('answers: %s', async (_question, query) => {
    const { rows, columns } = await queryLake({ catalog, dataPath: join(folder, 'lake/') }, query);
    expect(rows.length).toBeGreaterThan(0);
    for (const [place, { name }] of columns.entries())
      expect(
        rows.some((row) => row[place] !== null),
        name,
      ).toBe(true);
  });
});

describe('the documents', () => {
  it('fence their blocks with a language that is checked: code is in the README, SQL in the cookbook too', async () => {
    for (const { name, text } of await documents()) {
      const languages = blocksOf(text).map(({ language }) => language);
      const allowed = name === 'README.md' ? LANGUAGES : ['sh', 'text', ...(name === COOKBOOK ? ['sql'] : [])];
      expect(
        languages.filter((language) => !allowed.includes(language)),
        name,
      ).toEqual([]);
    }
  });

  it('name scripts that there are', async () => {
    const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    for (const { name, text } of await documents()) {
      for (const [, script] of text.matchAll(/\bnpm run ([\w:]+)/g)) expect(scripts, name).toHaveProperty([script!]);
      for (const [, file] of text.matchAll(/\bnode (scripts\/[\w.-]+)/g))
        expect(existsSync(join(ROOT, file!)), `${name}: ${file}`).toBe(true);
    }
  });

  it('link to what is there, and name files that there are', async () => {
    for (const { name, text } of await documents()) {
      for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g))
        expect(existsSync(join(ROOT, dirname(name), target!)), `${name}: ${target}`).toBe(true);
      for (const [, path] of text.matchAll(/`((?:src|test|native|scripts|bench|docs|fixtures)\/[\w./-]+)`/g))
        expect(existsSync(join(ROOT, path!)), `${name}: ${path}`).toBe(true);
    }
  });

  it('tell the fields of the types as they are', async () => {
    const page = await readFile(join(ROOT, 'docs/data-structures.md'), 'utf8');
    const sections = page.split(/^### /m).slice(1);
    expect(sections.length).toBeGreaterThan(15);
    for (const section of sections) {
      const [, type, file] = /^`(\w+)`\n\n`(src\/[^`]+)`/.exec(section)!;
      const source = await readFile(join(ROOT, file!), 'utf8');
      expect(source, type).toMatch(new RegExp(`export type ${type!}\\b`));
      const body = new RegExp(`export type ${type!} = (?:\\w+ & )?\\{\\n([^]*?)^\\};`, 'm').exec(source)?.[1];
      if (!section.includes('| field |') || body === undefined) continue;
      const fields = Array.from(body.matchAll(/^ {2}readonly (\w+)\??:/gm), (match) => match[1]!);
      const firstCells = Array.from(section.matchAll(/^\| (`.*?`) \|/gm), (match) => match[1]!).join();
      const told = Array.from(firstCells.matchAll(/`(\w+)`/g), (match) => match[1]!);
      expect(told.sort(), type).toEqual(fields.sort());
    }
  });

  it('hold no place of a machine', async () => {
    for (const { name, text } of await documents())
      expect(text, name).not.toMatch(/(?:^|[\s`"'(])\/(?:home|root|tmp|work|Users|opt)\//m);
  });

  it('give every dependency its reason, and no other', async () => {
    const text = await readFile(join(ROOT, 'docs/dependencies.md'), 'utf8');
    const { dependencies, devDependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
      devDependencies: Record<string, string>;
    };
    const cratesOf = async (manifest: string) => {
      const cargo = await readFile(join(ROOT, manifest), 'utf8');
      const tables = cargo.slice(cargo.indexOf('[dependencies]')).split('\n[profile')[0]!;
      return Array.from(tables.matchAll(/^([\w-]+) = /gm), (match) => match[1]!);
    };
    const crates = new Set([
      ...(await cratesOf('native/core/Cargo.toml')),
      ...(await cratesOf('native/icechunk/Cargo.toml')),
    ]);
    const used = [...Object.keys(dependencies), ...Object.keys(devDependencies), ...crates];
    const rows = Array.from(text.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm), (match) => match[1]!);
    expect(rows.sort()).toEqual(used.sort());
  });
});
