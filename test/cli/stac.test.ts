import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../lake/temporary.js';
import { makeItem } from '../stac/make-item.js';
import { runCube } from './run-cube.js';

const folder = temporaryFolder();
const lake = join(folder, 'lake.ducklake');

describe('cube stac and cube search', () => {
  it('fetch, search and export', async () => {
    const items = [5, 50].map((cover, i) => makeItem(`i${i}`, { properties: { 'eo:cloud_cover': cover } }));
    const path = join(folder, 'items.ndjson');
    writeFileSync(path, items.map((item) => `${JSON.stringify(item)}\n`).join(''));
    const fetched = await runCube(['stac', 'fetch', path, '--lake', lake, '--json', '--quiet']);
    expect(JSON.parse(fetched.stdout)).toMatchObject({ added: 2, replaced: 0 });
    const lines = await runCube(['search', '--lake', lake, '--bbox', '15.1,46.1,15.2,46.2', '--ndjson']);
    expect(lines.stdout.trim().split('\n').map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(['i0', 'i1']); // prettier-ignore
    const clear = await runCube(['search', '--lake', lake, '--filter', 'eo:cloud_cover < 20', '--json']);
    expect(JSON.parse(clear.stdout)).toMatchObject({ numberMatched: 1, features: [{ id: 'i0' }] });
    const text = await runCube(['search', '--lake', lake, '--limit', '1']);
    expect(text.stdout).toBe('2023-08-15T10:00:00Z          5.0 %  images  i0\n');
    expect(text.stderr).toContain('1 of 2 items');
    const out = join(folder, 'out.parquet');
    const written = await runCube(['stac', 'export', '--lake', lake, '--out', out]);
    expect(written.stdout).toBe(`2 items in ${out}\n`);
    const bytes = readFileSync(out);
    const refused = await runCube(['stac', 'export', '--lake', lake, '--out', out]);
    expect(refused).toMatchObject({ code: 8, stdout: '' });
    expect(refused.stderr).toMatch(/^cube: exists: .*out\.parquet: it is there already \(use --overwrite/);
    expect(readFileSync(out).equals(bytes)).toBe(true);
    writeFileSync(out, 'old');
    expect(await runCube(['stac', 'export', '--lake', lake, '--out', out, '--overwrite'])).toMatchObject({ code: 0 });
    expect(readFileSync(out).equals(bytes)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('tell what is wrong', async () => {
    const path = join(folder, 'manifest.json');
    writeFileSync(path, JSON.stringify({ a: { catalog_uri: 'x', priority: 0 } }));
    const checked = await runCube(['stac', 'validate', path]);
    expect(checked).toMatchObject({ code: 2 });
    expect(checked.stdout).toContain('a.priority');
    const wrong = await runCube(['search', '--lake', lake, '--filter', 'a +']);
    expect(wrong.stderr).toMatch(/unsupported: CQL2 arithmetic/);
    const when = /^cube: invalid-argument: --datetime "2024-13" is no RFC 3339 instant or interval \(write it like/;
    for (const parameters of [['search'], ['stac', 'fetch', path]]) {
      const refused = await runCube([...parameters, '--lake', lake, '--datetime', '2024-13']);
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(when) });
    }
    expect((await runCube(['search', '--lake', lake, '--bbox', '1,2', '--json'])).code).toBe(2);
    expect((await runCube(['search', '--lake', lake, '--site', 'none'])).code).toBe(3);
  });
});
