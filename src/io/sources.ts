import { LRUCache } from 'lru-cache';
import { CubeError } from '../errors.js';
import { assertAccess, originOf } from './access.js';
import type { ByteSource, SourceFactory } from './byte-source.js';
import { FileHandles } from './file-handles.js';
import { FileSource } from './file-source.js';
import { HttpAgents } from './http-agents.js';
import { HttpSource } from './http-source.js';
import { isLocal, schemeOf } from './location.js';
import { PlainTarget } from './plain-target.js';

/** How a factory reads; every field has a default. */
export type SourceOptions = {
  /** Longest wait for a connection. Default 10 s. */
  readonly connectTimeoutMs?: number;
  /** Longest wait for an answer to begin. Default 30 s. */
  readonly headersTimeoutMs?: number;
  /** Longest silence within an answer. Default 30 s. */
  readonly bodyTimeoutMs?: number;
  /** Requests under way to one origin. Default 64. */
  readonly maxRequests?: number;
  /** Bound of a read of a whole object. Default 1 GiB. */
  readonly maxObjectBytes?: number;
};

/** More objects than a build touches between two reads of the same one. */
const MAX_SOURCES = 4096;

/** Opens files, http(s) and s3 objects by URL or path; owns their connections. */
export function createSources(options: SourceOptions = {}): SourceFactory {
  const handles = new FileHandles();
  const agents = new HttpAgents({
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    connections: options.maxRequests ?? 64,
  });
  const opened = new LRUCache<string, ByteSource>({ max: MAX_SOURCES });
  const create = (url: string): ByteSource => {
    if (isLocal(url)) return new FileSource(url, handles);
    const scheme = schemeOf(url);
    if (scheme !== 'http' && scheme !== 'https') {
      throw new CubeError({ kind: 'unsupported', feature: `${scheme}: locations`, url });
    }
    return new HttpSource(new PlainTarget(url), {
      agents,
      trustedOrigins: new Set([originOf(url)]),
      headersTimeoutMs: options.headersTimeoutMs ?? 30_000,
      bodyTimeoutMs: options.bodyTimeoutMs ?? 30_000,
      maxObjectBytes: options.maxObjectBytes ?? 2 ** 30,
    });
  };
  return {
    open(url, access) {
      if (access?.declaredBy !== undefined) assertAccess(url, access.declaredBy);
      const known = opened.get(url);
      if (known !== undefined) return known;
      const source = create(url);
      opened.set(url, source);
      return source;
    },
    async close() {
      opened.clear();
      await Promise.all([agents.close(), handles.close()]);
    },
  };
}
