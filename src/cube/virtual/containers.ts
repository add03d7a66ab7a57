import { isLocal } from '../../io/location.js';
import type { IcechunkRepository } from '../../native/icechunk/contract.js';
import type { VirtualContainer } from '../../native/icechunk/types.js';

/**
 * The places that a repository must let its readers read: one for the folder that holds all local files, one a bucket and
 * one an origin. Each prefix ends with '/'. Pure.
 */
export function containersOf(urls: Iterable<string>): VirtualContainer[] {
  const folders = new Map<string, string>();
  for (const url of urls) {
    const place = isLocal(url) ? 'file:' : originPrefix(url);
    const folder = url.slice(0, url.lastIndexOf('/') + 1);
    const known = folders.get(place);
    folders.set(place, known === undefined ? folder : commonFolder(known, folder));
  }
  return [...folders].sort().map(([place, folder]): VirtualContainer => {
    if (place === 'file:') return { urlPrefix: folder, store: { kind: 'local' } };
    return { urlPrefix: place, store: { kind: place.startsWith('s3:') ? 's3' : 'http' } };
  });
}

/** Make known the places that a repository does not know yet; sessions opened afterwards can refer to them. */
export async function addContainers(
  repository: Pick<IcechunkRepository, 'containers' | 'setContainers'>,
  containers: readonly VirtualContainer[],
): Promise<void> {
  const known = new Set(repository.containers.map(({ urlPrefix }) => urlPrefix));
  const missing = containers.filter(({ urlPrefix }) => !known.has(urlPrefix));
  if (missing.length > 0) await repository.setContainers(missing);
}

/** "https://host/" or "s3://bucket/". */
function originPrefix(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i.exec(url)![0] + '/';
}

function commonFolder(a: string, b: string): string {
  let end = 0;
  for (let i = 0; i < Math.min(a.length, b.length) && a[i] === b[i]; i++) if (a[i] === '/') end = i + 1;
  return a.slice(0, end);
}
