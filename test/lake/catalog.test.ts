import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogSecrets, describeCatalog, hideSecrets, parseCatalog } from '../../src/lake/catalog.js';
import { isInBucket } from '../../src/lake/storage.js';
import { openLake } from '../../src/lake/lake.js';
import { formatStoredSpec } from '../../src/lake/stored-spec.js';
import { temporaryFolder } from './temporary.js';

const root = temporaryFolder();

describe('parseCatalog', () => {
  it('tells the three kinds apart', () => {
    expect(parseCatalog('out/lake.ducklake')).toEqual({ kind: 'duckdb', path: 'out/lake.ducklake' });
    expect(parseCatalog('sqlite:out/lake.db')).toEqual({ kind: 'sqlite', path: 'out/lake.db' });
    expect(parseCatalog('postgres:dbname=lake host=h')).toEqual({ kind: 'postgres', connection: 'dbname=lake host=h' });
    expect(parseCatalog('postgres:postgresql://h/lake')).toEqual({
      kind: 'postgres',
      connection: 'postgresql://h/lake',
    });
    expect(parseCatalog('postgres://h/lake')).toEqual({ kind: 'postgres', connection: 'postgres://h/lake' });
  });

  it.each(['', ' ', 'sqlite:', 'postgres:', 'a\0b'])('refuses %j', (text) => {
    expect(() => parseCatalog(text)).toThrow(/invalid-argument/);
  });
});

describe('passwords', () => {
  const cases = [
    ['postgres:host=h password=hunter2 dbname=x', 'hunter2'],
    ["postgres:host=h password = 'hun ter\\'2' dbname=x", "hun ter'2"],
    ['postgres:dbname=x password=hunter2', 'hunter2'],
    ['postgresql://me:hunter2@h:5432/x', 'hunter2'],
    ['postgres:postgresql://me:hun%40ter2@h/x', 'hun@ter2'],
    ['postgres://me:a@b:c@h/x', 'a@b:c'],
    ['postgres://h/x?user=me&password=hunter2&sslmode=require', 'hunter2'],
    ['postgres:host=h sslpassword=hunter2', 'hunter2'],
  ] as const;

  it.each(cases)('stay out of texts: %s', (text, secret) => {
    const catalog = parseCatalog(text);
    const error = `IO Error at "${text}": 'password' ${secret} does not fit`;
    expect(hideSecrets(error, catalogSecrets(catalog))).not.toContain(secret);
    expect(describeCatalog(catalog)).not.toContain(secret);
    expect(describeCatalog(catalog)).toMatch(/^postgres/);
  });

  it.each([
    ['postgres://me:hun@ter2@h:5432/x', 'could not translate host name "ter2@h" to address', 'ter2'],
    ['postgres://me:hunter2/x@h/x', 'invalid integer value "hunter2" for connection option "port"', 'hunter2'],
    ['postgres://me:hun%74er2/x@h/x', 'invalid integer value "hunter2" for connection option "port"', 'hunter2'],
  ])('that are not escaped stay out of what libpq makes of them: %s', (text, error, secret) => {
    expect(hideSecrets(error, catalogSecrets(parseCatalog(text)))).not.toContain(secret);
  });

  it('in the URL of a bucket are refused and not repeated', () => {
    const refused = () => isInBucket('s3://key:hunter2@bucket/lake/');
    expect(refused).toThrow(/invalid-argument: keys stand in the URL/);
    expect(refused).not.toThrow(/hunter2/);
    expect([isInBucket('s3://bucket/lake@2/'), isInBucket('folder@2/')]).toEqual([true, false]);
  });

  it.each(cases)('stay out of the stored specification: %s', (text, secret) => {
    const stored = formatStoredSpec(JSON.stringify({ bands: ['red'], output: { lake: text, list: [{ deep: text }] } }));
    expect(stored).not.toContain(JSON.stringify(secret).slice(1, -1));
    expect(JSON.parse(stored)).toMatchObject({ bands: ['red'] });
  });

  it('stay out of the error of a server that does not answer', async () => {
    const catalog = 'postgres:host=127.0.0.1 port=1 dbname=x user=me password=hunter2 connect_timeout=2';
    const error: unknown = await openLake({ catalog, dataPath: join(root, 'data') }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ problem: { kind: 'lake', what: expect.stringContaining('cannot be opened') } });
    const texts: string[] = [];
    for (let at: unknown = error; at instanceof Error; at = at.cause)
      texts.push(at.message, String(at.stack), JSON.stringify(at));
    expect(texts.join('\n')).not.toContain('hunter2');
  });

  it('are not looked for where there are none', () => {
    expect(hideSecrets('password=x', catalogSecrets(parseCatalog('a.ducklake')))).toBe('password=x');
    expect(formatStoredSpec('{"a": "postgres:"}')).toBe('{"a":"postgres:"}');
    expect(() => formatStoredSpec('{')).toThrow(/not JSON/);
  });
});
