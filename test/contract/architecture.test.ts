import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as api from '../../src/index.js';

const SRC = resolve(dirname(fileURLToPath(import.meta.url)), '../../src');
/** A folder imports itself and what stands before it. */
const ORDER = [
  'errors',
  'native',
  'grid',
  'io',
  'codec',
  'duckdb',
  'raster',
  'stac',
  'vector',
  'cube',
  'lake',
  'workers',
  'build',
  'sample',
  'cli',
  'index',
];

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(SRC, name));
const texts = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));

function folderOf(file: string): string {
  return relative(SRC, file).split(/[\\/.]/)[0]!;
}

function importsOf(file: string): string[] {
  return [...texts.get(file)!.matchAll(/from '(\.[^']+)\.js'/g)].map(
    (match) => `${resolve(dirname(file), match[1]!)}.ts`,
  );
}

describe('the structure of src', () => {
  it('a folder imports only what stands to its left', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => ORDER.indexOf(folderOf(target)) > ORDER.indexOf(folderOf(file)))
        .map((target) => `${relative(SRC, file)} → ${relative(SRC, target)}`),
    );
    expect(wrong).toEqual([]);
  });

  it('every folder has its place in the order', () => {
    expect([...new Set(files.map(folderOf))].filter((folder) => !ORDER.includes(folder))).toEqual([]);
  });

  it('only native/load.ts loads the addon', () => {
    const loaders = files.filter((file) => /\.node['"`]/.test(texts.get(file)!)).map((file) => relative(SRC, file));
    expect(loaders).toEqual([join('native', 'load.ts')]);
  });

  it('nothing imports the barrel', () => {
    expect(files.filter((file) => importsOf(file).includes(join(SRC, 'index.ts')))).toEqual([]);
  });
});

describe('the public API', () => {
  it('is these names', () => {
    expect(Object.keys(api).sort()).toEqual([
      'CubeError',
      'REASON',
      'RasterHandle',
      'STATISTICS',
      'arrowTable',
      'arrowTableOf',
      'buildCube',
      'buildLabelIndex',
      'checkSpec',
      'exitCodeOf',
      'formatProblem',
      'isCubeError',
      'openRaster',
      'parseSpec',
      'planCube',
      'queryLake',
      'readLabels',
      'redactUrl',
      'specJsonSchema',
      'specSchema',
      'zonalRows',
      'zonalStats',
    ]);
  });
});
