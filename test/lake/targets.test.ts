import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatProblem, isCubeError } from '../../src/errors.js';
import { openSession } from '../../src/lake/attach.js';
import { storageAccess } from '../../src/lake/storage.js';
import { dedupSettings } from '../../src/lake/targets/environment.js';
import { findTarget, resolveTarget } from '../../src/lake/targets/resolve-target.js';
import { parseTargets } from '../../src/lake/targets/target-config.js';
import { temporaryFolder } from './temporary.js';

const root = temporaryFolder();
const TEXT = `
default: dev
targets:
  dev: { catalog: lake.ducklake }
  shared: { catalog: 'sqlite:lakes/lake.sqlite', data: files }
  prod: { data: 's3://\${R2_BUCKET_NAME}/lake/', endpoint: 'https://abc.r2.cloudflarestorage.com' }
  team: { data: ./team }
  duck: { catalog: 'md:lake', data: 's3://other/lake/', region: eu-west-1 }
`;
const ENV = {
  DUCKLAKE_CONNECTION_STRING: 'ducklake:postgres:host=db.example dbname=lake password=hunter2',
  DUCKLAKE_CONNECTION_STRING_PROD: 'postgresql://me:hunter2@ep-cool-1.eu-central-1.aws.neon.tech/lake?sslmode=require',
  R2_BUCKET_NAME: 'pv',
  R2_ACCESS_KEY_ID: 'R2ID',
  R2_SECRET_ACCESS_KEY: "R2'SECRET",
};

function resolved(name: string, text = TEXT, env: Record<string, string> = ENV) {
  return resolveTarget(parseTargets(text), name, '/project', env);
}

function problemOf(action: () => unknown) {
  try {
    action();
  } catch (error) {
    if (isCubeError(error)) return { ...error.problem, text: formatProblem(error.problem) };
  }
  throw new Error('nothing was thrown');
}

describe('resolveTarget', () => {
  it('finds files from the folder of the configuration, and the data beside them', () => {
    expect(resolved('dev')).toEqual({ catalog: '/project/lake.ducklake', dataPath: '/project/lake/' });
    expect(resolved('shared')).toEqual({ catalog: 'sqlite:/project/lakes/lake.sqlite', dataPath: '/project/files' });
  });

  it('takes connections from the environment, those of prod under a name of their own', () => {
    expect(resolved('team')).toEqual({
      catalog: 'postgres:host=db.example dbname=lake password=hunter2',
      dataPath: '/project/team',
    });
    expect(resolved('prod')).toEqual({
      catalog: `postgres:${ENV.DUCKLAKE_CONNECTION_STRING_PROD}`,
      dataPath: 's3://pv/lake/',
      storage: { endpoint: 'https://abc.r2.cloudflarestorage.com' },
    });
    const bare = resolved('team', TEXT, { DUCKLAKE_CONNECTION_STRING: 'host=a dbname=b' });
    expect(bare.catalog).toBe('postgres:host=a dbname=b');
    expect(resolved('duck')).toMatchObject({ catalog: 'md:lake', storage: { region: 'eu-west-1' } });
  });

  it('refuses the pooled endpoint of Neon, names the direct one and no password', () => {
    const env = {
      ...ENV,
      DUCKLAKE_CONNECTION_STRING_PROD: ENV.DUCKLAKE_CONNECTION_STRING_PROD.replace('ep-cool-1.', 'ep-cool-1-pooler.'),
    };
    const problem = problemOf(() => resolved('prod', TEXT, env));
    expect(problem).toMatchObject({
      kind: 'invalid-argument',
      fix: 'use the direct endpoint, ep-cool-1.eu-central-1.aws.neon.tech',
    });
    expect(JSON.stringify(problem)).not.toContain('hunter2');
  });

  it.each([
    [
      'a password in the file',
      "targets: { a: { catalog: 'postgres:host=x password=hunter2', data: d } }",
      /a password stands in the file/,
    ],
    ['user and password in an endpoint', "targets: { a: { endpoint: 'https://me:hunter2@host' } }", /without user/],
    ['a variable that is no setting', 'targets: { a: { catalog: "${HOME}/x" } }', /\$\{HOME\} is no variable/],
    [
      'a variable that is not set',
      'targets: { a: { catalog: "${MOTHERDUCK_TOKEN}" } }',
      /does not set MOTHERDUCK_TOKEN/,
    ],
    ['an unknown key', 'targets: { a: { catalogue: x } }', /targets\.a\.catalogue: unknown key/],
    ['an unknown name of keys', 'targets: { a: { catalog: x, keys: gcs } }', /targets\.a\.keys/],
    [
      'no data of a catalog without a file',
      'targets: { a: { catalog: "${DUCKLAKE_CONNECTION_STRING}" } }',
      /targets\.a\.data/,
    ],
    ['no targets', 'default: a', /targets/],
  ])('refuses %s', (_, text, message) => {
    const problem = problemOf(() => resolved('a', text));
    expect(problem.kind).toBe('invalid-spec');
    expect(problem.text).toMatch(message);
    expect(problem.text).not.toContain('hunter2');
  });

  it('names the known targets', () => {
    expect(problemOf(() => resolved('nope')).text).toContain('known are dev, shared, prod, team, duck');
    expect(problemOf(() => resolved('toString')).kind).toBe('invalid-argument');
  });
});

