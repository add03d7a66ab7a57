import { LRUCache } from 'lru-cache';
import { CubeError } from '../errors.js';
import { accessPolicy, assertPolicy, trustedOrigins, type AccessPolicy } from './access-policy.js';
import { originOf } from './access.js';
import type { ByteSource, SourceFactory } from './byte-source.js';
import { FileHandles } from './file-handles.js';
import { FileSource } from './file-source.js';
import { HttpAgents } from './http-agents.js';
import { HttpSource } from './http-source.js';
import { isLocal, schemeOf } from './location.js';
import { MAX_REQUESTS, OriginLimit } from './origin-limit.js';
import { PlainTarget } from './plain-target.js';
import { MAX_SEGMENT_BYTES, RangeCache } from './range-cache.js';
import type { RequestTarget } from './request-target.js';
import { loadS3Settings, type S3Options, type S3Settings } from './s3/settings.js';
import { objectUrl, parseS3Url, S3Target, type BucketRegions } from './s3/target.js';
import { SignedTarget } from './signed-target.js';
import { UrlSigner, type SignHook } from './url-signer.js';
import { withCache } from './with-cache.js';
import { withLimit } from './with-limit.js';
import { withMergedRanges } from './with-merged-ranges.js';
import { withRetries, type RetryOptions } from './with-retries.js';

/** How a factory reads; every field has a default. Plain data but for `sign`. */
export type SourceOptions = {
  /** Longest wait for a connection. Default 10 s. */
  readonly connectTimeoutMs?: number;
  /** Longest wait for an answer to begin. Default 30 s. */
  readonly headersTimeoutMs?: number;
  /** Longest silence within an answer. Default 30 s. */
  readonly bodyTimeoutMs?: number;
  /** Requests under way to one origin at most; fewer where it cannot keep up. Default 128. */
  readonly maxRequests?: number;
  /** Bound of a read of a whole object. Default 1 GiB. */
  readonly maxObjectBytes?: number;
  /** Bytes of remote objects held for further reads; 0 holds none. Default 64 MiB. */
  readonly cacheBytes?: number;
  /** Ranges of one remote object with at most so many bytes between them become one request. Default 64 KiB. */
  readonly gapBytes?: number;
  /** A merged request is at most so long; 0 merges nothing. Default 4 MiB. */
  readonly mergedBytes?: number;
  readonly retries?: Pick<RetryOptions, 'attempts' | 'baseMs' | 'maxMs' | 'maxRetryAfterMs'>;
  readonly s3?: S3Options;
  /** Documents whose objects are opened where `open` is not told; none: the user named them. */
  readonly declaredBy?: readonly string[];
  /** Origins (`http://10.0.0.7:9000`) that remote documents may name although their addresses are private. */
  readonly allowedOrigins?: readonly string[];
  /** Makes http(s) URLs readable, when they are read. */
  readonly sign?: SignHook;
};

/** More objects than a build touches between two reads of the same one. */
const MAX_SOURCES = 4096;

/**
 * Opens local files, http(s) and s3 objects by URL or path. Remote ones are cached, merged, retried and limited by
 * origin; local ones are read straight. Objects are taken to be constant while the factory lives: use one for each build.
 */
export function createSources(options: SourceOptions = {}): SourceFactory {
  const remote = new RemoteSources(options);
  const handles = new FileHandles();
  const opened = new LRUCache<string, ByteSource>({ max: MAX_SOURCES });
  const { allowedOrigins = [], declaredBy = [] } = options;
  let closed = false;
  return {
    open(url, access = {}) {
      if (closed) throw new CubeError({ kind: 'invalid-argument', what: 'the sources are closed already' });
      const documents = access.declaredBy === undefined ? declaredBy : [access.declaredBy];
      const policy = accessPolicy(documents, allowedOrigins);
      assertPolicy(policy, url);
      const key = JSON.stringify([url, policy.kind === 'user' ? null : policy.origins]);
      const source = opened.get(key) ?? (isLocal(url) ? new FileSource(url, handles) : remote.create(url, policy));
      opened.set(key, source);
      return source;
    },
    async close() {
      closed = true;
      opened.clear();
      await Promise.all([remote.close(), handles.close()]);
    },
  };
}

