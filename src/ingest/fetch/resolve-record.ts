import { CubeError, redactUrl } from '../../errors.js';
import { MAX_FILES, parseChecksum } from './api-json.js';
import { assertName } from './assert-name.js';
import type { FetchRequest, RemoteFile, Repository, ResolvedRecord } from './remote-file.js';
import { RepositoryApi, type RepositoryHosts, type RepositoryOptions } from './repository-api.js';
import { FIGSHARE, resolveFigshare } from './resolve-figshare.js';
import { GITHUB, resolveGithub } from './resolve-github.js';
import { HUGGINGFACE, resolveHuggingFace } from './resolve-huggingface.js';
import { OSF, resolveOsf } from './resolve-osf.js';
import { plainHosts, resolvePlain } from './resolve-plain.js';
import { resolveScienceBase, SCIENCEBASE } from './resolve-sciencebase.js';
import { resolveZenodo, ZENODO } from './resolve-zenodo.js';

type Resolver = (request: FetchRequest, api: RepositoryApi) => Promise<ResolvedRecord>;

const RESOLVERS: Readonly<Record<Repository, Resolver>> = {
  zenodo: resolveZenodo,
  figshare: resolveFigshare,
  osf: resolveOsf,
  sciencebase: resolveScienceBase,
  huggingface: resolveHuggingFace,
  github: resolveGithub,
  direct_download: resolvePlain,
};

const HOSTS: Readonly<Record<Exclude<Repository, 'direct_download'>, RepositoryHosts>> = {
  zenodo: ZENODO,
  figshare: FIGSHARE,
  osf: OSF,
  sciencebase: SCIENCEBASE,
  huggingface: HUGGINGFACE,
  github: GITHUB,
};

/** The origin of the API a request is for, whose own private address is the user's choice; and all hosts of the repository. */
export function hostsOf(request: FetchRequest): RepositoryHosts {
  return request.repo === 'direct_download' ? plainHosts(request) : HOSTS[request.repo];
}

/**
 * Ask a repository what a record holds. Names are sound paths and no two are the same. Problems: `invalid-argument` (an id of
 * something else), `not-found`, `denied`, `no-data` (no such version, no files), `unsupported`, `invalid-data`, `forbidden`.
 */
export async function resolveRecord(request: FetchRequest, options: RepositoryOptions = {}): Promise<ResolvedRecord> {
  const { api: root } = request;
  const api = new RepositoryApi(hostsOf(request), { ...options, ...(root === undefined ? {} : { api: root }) });
  try {
    const record = await RESOLVERS[request.repo](request, api);
    assertNames(record.files, api.root);
    return { ...record, files: record.files.map((file) => withOwnChecksum(file, request)) };
  } finally {
    await api.close();
  }
}

function assertNames(files: readonly RemoteFile[], url: string): void {
  const fail = (what: string) => new CubeError({ kind: 'invalid-data', url, what });
  if (files.length === 0)
    throw new CubeError({ kind: 'no-data', what: `the record at ${redactUrl(url)} has no files` });
  if (files.length > MAX_FILES) throw fail(`the record has more than ${MAX_FILES} files`);
  const seen = new Set<string>();
  for (const { name } of files) {
    assertName(name, url);
    if (seen.has(name)) throw fail(`the record has two files named "${name}"`);
    seen.add(name);
  }
}

function withOwnChecksum(file: RemoteFile, { checksums = {} }: FetchRequest): RemoteFile {
  if (!Object.hasOwn(checksums, file.name)) return file;
  const checksum = parseChecksum(checksums[file.name]!);
  if (typeof checksum !== 'string') return { ...file, checksum };
  const fix = 'write it like sha256:… or md5:…';
  throw new CubeError({
    kind: 'invalid-argument',
    what: `"${checksums[file.name]!}" is no checksum that is known`,
    fix,
  });
}
