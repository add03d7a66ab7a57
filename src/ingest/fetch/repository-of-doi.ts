import { doiOf } from './record-id.js';
import type { Repository } from './remote-file.js';

/** What the DOIs of repositories begin with; each registers them for its own records alone. */
const PREFIXES: readonly (readonly [prefix: string, repository: Repository])[] = [
  ['10.5281/zenodo.', 'zenodo'],
  ['10.6084/m9.figshare.', 'figshare'],
  ['10.17605/osf.io/', 'osf'],
  ['10.5066/', 'sciencebase'],
  ['10.57967/hf/', 'huggingface'],
];

/** The repository whose own DOI this is; null for what is no DOI, and for those that do not tell. */
export function repositoryOfDoi(text: string): Repository | null {
  const doi = doiOf(text)?.toLowerCase() ?? null;
  return doi === null ? null : (PREFIXES.find(([prefix]) => doi.startsWith(prefix))?.[1] ?? null);
}
