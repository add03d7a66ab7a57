/** What became of one file. */
export type VirtualResult =
  | { readonly kind: 'exact'; readonly file: string; readonly stored: string; readonly levels: number }
  | { readonly kind: 'refused'; readonly file: string; readonly why: string };

/** The section of docs/supported.md: the same results give the same text. */
export function formatVirtualTable(results: readonly VirtualResult[]): string {
  const exact = results.filter((result) => result.kind === 'exact');
  const refused = results.filter((result) => result.kind === 'refused');
  const levels = exact.reduce((sum, result) => sum + result.levels, 0);
  const rows = counted(exact.map(({ stored }) => stored)).map(([stored, count]) => `| ${stored} | ${count} |`);
  const reasons = counted(refused.map(({ why }) => why)).map(([why, count]) => `- ${why}: ${count}`);
  return [
    `${results.length} files; ${exact.length} of them, ${levels} levels with their overviews, are expressed as virtual arrays whose every sample is that of the file, in Zarr v2 and v3. Codecs in the order of writing:`,
    ['| codecs | files |', '| --- | --- |', ...rows].join('\n'),
    'Refused, with the number of files:',
    reasons.join('\n'),
  ].join('\n\n');
}

function counted(values: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}
