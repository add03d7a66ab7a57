import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { queryLakeRows } from '../../src/lake/query.js';
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

  it('that is stopped while models run does not say that nothing was written', async () => {
    const { manifest, lake, data } = makeCase('stopped');
    const modelsBegan = async () => {
      while (!existsSync(join(data, 'staging'))) await sleep(10);
    };
    const stopped = await runCube(['ingest', manifest, '--lake', lake, '--json'], { interruptAt: modelsBegan() });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('stopping; the data sets are in the lake');
    expect(stopped.stderr).not.toContain('nothing was written');
    const found = await queryLakeRows({ catalog: lake, dataPath: `${data}/` }, 'SELECT count(*) AS n FROM features');
    expect(found).toEqual([{ n: 2n }]);
  });
});
