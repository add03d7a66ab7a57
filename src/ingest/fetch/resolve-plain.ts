import { CubeError, redactUrl } from '../../errors.js';
import { hasExtension } from './archive-name.js';
import type { FetchRequest, ResolvedRecord } from './remote-file.js';
import type { RepositoryApi } from './repository-api.js';

/**
 * One file behind an http(s) URL. Its name is the last part of the path, or what the server calls it where that has no extension;
 * `version` is a word of the manifest's.
 */
export async function resolvePlain(request: FetchRequest, api: RepositoryApi): Promise<ResolvedRecord> {
  const url = new URL(request.id);
  const name = nameOf(url);
  const file = { name, url: api.locate(url.href, api.root), size: null, checksum: null };
  const unnamed = hasExtension(name) ? {} : ({ unnamed: true } as const);
  return { version: request.version ?? null, license: null, files: [{ ...file, ...unnamed }] };
}

/** A direct download is its own repository. Problem: `invalid-argument` for what is no http(s) URL. */
export function plainHosts({ id }: FetchRequest): { readonly root: string; readonly hosts: readonly string[] } {
  if (!/^https?:\/\//i.test(id) || !URL.canParse(id)) {
    const what = `"${redactUrl(id)}" is no http(s) URL, which a direct download needs`;
    throw new CubeError({ kind: 'invalid-argument', what });
  }
  const { origin, host } = new URL(id);
  return { root: `${origin}/`, hosts: [host] };
}

function nameOf({ pathname, host }: URL): string {
  const last = pathname.split('/').findLast((part) => part !== '') ?? host;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
