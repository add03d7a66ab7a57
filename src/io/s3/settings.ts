import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CubeError } from '../../errors.js';
import { codeOf } from '../system-error.js';
import type { S3Credentials } from './signature.js';

/** How `s3:` URLs are read. What is left out comes from the environment and the profile files that AWS's tools share. */
export type S3Options = {
  readonly region?: string;
  /** Of another store than AWS, such as `http://127.0.0.1:9000`; buckets are then in the path unless `pathStyle` is false. */
  readonly endpoint?: string;
  readonly pathStyle?: boolean;
  /** Agrees to be billed for reads. */
  readonly requesterPays?: boolean;
  readonly profile?: string;
  readonly credentials?: S3Credentials;
  /** Never sign, even where there are credentials. */
  readonly anonymous?: boolean;
};

/** How S3 is reached; null where nothing is set. */
export type S3Settings = {
  readonly region: string | null;
  readonly endpoint: string | null;
  readonly pathStyle: boolean;
  readonly requesterPays: boolean;
  /** Null: requests are not signed. */
  readonly credentials: S3Credentials | null;
};

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

type Profile = Readonly<Record<string, string>>;

/** Options first, then environment variables, then the profile files; anonymous where none of them has credentials. */
export function loadS3Settings(options: S3Options = {}, env: Environment = process.env): S3Settings {
  const name = options.profile ?? env['AWS_PROFILE'] ?? 'default';
  const folder = join(env['HOME'] ?? homedir(), '.aws');
  const shared = readProfile(env['AWS_SHARED_CREDENTIALS_FILE'] ?? join(folder, 'credentials'), name);
  const config = readProfile(
    env['AWS_CONFIG_FILE'] ?? join(folder, 'config'),
    name === 'default' ? name : `profile ${name}`,
  );
  if (options.profile !== undefined && shared === null && config === null) {
    throw new CubeError({ kind: 'invalid-argument', what: `there is no AWS profile "${name}" in ${folder}` });
  }
  const profile: Profile = { ...config, ...shared };
  const endpoint =
    options.endpoint ?? env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'] ?? profile['endpoint_url'] ?? null;
  if (endpoint !== null && !/^https?:\/\//i.test(endpoint)) {
    throw new CubeError({
      kind: 'invalid-argument',
      what: 'the S3 endpoint is not an http(s) URL',
      fix: 'write it as https://host:port',
    });
  }
  const anonymous = options.anonymous ?? /^(?:yes|true|1)$/i.test(env['AWS_NO_SIGN_REQUEST'] ?? '');
  return {
    region: options.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? profile['region'] ?? null,
    endpoint: endpoint === null ? null : endpoint.replace(/\/+$/, ''),
    pathStyle: options.pathStyle ?? endpoint !== null,
    requesterPays: options.requesterPays ?? env['AWS_REQUEST_PAYER']?.toLowerCase() === 'requester',
    credentials: anonymous ? null : findCredentials(options, env, profile),
  };
}

function findCredentials(options: S3Options, env: Environment, profile: Profile): S3Credentials | null {
  if (options.credentials !== undefined) return options.credentials;
  const fromEnv = credentialsOf(env['AWS_ACCESS_KEY_ID'], env['AWS_SECRET_ACCESS_KEY'], env['AWS_SESSION_TOKEN']);
  // A profile that was asked for by name wins over the environment, as in AWS's own tools.
  const { aws_access_key_id: id, aws_secret_access_key: secret, aws_session_token: token } = profile;
  const fromProfile = credentialsOf(id, secret, token);
  return options.profile === undefined ? (fromEnv ?? fromProfile) : (fromProfile ?? fromEnv);
}

function credentialsOf(id?: string, secret?: string, token?: string): S3Credentials | null {
  if (id === undefined || id === '' || secret === undefined || secret === '') return null;
  const base = { accessKeyId: id, secretAccessKey: secret };
  return token === undefined || token === '' ? base : { ...base, sessionToken: token };
}

/** One section of an INI file, or null where file or section are missing. */
function readProfile(path: string, section: string): Profile | null {
  try {
    return parseIniSection(readFileSync(path, 'utf8'), section);
  } catch (error) {
    const code = codeOf(error) ?? 'EUNKNOWN';
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new CubeError({ kind: 'io', path, code, what: 'the AWS profile file could not be read' }, { cause: error });
  }
}

/** The `key = value` lines of `[section]`; indented (nested) lines and comments are passed over. Null: no such section. */
export function parseIniSection(text: string, section: string): Profile | null {
  let current: string | null = null;
  let found: Record<string, string> | null = null;
  for (const line of text.split(/\r?\n/)) {
    const header = /^\[\s*([^\]]+?)\s*\]/.exec(line);
    if (header !== null) {
      current = header[1]!.replace(/\s+/g, ' ');
      if (current === section) found ??= {};
    } else if (current === section && found !== null) {
      const pair = /^([^\s#;=][^=]*?)\s*=\s*(.*?)\s*$/.exec(line);
      if (pair !== null) found[pair[1]!.toLowerCase()] = pair[2]!;
    }
  }
  return found;
}
