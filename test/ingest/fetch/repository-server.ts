import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { startFaultServer, type Faults, type FaultServer, type SeenRequest } from '../../fault-server.js';

export type RepositoryServerOptions = {
  /** JSON answers by path and query as they are asked for, made of the server's own URL. */
  readonly json?: Readonly<Record<string, (url: string) => unknown>>;
  /** Headers of those answers. */
  readonly headers?: Readonly<Record<string, (url: string) => Record<string, string>>>;
  /** Where a path redirects to. */
  readonly redirects?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, Uint8Array>>;
  readonly faults?: Faults;
  /** Before all else; true where it has answered. */
  readonly intercept?: (request: SeenRequest, response: ServerResponse, count: number) => boolean;
};

/** A loopback server that speaks the JSON of repositories and serves their files. */
export async function startRepository(options: RepositoryServerOptions): Promise<FaultServer> {
  const { json = {}, headers = {}, redirects = {}, files = {}, faults = {} } = options;
  let own = '';
  const server = await startFaultServer({
    files,
    faults,
    intercept: (request, response, count) => {
      if (options.intercept?.(request, response, count) === true) return true;
      const { path } = request;
      if (redirects[path] !== undefined) {
        response.writeHead(302, { location: redirects[path] }).end();
        return true;
      }
      const make = json[path];
      if (make === undefined) return false;
      const body = Buffer.from(JSON.stringify(make(own)));
      response.writeHead(200, { 'content-type': 'application/json', ...headers[path]?.(own) }).end(body);
      return true;
    },
  });
  own = server.url;
  return server;
}

export function hashOf(algorithm: 'md5' | 'sha1' | 'sha256', bytes: Uint8Array | string): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

/** A Zenodo record as its API writes it today, of the named files. */
export function zenodoRecord(
  url: string,
  files: Readonly<Record<string, Uint8Array>>,
  extra: {
    readonly id?: number;
    readonly version?: string;
    readonly checksums?: Readonly<Record<string, string>>;
  } = {},
): object {
  const { id = 5005868, version = '1.0', checksums = {} } = extra;
  return {
    created: '2021-06-22T09:00:00+00:00',
    id,
    recid: String(id),
    conceptrecid: '5005867',
    conceptdoi: '10.5281/zenodo.5005867',
    doi: `10.5281/zenodo.${id}`,
    metadata: {
      title: 'A global inventory',
      version,
      access_right: 'open',
      license: { id: 'cc-by-4.0' },
      relations: { version: [{ index: 0, is_last: true, parent: { pid_type: 'recid', pid_value: '5005867' } }] },
    },
    files: Object.entries(files).map(([key, bytes]) => ({
      id: '0f9b2b7e-7d5c-4f7e-8a8f-0a4c4e0c0f00',
      key,
      size: bytes.length,
      checksum: checksums[key] ?? `md5:${hashOf('md5', bytes)}`,
      links: { self: `${url}api/records/${id}/files/${key}/content` },
    })),
    links: {
      self: `${url}api/records/${id}`,
      versions: `${url}api/records/${id}/versions`,
      latest: `${url}api/records/${id}/versions/latest`,
    },
    state: 'done',
    submitted: true,
  };
}

/** Files of a Zenodo record by the paths that `zenodoRecord` names. */
export function zenodoFiles(files: Readonly<Record<string, Uint8Array>>, id = 5005868): Record<string, Uint8Array> {
  return Object.fromEntries(
    Object.entries(files).map(([key, bytes]) => [`api/records/${id}/files/${key}/content`, bytes]),
  );
}
