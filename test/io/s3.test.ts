import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadS3Settings, parseIniSection } from '../../src/io/s3/settings.js';
import { encodeKey, signV4 } from '../../src/io/s3/signature.js';
import { objectUrl, parseS3Url, S3Target } from '../../src/io/s3/target.js';
import { createSources } from '../../src/io/sources.js';
import { startFaultServer } from '../fault-server.js';

/** The example account of AWS's documentation of Signature Version 4 for S3. */
const EXAMPLE = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };

const HOME = { HOME: '/nonexistent' };

describe('signV4', () => {
  const sign = (path: string, headers: Record<string, string>, method = 'GET', bodyHash?: string) =>
    signV4(
      {
        method,
        url: `https://examplebucket.s3.amazonaws.com/${path}`,
        headers,
        region: 'us-east-1',
        now: Date.parse('2013-05-24T00:00:00Z'),
        ...(bodyHash === undefined ? {} : { bodyHash }),
      },
      EXAMPLE,
    )['authorization'];

  it('gives the signatures of the four published examples', () => {
    expect(sign('test.txt', { range: 'bytes=0-9' })).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    );
    expect(sign('?lifecycle', {})).toMatch(/fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543$/);
    expect(sign('?max-keys=2&prefix=J', {})).toMatch(
      /34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7$/,
    );
    const headers = { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' };
    const hash = '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072';
    expect(sign(encodeKey('test$file.text'), headers, 'PUT', hash)).toMatch(
      /98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd$/,
    );
  });
});

describe('loadS3Settings', () => {
  it('is anonymous without credentials', () => {
    expect(loadS3Settings({}, HOME)).toEqual({
      region: null,
      endpoint: null,
      pathStyle: false,
      requesterPays: false,
      credentials: null,
    });
  });

  it('takes options, then the environment, then the profile files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'heliocube-s3-'));
    const credentials = join(folder, 'credentials');
    const config = join(folder, 'config');
    await writeFile(
      credentials,
      '[default]\naws_access_key_id = file\naws_secret_access_key = s\n[other]\naws_access_key_id=o\naws_secret_access_key=p\naws_session_token=t\n',
    );
    await writeFile(
      config,
      '# comment\n[default]\nregion = eu-central-1\n[profile other]\nregion=us-west-2\ns3 =\n  addressing_style = path\n',
    );
    const files = { ...HOME, AWS_SHARED_CREDENTIALS_FILE: credentials, AWS_CONFIG_FILE: config };
    expect(loadS3Settings({}, files)).toMatchObject({ region: 'eu-central-1', credentials: { accessKeyId: 'file' } });
    const env = { ...files, AWS_ACCESS_KEY_ID: 'env', AWS_SECRET_ACCESS_KEY: 's', AWS_REGION: 'sa-east-1' };
    expect(loadS3Settings({}, env)).toMatchObject({ region: 'sa-east-1', credentials: { accessKeyId: 'env' } });
    expect(loadS3Settings({ profile: 'other' }, env).credentials).toEqual({
      accessKeyId: 'o',
      secretAccessKey: 'p',
      sessionToken: 't',
    });
    expect(loadS3Settings({ credentials: EXAMPLE }, env).credentials).toBe(EXAMPLE);
    expect(loadS3Settings({ anonymous: true }, env).credentials).toBeNull();
    expect(loadS3Settings({}, { ...env, AWS_NO_SIGN_REQUEST: 'YES' }).credentials).toBeNull();
    expect(() => loadS3Settings({ profile: 'none' }, files)).toThrow(/no AWS profile "none"/);
    await rm(folder, { recursive: true });
  });

  it('reads sections of INI files', () => {
    expect(parseIniSection('[a]\nx = 1\n[b]\nx=2\n[a]\nY = 3', 'a')).toEqual({ x: '1', y: '3' });
    expect(parseIniSection('[a]\nx = 1', 'b')).toBeNull();
  });
});

describe('S3Target', () => {
  it('finds the address of an object', () => {
    const aws = loadS3Settings({}, HOME);
    const at = (url: string, region: string | null = null, settings = aws) =>
      objectUrl(parseS3Url(url), settings, region);
    expect(at('s3://bucket/a%20b/c+d.tif')).toBe('https://bucket.s3.amazonaws.com/a%20b/c%2Bd.tif');
    expect(at('s3://bucket/a', 'us-west-2')).toBe('https://bucket.s3.us-west-2.amazonaws.com/a');
    expect(at('s3://bucket/a', 'cn-north-1')).toBe('https://bucket.s3.cn-north-1.amazonaws.com.cn/a');
    expect(at('s3://my.bucket/a')).toBe('https://s3.amazonaws.com/my.bucket/a');
    const local = loadS3Settings({ endpoint: 'http://127.0.0.1:9000/' }, HOME);
    expect(at('s3://bucket/a', null, local)).toBe('http://127.0.0.1:9000/bucket/a');
    expect(() => parseS3Url('s3://bucket')).toThrow(/not s3:\/\/bucket\/key/);
  });

  it('learns the region of a bucket from a refusal', async () => {
    const regions = new Map<string, string>();
    const target = new S3Target('s3://bucket/a', loadS3Settings({ credentials: EXAMPLE }, HOME), regions);
    const sent = await target.resolve('bytes=0-9');
    expect(target.refused(sent, 301, { 'x-amz-bucket-region': 'eu-west-1' })).toBe(true);
    expect(target.refused(sent, 301, { 'x-amz-bucket-region': 'eu-west-1' })).toBe(false);
    expect((await target.resolve(null)).url).toBe('https://bucket.s3.eu-west-1.amazonaws.com/a');
  });

  it('reads through an endpoint of the user, signed and with requester-pays, whoever names the object', async () => {
    const server = await startFaultServer({ files: { 'bucket/a b.bin': new Uint8Array([1, 2, 3]) } });
    const sources = createSources({
      s3: {
        endpoint: server.url,
        credentials: { ...EXAMPLE, sessionToken: 'token' },
        requesterPays: true,
        region: 'eu-west-1',
      },
    });
    const source = sources.open('s3://bucket/a%20b.bin', { declaredBy: 'https://stac.example.com/catalog.json' });
    expect(source.url).toBe('s3://bucket/a%20b.bin');
    expect((await source.read({ offset: 1, length: 2 })).bytes).toEqual(new Uint8Array([2, 3]));
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: expect.stringContaining('/eu-west-1/s3/aws4_request'),
      'x-amz-request-payer': 'requester',
      'x-amz-security-token': 'token',
    });
    await sources.close();
    await server.close();
  });
});