/** What all remote sources of a factory share: connections, limits, cached bytes, signatures. */
class RemoteSources {
  readonly #options: SourceOptions;
  readonly #agents: HttpAgents;
  readonly #cache: RangeCache | null;
  readonly #signer: UrlSigner | null;
  readonly #limits = new LRUCache<string, OriginLimit>({ max: 1024 });
  readonly #regions: BucketRegions = new Map();
  #s3: S3Settings | null = null;

  constructor(options: SourceOptions) {
    const { connectTimeoutMs = 10_000, maxRequests = MAX_REQUESTS, cacheBytes = 64 * 1024 * 1024 } = options;
    this.#options = options;
    this.#agents = new HttpAgents({ connectTimeoutMs, connections: maxRequests });
    this.#signer = options.sign === undefined ? null : new UrlSigner(options.sign);
    const maxSegmentBytes = Math.min(MAX_SEGMENT_BYTES, cacheBytes / 4);
    this.#cache = cacheBytes > 0 ? new RangeCache({ maxBytes: cacheBytes, maxSegmentBytes }) : null;
  }

  /** The source of a remote object with all its wrappers; from inside out: limit, retries, merging, cache. */
  create(url: string, policy: AccessPolicy): ByteSource {
    const { gapBytes = 64 * 1024, mergedBytes = 4 * 1024 * 1024, retries = {} } = this.#options;
    const { target, address } = this.#locate(url);
    const http = this.#httpSource(url, target, this.#trusted(url, address, policy));
    const retried = withRetries(withLimit(http, this.#limitOf(originOf(address))), retries);
    const merged = mergedBytes > 0 ? withMergedRanges(retried, { gapBytes, maxBytes: mergedBytes }) : retried;
    return this.#cache === null ? merged : withCache(merged, this.#cache, url);
  }

  async close(): Promise<void> {
    this.#cache?.clear();
    await this.#agents.close();
  }

  /** How the object is asked for, and an http(s) address that stands for its origin. */
  #locate(url: string): { readonly target: RequestTarget; readonly address: string } {
    const scheme = schemeOf(url);
    if (scheme === 's3') {
      this.#s3 ??= loadS3Settings(this.#options.s3);
      const address = objectUrl(parseS3Url(url), this.#s3, this.#s3.region);
      return { target: new S3Target(url, this.#s3, this.#regions), address };
    }
    if (scheme !== 'http' && scheme !== 'https') {
      const fix = 'use a path, or a file:, http:, https: or s3: URL';
      throw new CubeError({ kind: 'unsupported', feature: `${scheme}: locations`, url, fix });
    }
    if (!URL.canParse(url)) throw new CubeError({ kind: 'invalid-argument', what: 'a location is not a valid URL' });
    const target = this.#signer === null ? new PlainTarget(url) : new SignedTarget(url, this.#signer);
    return { target, address: url };
  }

  /** The S3 endpoint is the user's choice, whoever names the object. */
  #trusted(url: string, address: string, policy: AccessPolicy): ReadonlySet<string> {
    const trusted = trustedOrigins(policy, address, this.#options.allowedOrigins ?? []);
    return schemeOf(url) === 's3' && this.#s3?.endpoint !== null ? new Set([...trusted, originOf(address)]) : trusted;
  }

  #httpSource(url: string, target: RequestTarget, trusted: ReadonlySet<string>): HttpSource {
    const { headersTimeoutMs = 30_000, bodyTimeoutMs = 30_000, maxObjectBytes = 2 ** 30 } = this.#options;
    return new HttpSource(target, {
      agents: this.#agents,
      trustedOrigins: trusted,
      headersTimeoutMs,
      bodyTimeoutMs,
      maxObjectBytes,
      onWhole: (whole) => this.#cache?.add(url, 0, whole),
    });
  }

  #limitOf(origin: string): OriginLimit {
    const known = this.#limits.get(origin);
    if (known !== undefined) return known;
    const { maxRequests } = this.#options;
    const limit = new OriginLimit(maxRequests === undefined ? {} : { max: maxRequests });
    this.#limits.set(origin, limit);
    return limit;
  }
}
