import { counts, type ArrayResult } from './zarr-table.js';

/** The section of docs/supported.md: the same results give the same text. */
export function formatHdf5Table(files: number, results: readonly ArrayResult[]): string {
  const readable = results.filter(({ peerReads }) => peerReads);
  const exact = results.filter(({ kind }) => kind === 'exact');
  const percent = ((100 * exact.length) / Math.max(1, readable.length)).toFixed(1);
  const rows = counts(exact).map(([what, count]) => `| ${what} | ${count} | exact |`);
  const refused = counts(results.filter(({ kind }) => kind === 'refused')).map(
    ([what, count]) => `- ${what}: ${count}`,
  );
  return [
    `${files} files with ${results.length} datasets, ${readable.length} of which h5py reads as numbers; ${exact.length} of those are read here (${percent} %). Filters are named in the order of writing.`,
    ['| stored as | samples | datasets | result |', '| --- | --- | --- | --- |', ...rows].join('\n'),
    'Refused, with the number of datasets:',
    refused.join('\n'),
  ].join('\n\n');
}
