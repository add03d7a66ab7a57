import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../lake/temporary.js';
import { runCube } from './run-cube.js';

const folder = temporaryFolder();

/** A manifest of one data set of points, and the path of its lake. */
function makeCase(name: string, entry: object = {}) {
  writeFileSync(join(folder, `${name}.csv`), 'id,lon,lat\n1,10,50\n2,11,51\n');
  const manifest = join(folder, `${name}.json`);
  writeFileSync(manifest, JSON.stringify({ points: { doi: `${name}.csv`, repo: 'local', ...entry } }));
  return { manifest, lake: join(folder, `${name}.ducklake`), data: join(folder, name) };
}

describe('cube ingest', () => {
  it('validate --json prints JSON, which was text', async () => {
    const { manifest } = makeCase('checked', { priorty: 3, extent: [0, 1, 2] });
    const checked = await runCube(['ingest', 'validate', manifest, '--json']);
    expect(checked.code).toBe(2);
    expect(JSON.parse(checked.stdout)).toMatchObject({
      faults: [{ kind: 'invalid-spec', path: 'points.extent' }],
      warnings: [expect.stringContaining('did you mean "priority"')],
    });
    const schema = await runCube(['ingest', 'validate', manifest, '--schema']);
    expect(JSON.parse(schema.stdout)).toMatchObject({ type: 'object' });
  });
});
