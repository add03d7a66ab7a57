import { CubeError, redactUrl } from '../../errors.js';
import type { FetchRequest, ResolvedRecord } from './remote-file.js';
import type { RepositoryApi } from './repository-api.js';

const NAME = String.raw`([\w.-]{1,100})\/([\w.-]{1,100}?)(?:\.git)?`;

/** Owner and repository, then branch, tag or commit, then a path, where they are named. */
const IDS = [
  new RegExp(
    String.raw`^https?:\/\/(?:www\.)?github\.com\/${NAME}(?:\/(?:tree|blob|raw)\/([^/?#]+)(?:\/([^?#]*))?)?\/?(?:[?#]|$)`,
    'i',
  ),
  new RegExp(
    String.raw`^https?:\/\/raw\.githubusercontent\.com\/${NAME}\/(?:refs\/(?:heads|tags)\/)?([^/?#]+)\/([^?#]*)`,
    'i',
  ),
  new RegExp(
    String.raw`^https?:\/\/codeload\.github\.com\/${NAME}\/(?:tar\.gz|zip)\/(?:refs\/(?:heads|tags)\/)?([^?#]+)()$`,
    'i',
  ),
  new RegExp(
    String.raw`^https?:\/\/(?:www\.)?github\.com\/${NAME}\/archive\/(?:refs\/(?:heads|tags)\/)?([^?#]+?)\.(?:zip|tar\.gz)()$`,
    'i',
  ),
  new RegExp(String.raw`^(?:git@github\.com:)?${NAME}()()$`),
];

/** A file that is attached to a release is no part of the repository's tree. */
const RELEASE = /^https?:\/\/github\.com\/[\w.-]+\/[\w.-]+\/releases\/download\/([^/?#]+)\/([^/?#]+)$/i;

/** Where GitHub's archives lie. */
export const GITHUB = {
  root: 'https://codeload.github.com/',
  hosts: ['codeload.github.com', 'github.com', 'www.github.com', 'raw.githubusercontent.com'],
};

/**
 * A repository at GitHub, or the folder or file of it that a URL names: one archive, whose members are the files. A branch or tag
 * with a slash in its name must be given as `version`. Nothing but the archive is asked for.
 */
export async function resolveGithub(request: FetchRequest, api: RepositoryApi): Promise<ResolvedRecord> {
  const id = request.id.trim();
  const asset = RELEASE.exec(id);
  if (asset !== null) return releaseAsset(id, asset, api);
  const [, owner, repository, named, path = ''] = matchOf(id);
  const ref = request.version ?? (named === undefined || named === '' ? 'HEAD' : decodeURIComponent(named));
  if (!/^[\w./+-]{1,200}$/.test(ref) || ref.includes('..')) {
    throw new CubeError({ kind: 'invalid-argument', what: `"${ref}" is no branch, tag or commit` });
  }
  const url = new URL(`${owner!}/${repository!}/tar.gz/${ref}`, api.root).href;
  const tree = { under: decodeURIComponent(path).replace(/\/+$/, '') };
  const name = `${repository!}-${ref.replaceAll('/', '-')}.tar.gz`;
  return { version: ref, license: null, files: [{ name, url, size: null, checksum: null, tree }] };
}

function releaseAsset(id: string, [, tag, name]: RegExpExecArray, api: RepositoryApi): ResolvedRecord {
  const file = { name: decodeURIComponent(name!), url: api.locate(id, api.root), size: null, checksum: null };
  return { version: decodeURIComponent(tag!), license: null, files: [file] };
}

function matchOf(id: string): RegExpExecArray {
  for (const pattern of IDS) {
    const match = pattern.exec(id);
    if (match !== null) return match;
  }
  const fix = 'give OWNER/REPOSITORY, or a URL of a repository, folder or file';
  throw new CubeError({ kind: 'invalid-argument', what: `"${redactUrl(id)}" names no repository at GitHub`, fix });
}
