import { CubeError } from '../errors.js';
import { sqlString } from '../duckdb/connection.js';
import { loadS3Settings, type Environment, type S3Settings } from '../io/s3/settings.js';

/** How data files in a bucket are reached. No secrets: keys come from the environment when the lake is attached. */
export type LakeStorage = {
  /** Of another store than AWS, such as `https://ACCOUNT.r2.cloudflarestorage.com`; buckets are then in the path. */
  readonly endpoint?: string;
  readonly region?: string;
  readonly pathStyle?: boolean;
  /** `r2`: R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY; `aws`: what AWS's tools take. R2's own endpoint and bucket mean `r2`. */
  readonly keys?: 'aws' | 'r2';
};

/** What attaching a lake with data in a bucket takes. */
export type StorageAccess = {
  /** CREATE SECRET, for this bucket alone. */
  readonly statement: string;
  /** What must not be printed. */
  readonly secrets: readonly string[];
};

/** Where R2 serves buckets. */
const R2_HOST = /^https:\/\/[^/]*\.r2\.cloudflarestorage\.com$/i;

/**
 * True for data files in a bucket, false for a folder. Problems: `unsupported` for any other URL, and for wildcards in one;
 * `invalid-argument` for keys in it, which are not repeated.
 */
export function isInBucket(dataPath: string): boolean {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(dataPath)?.[1]?.toLowerCase();
  if (scheme === undefined) return false;
  if (/^[^/]*\/\/[^/]*@/.test(dataPath)) {
    const fix = 'name s3://BUCKET/PREFIX/ and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment';
    throw new CubeError({ kind: 'invalid-argument', what: 'keys stand in the URL of the data of the lake', fix });
  }
  const isPlain = !/[*?[\]{}#]/.test(dataPath); // DuckDB would take them for patterns, and URLs for queries
  if (scheme === 's3' && bucketOf(dataPath) !== null && isPlain) return true;
  throw new CubeError({
    kind: 'unsupported',
    feature: isPlain ? `lake data in ${scheme}: places` : 'lake data in places with wildcards or queries',
    fix: 'use a folder or s3://BUCKET/PREFIX/',
  });
}

/** The statement that lets DuckDB at the bucket. Problem: `invalid-argument` where there are no keys. */
export function storageAccess(
  name: string,
  dataPath: string,
  storage: LakeStorage = {},
  env: Environment = process.env,
): StorageAccess {
  const { settings, isR2 } = settingsOf(dataPath, storage, env);
  const { credentials, endpoint } = settings;
  if (credentials === null) {
    const names = isR2 ? 'R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY' : 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
    const what = `there are no keys for the lake's data in ${dataPath}`;
    throw new CubeError({ kind: 'invalid-argument', what, fix: `set ${names} in the environment` });
  }
  const parts = [
    'TYPE s3',
    `KEY_ID ${sqlString(credentials.accessKeyId)}`,
    `SECRET ${sqlString(credentials.secretAccessKey)}`,
    `REGION ${sqlString(settings.region ?? (isR2 ? 'auto' : 'us-east-1'))}`, // DuckDB needs one
    `URL_STYLE ${settings.pathStyle ? "'path'" : "'vhost'"}`,
    `SCOPE ${sqlString(`s3://${bucketOf(dataPath)}`)}`,
  ];
  if (credentials.sessionToken !== undefined) parts.push(`SESSION_TOKEN ${sqlString(credentials.sessionToken)}`);
  if (endpoint !== null) {
    parts.push(`ENDPOINT ${sqlString(endpoint.replace(/^https?:\/\//i, ''))}`);
    if (/^http:/i.test(endpoint)) parts.push('USE_SSL false');
  }
  const secrets = [credentials.secretAccessKey, credentials.accessKeyId, credentials.sessionToken ?? ''];
  return {
    statement: `CREATE OR REPLACE SECRET ${name} (${parts.join(', ')})`,
    secrets: secrets.filter((secret) => secret !== ''),
  };
}

type Found = { readonly settings: S3Settings; readonly isR2: boolean };

function settingsOf(dataPath: string, storage: LakeStorage, env: Environment): Found {
  const { keys, ...options } = storage;
  const settings: S3Settings = loadS3Settings(options, env);
  const named = env['R2_BUCKET_NAME'];
  const looksR2 = R2_HOST.test(settings.endpoint ?? '') || (named !== undefined && named === bucketOf(dataPath));
  const isR2 = keys === undefined ? looksR2 : keys === 'r2';
  if (!isR2) return { settings, isR2 };
  const accessKeyId = env['R2_ACCESS_KEY_ID'] ?? '';
  const secretAccessKey = env['R2_SECRET_ACCESS_KEY'] ?? '';
  const isSet = accessKeyId !== '' && secretAccessKey !== '';
  return { settings: { ...settings, credentials: isSet ? { accessKeyId, secretAccessKey } : null }, isR2 };
}

function bucketOf(dataPath: string): string | null {
  return /^s3:\/\/([^/?#]+)/i.exec(dataPath)?.[1] ?? null;
}
