import { CubeError } from '../../errors.js';
import type { HttpHeaders } from '../http-request.js';
import type { RequestTarget, SignedRequest } from '../request-target.js';
import type { S3Settings } from './settings.js';
import { encodeKey, signV4 } from './signature.js';

/** A bucket and the key in it, unescaped. */
export type S3Location = { readonly bucket: string; readonly key: string };

/** Where AWS puts requests that name no region. */
const DEFAULT_REGION = 'us-east-1';

/** Regions that answers told, by bucket; shared by all objects of a factory. */
export type BucketRegions = Map<string, string>;

/** Parses `s3://bucket/key`; the key's escapes are decoded. Problem: `invalid-argument`. */
export function parseS3Url(url: string): S3Location {
  const match = /^s3:\/\/([a-z0-9][a-z0-9._-]{1,253}[a-z0-9])\/([^?#]+)$/i.exec(url);
  const [, bucket, path] = match ?? [];
  try {
    if (bucket !== undefined && path !== undefined) return { bucket, key: decodeURIComponent(path) };
  } catch {
    // falls through to the one error below
  }
  throw new CubeError({ kind: 'invalid-argument', what: `"${url.replace(/[?#].*$/, '')}" is not s3://bucket/key` });
}

/** An object of S3 or a store that speaks its protocol, signed where there are credentials. */
export class S3Target implements RequestTarget {
  readonly url: string;
  readonly #location: S3Location;
  readonly #settings: S3Settings;
  readonly #regions: BucketRegions;

  constructor(url: string, settings: S3Settings, regions: BucketRegions) {
    this.url = url;
    this.#location = parseS3Url(url);
    this.#settings = settings;
    this.#regions = regions;
  }

  async resolve(range: string | null): Promise<SignedRequest> {
    const { credentials, requesterPays } = this.#settings;
    const region = this.#region();
    const url = objectUrl(this.#location, this.#settings, region);
    const headers: HttpHeaders = requesterPays ? { 'x-amz-request-payer': 'requester' } : {};
    if (credentials === null) return { url, headers };
    const covered = range === null ? headers : { ...headers, range };
    const now = Date.now();
    return {
      url,
      headers: signV4({ method: 'GET', url, headers: covered, region: region ?? DEFAULT_REGION, now }, credentials),
    };
  }

  /** S3 tells the bucket's region with its refusal of a request to another one. */
  refused(_sent: SignedRequest, _status: number, headers: HttpHeaders): boolean {
    const region = headers['x-amz-bucket-region'];
    if (region === undefined || !/^[a-z0-9-]{3,40}$/.test(region) || region === this.#region()) return false;
    this.#regions.set(this.#location.bucket, region);
    return true;
  }

  #region(): string | null {
    return this.#regions.get(this.#location.bucket) ?? this.#settings.region;
  }
}

/** The https URL of an object: the bucket as host, or in the path where that is asked for or its dots break certificates. */
export function objectUrl({ bucket, key }: S3Location, settings: S3Settings, region: string | null): string {
  const base = settings.endpoint ?? awsEndpoint(region);
  const path = encodeKey(key);
  if (settings.pathStyle || /[._A-Z]/.test(bucket)) return `${base}/${bucket}/${path}`;
  return `${base.replace('://', `://${bucket}.`)}/${path}`;
}

function awsEndpoint(region: string | null): string {
  if (region === null) return 'https://s3.amazonaws.com';
  return `https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}
