import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, packagesLoadedBy, ROOT, sources } from './sources.js';

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
  'sites',
  'cube',
  'lake',
  'flows',
  'models',
  'workers',
  'build',
  'ingest',
  'sample',
  'cli',
  'index',
];
const files = [...sources.keys()];

function folderOf(file: string): string {
  return file.split(/[/.]/)[0]!;
}

/** Lines of any module that match, by place. */
function linesLike(pattern: RegExp): string[] {
  return files.flatMap((file) =>
    sources
      .get(file)!
      .split('\n')
      .flatMap((line, i) => (pattern.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : [])),
  );
}

describe('the structure of src', () => {
  it('every folder has its place in the order', () => {
    expect([...new Set(files.map(folderOf))].filter((folder) => !ORDER.includes(folder))).toEqual([]);
  });

  it('a folder imports only what stands to its left, types included', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter(({ target, own }) => own && ORDER.indexOf(folderOf(target)) > ORDER.indexOf(folderOf(file)))
        .map(({ target }) => `${file} → ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('every import of ours is a module that is there', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter(({ target, own }) => own && !sources.has(target))
        .map(({ target }) => `${file} → ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('has no import cycles, types included', () => {
    const cycles: string[] = [];
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      if (done.has(file) || path.includes(file)) return;
      for (const { target, own } of importsOf(file)) if (own) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });

  it('nothing imports the barrel', () => {
    expect(files.filter((file) => importsOf(file).some(({ target }) => target === 'index.ts'))).toEqual([]);
  });

  it('only native/load.ts loads the addon', () => {
    expect(linesLike(/\.node['"`]|\bcreateRequire\b|\bdlopen\b/).map((line) => line.split(':')[0])).toEqual(
      expect.arrayContaining(['native/load.ts']),
    );
    expect(
      linesLike(/\.node['"`]|\bcreateRequire\b|\bdlopen\b/).filter((line) => !line.startsWith('native/load.ts')),
    ).toEqual([]);
  });

  it('only modules one folder deep look for files beside them: bundles lie as deep', () => {
    const places = linesLike(/import\.meta\.url/).map((line) => line.split(':')[0]!);
    expect(places.length).toBeGreaterThan(3);
    expect(places.filter((file) => file.split('/').length !== 2)).toEqual([]);
  });

  it('every package that is imported is a dependency', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const imported = files.flatMap(importsOf).filter(({ target, own }) => !own && !target.startsWith('node:'));
    expect([...new Set(imported.map(({ target }) => target))].filter((name) => !(name in dependencies))).toEqual([]);
  });
});

describe('what a command loads', () => {
  it('help and version need nothing but the parser of the command line', () => {
    expect(packagesLoadedBy('cli/main.ts')).toEqual(['commander']);
  });

  it('workers load the HTTP client with their first request only', () => {
    expect(packagesLoadedBy('workers/cube.worker.ts')).not.toContain('undici');
  });

  it('inspect and read need neither DuckDB nor Arrow', () => {
    for (const file of ['cli/run-inspect.ts', 'cli/run-read.ts']) {
      const packages = packagesLoadedBy(file);
      expect(packages).not.toContain('@duckdb/node-api');
      expect(packages).not.toContain('apache-arrow');
      expect(packages).not.toContain('geotiff');
    }
  });
});

describe('the text of src', () => {
  it('says of every export what its name cannot', () => {
    const silent = files.flatMap((file) => {
      const lines = sources.get(file)!.split('\n');
      return lines.flatMap((line, i) => {
        const match = /^export (?:async )?(?:abstract )?(?:function\*?|const|let|type|class|interface) (\w+)/.exec(
          line,
        );
        if (match === null || lines[i - 1]?.endsWith('*/') === true) return [];
        // Overloads stand together under one comment.
        return lines[i - 1]?.startsWith(`export function ${match[1]}(`) === true
          ? []
          : [`${file}:${i + 1} ${match[1]}`];
      });
    });
    expect(silent).toEqual([]);
  });

  it('exports names, never a default', () => {
    expect(linesLike(/^export default\b/)).toEqual([]);
    expect(linesLike(/^export \* from\b/)).toEqual([]);
  });

  it('holds no unfinished work, no absolute path and no way around the types', () => {
    expect(linesLike(/\b(?:TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
    expect(linesLike(/['"`](?:\/(?:home|root|tmp|usr|opt|Users|mnt)\/|[A-Z]:\\\\)/)).toEqual([]);
    expect(
      linesLike(/\bas unknown as\b|@ts-ignore|@ts-nocheck|: any\b|<any>|\bas any\b|^(?:export )?(?:const )?enum /),
    ).toEqual([]);
  });
});
