import { basename } from 'node:path';
import { columnMeaning } from './column-meanings.js';
import type { CountrySites, LakeDataset, LakeDescription } from './describe-lake.js';

/** Countries that are listed one by one; the rest is one row. */
const COUNTRIES = 25;

/**
 * A data set card in Markdown: counts, licences, sources with their checksums, extent, fields with units. `pictures` are files
 * beside it.
 */
export function formatCard(lake: LakeDescription, title: string, pictures: readonly string[] = []): string {
  const sections = [
    `# ${plain(title)}`,
    summary(lake),
    ...pictures.map((file) => `![${plain(file)}](${encodeURIComponent(file)})`),
    `## Sources\n\n${sources(lake.datasets)}`,
    `## Licences\n\n${licences(lake.datasets)}`,
    `## Citations\n\n${citations(lake.datasets)}`,
    `## Countries\n\n${countries(lake.countries)}`,
    `## Fields of \`sites\`\n\n${fields(lake)}`,
    `## Files\n\n${files(lake.datasets)}`,
  ];
  return `${sections.join('\n\n')}\n`;
}

/** A DOI as a link to its record; URLs as they are, of a path nothing but its name. */
export function sourceUrl(doi: string): string {
  const bare = /^(?:doi:|https?:\/\/(?:dx\.)?doi\.org\/)?(10\.\d{4,9}\/\S+)$/i.exec(doi);
  if (bare !== null) return `https://doi.org/${bare[1]}`;
  return doi.includes('://') ? doi : basename(doi.replaceAll('\\', '/'));
}

function summary({ sites, datasets, bbox, days, settings, pairs, snapshot }: LakeDescription): string {
  const features = datasets.reduce((sum, one) => sum + one.features, 0);
  const quarantined = datasets.reduce((sum, one) => sum + one.quarantined, 0);
  return [
    `- ${count(sites, 'photovoltaic site')} from ${count(features, 'feature')} of ${count(datasets.length, 'data set')}; ` +
      `${count(quarantined, 'record')} could not be used`,
    ...(settings.length === 0
      ? []
      : [`- Setting: ${settings.map((one) => `${number(one.sites)} ${plain(one.setting)}`).join(', ')}`]),
    ...(pairs.length === 0
      ? []
      : [`- Pairs of features: ${pairs.map((one) => `${number(one.pairs)} ${plain(one.class)}`).join(', ')}`]),
    `- Extent: ${bbox === null ? 'none' : bbox.map((side) => side.toFixed(4)).join(', ')} (west, south, east, north; OGC:CRS84)`,
    `- Installed or seen: ${days[0] ?? 'unknown'} to ${days[1] ?? 'unknown'}`,
    `- Snapshot ${snapshot} of the lake`,
  ].join('\n');
}

function sources(datasets: readonly LakeDataset[]): string {
  return table(
    ['data set', 'version', 'source', 'licence', 'records', 'features', 'quarantined', 'sites it gives'],
    datasets.map((one) => [
      `\`${plain(one.dataset)}\``,
      plain(one.version ?? 'unknown'),
      link(sourceUrl(one.doi)),
      plain(one.license ?? 'unknown'),
      ...[one.records, one.features, one.quarantined, one.sites].map(number),
    ]),
  );
}

function licences(datasets: readonly LakeDataset[]): string {
  const names = new Map<string, string[]>();
  for (const { license, dataset } of datasets) {
    const key = license ?? 'unknown (ask the source before you pass it on)';
    names.set(key, [...(names.get(key) ?? []), `\`${plain(dataset)}\``]);
  }
  return [...names].map(([license, sets]) => `- ${plain(license)}: ${sets.join(', ')}`).join('\n');
}

function citations(datasets: readonly LakeDataset[]): string {
  return datasets
    .map(
      ({ dataset, citation, doi }) =>
        `- \`${plain(dataset)}\`: ${citation === null ? link(sourceUrl(doi)) : plain(citation)}`,
    )
    .join('\n');
}

function countries(all: readonly CountrySites[]): string {
  const rows = all
    .slice(0, COUNTRIES)
    .map(({ country, sites, acMw, dcMw }) => [
      plain(country ?? 'unknown'),
      number(sites),
      megawatts(acMw),
      megawatts(dcMw),
    ]);
  const rest = all.slice(COUNTRIES).reduce((sum, { sites }) => sum + sites, 0);
  if (rest > 0) rows.push([`${all.length - COUNTRIES} others`, number(rest), '', '']);
  return table(['country', 'sites', 'MW AC', 'MW DC'], rows);
}

function fields({ columns, sites }: LakeDescription): string {
  const share = (filled: number) => (sites === 0 ? '' : `${Math.floor((1000 * filled) / sites) / 10} %`);
  return table(
    ['field', 'type', 'unit', 'filled', 'meaning'],
    columns.map(({ name, type, filled }) => {
      const known = columnMeaning(name);
      return [`\`${plain(name)}\``, plain(type), known?.unit ?? '', share(filled), known?.meaning ?? ''];
    }),
  );
}

function files(datasets: readonly LakeDataset[]): string {
  return table(
    ['data set', 'file', 'bytes', 'SHA-256'],
    datasets.flatMap((one) =>
      one.files.map((file) => [
        `\`${plain(one.dataset)}\``,
        plain(file.name),
        number(file.size),
        `\`${plain(file.sha256)}\``,
      ]),
    ),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function link(place: string): string {
  return /^https?:\/\/[^\s<>]+$/.test(place) ? `<${place}>` : plain(place);
}

/** Text of a source in one line that is nothing but text in Markdown. */
function plain(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\|<>[\]`*_#]/g, (character) => `\\${character}`)
    .replace(/\\_/g, '_');
}

function megawatts(value: number | null): string {
  if (value === null) return '';
  const [whole, tenth] = value.toFixed(1).split('.');
  return `${number(Number(whole))}.${tenth}`;
}

function number(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

function count(value: number, word: string): string {
  return `${number(value)} ${word}${value === 1 ? '' : 's'}`;
}
