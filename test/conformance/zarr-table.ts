/** What became of one array: exact, other samples, refused by name, or not readable by zarr-python either. */
export type ArrayResult = {
  readonly name: string;
  readonly kind: 'exact' | 'different' | 'refused' | 'error';
  /** Zarr version, type and codecs for exact ones, the feature for refused ones, the message for errors. */
  readonly what: string;
  readonly peerReads: boolean;
};

/** The section of docs/supported.md: the same results give the same text. */
export function formatZarrTable(results: readonly ArrayResult[]): string {
  const readable = results.filter(({ peerReads }) => peerReads);
  const exact = results.filter(({ kind }) => kind === 'exact');
  const percent = ((100 * exact.length) / Math.max(1, readable.length)).toFixed(1);
  const rows = counts(exact).map(([what, count]) => `| ${what} | ${count} | exact |`);
  const refused = counts(results.filter(({ kind }) => kind === 'refused')).map(
    ([what, count]) => `- ${what}: ${count}`,
  );
  return [
    'Zarr versions 2 and 3. Codecs are named in the order of writing.',
    `${results.length} arrays, ${readable.length} of which zarr-python reads as numbers; ${exact.length} of those are read here (${percent} %).`,
    ['| stored as | samples | arrays | result |', '| --- | --- | --- | --- |', ...rows].join('\n'),
    'Refused, with the number of arrays:',
    refused.join('\n'),
  ].join('\n\n');
}

/** How often each `what` comes, in the order of the text. */
export function counts(results: readonly ArrayResult[]): [string, number][] {
  const found = new Map<string, number>();
  for (const { what } of results) found.set(what, (found.get(what) ?? 0) + 1);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}
