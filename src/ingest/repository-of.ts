import type { Repository } from './fetch/remote-file.js';
import { repositoryOfDoi } from './fetch/repository-of-doi.js';
import type { ManifestEntry } from './manifest-schema.js';

/** Where a data set lies: as its DOI says, where that is a repository's own; published manifests have some with another one's name. */
export function repositoryOf({ doi, repo }: Pick<ManifestEntry, 'doi' | 'repo'>): Repository | 'local' {
  return repo === 'local' ? 'local' : (repositoryOfDoi(doi) ?? repo);
}