describe('findTarget', () => {
  it('takes the name that is given, then DBT_TARGET, then the default', async () => {
    const config = join(root, 'heliocube.yaml');
    writeFileSync(config, TEXT);
    const catalogOf = async (options: object) => (await findTarget({ config, ...options }))?.catalog;
    const env = { ...ENV, DBT_TARGET: 'shared' };
    expect(await catalogOf({ target: 'dev', env })).toBe(join(root, 'lake.ducklake'));
    expect(await catalogOf({ env })).toBe(`sqlite:${join(root, 'lakes/lake.sqlite')}`);
    expect(await catalogOf({ env: {} })).toBe(join(root, 'lake.ducklake'));
    writeFileSync(config, TEXT.replace('default: dev', ''));
    expect(await findTarget({ config, env: {} })).toBeNull();
  });

  it('misses a file only where one is asked for', async () => {
    expect(await findTarget({ env: { DBT_TARGET: 'dev' } })).toBeNull();
    await expect(findTarget({ config: join(root, 'nope.yaml') })).rejects.toMatchObject({
      problem: { kind: 'not-found' },
    });
    mkdirSync(join(root, 'folder.yaml'));
    await expect(findTarget({ config: join(root, 'folder.yaml') })).rejects.toMatchObject({ problem: { kind: 'io' } });
  });
});

describe('storageAccess', () => {
  const HOME = { HOME: '/nonexistent' };

  it("takes R2's keys for R2's endpoint and bucket, in the region that DuckDB needs there", () => {
    const { statement, secrets } = storageAccess(
      's',
      's3://pv/lake/',
      { endpoint: 'https://abc.r2.cloudflarestorage.com' },
      { ...HOME, ...ENV },
    );
    expect(statement).toBe(
      "CREATE OR REPLACE SECRET s (TYPE s3, KEY_ID 'R2ID', SECRET 'R2''SECRET', REGION 'auto', URL_STYLE 'path', SCOPE 's3://pv', ENDPOINT 'abc.r2.cloudflarestorage.com')",
    );
    expect(secrets).toEqual(["R2'SECRET", 'R2ID']);
  });

  it("takes AWS's for the others", () => {
    const env = {
      ...HOME,
      ...ENV,
      AWS_ACCESS_KEY_ID: 'A',
      AWS_SECRET_ACCESS_KEY: 'B',
      AWS_SESSION_TOKEN: 'C',
      AWS_REGION: 'eu-west-1',
    };
    expect(storageAccess('s', 's3://other/lake/', {}, env).statement).toBe(
      "CREATE OR REPLACE SECRET s (TYPE s3, KEY_ID 'A', SECRET 'B', REGION 'eu-west-1', URL_STYLE 'vhost', SCOPE 's3://other', SESSION_TOKEN 'C')",
    );
    const loopback = storageAccess('s', 's3://other/lake/', { endpoint: 'http://127.0.0.1:9000' }, env).statement;
    expect(loopback).toContain("URL_STYLE 'path'");
    expect(loopback).toContain("ENDPOINT '127.0.0.1:9000', USE_SSL false");
  });

  it('names the variables that are missing', () => {
    const missing = (keys: 'aws' | 'r2') => problemOf(() => storageAccess('s', 's3://other/x/', { keys }, HOME)).text;
    expect(missing('r2')).toContain('R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY');
    expect(missing('aws')).toContain('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
    expect(problemOf(() => storageAccess('s', 's3://pv/lake/', {}, { ...HOME, R2_BUCKET_NAME: 'pv' })).text).toContain(
      'R2_ACCESS_KEY_ID',
    );
  });
});

it('asks for the token of MotherDuck before anything is fetched', async () => {
  const token = process.env['MOTHERDUCK_TOKEN'];
  delete process.env['MOTHERDUCK_TOKEN'];
  await expect(openSession({ catalog: 'md:lake', dataPath: root })).rejects.toMatchObject({
    problem: { kind: 'invalid-argument', fix: 'set MOTHERDUCK_TOKEN in the environment' },
  });
  if (token !== undefined) process.env['MOTHERDUCK_TOKEN'] = token;
});

describe('dedupSettings', () => {
  it('reads numbers and refuses what is none', () => {
    expect(dedupSettings({})).toEqual({ resolution: null, overlap: null });
    expect(dedupSettings({ H3_DEDUP_RES: '10', OVERLAP_THRESHOLD: '0.5' })).toEqual({ resolution: 10, overlap: 0.5 });
    for (const env of [
      { H3_DEDUP_RES: '16' },
      { H3_DEDUP_RES: '9.5' },
      { OVERLAP_THRESHOLD: '0' },
      { OVERLAP_THRESHOLD: 'much' },
    ]) {
      expect(problemOf(() => dedupSettings(env)).kind).toBe('invalid-argument');
    }
  });
});
