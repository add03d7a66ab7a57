import { basename, dirname, extname, join, resolve } from 'node:path';
import { writeFileAtomic } from '../../io/write-file.js';
import { describeLake, type LakeDescription } from './describe-lake.js';
import { drawCountries } from './draw-countries.js';
import { drawSiteMap } from './draw-site-map.js';
import { inLake, type ExportSource } from './export-source.js';
import { formatCard } from './format-card.js';
import { assertFree } from './publish-output.js';
import { readSiteCells } from './site-cells.js';

/** A card, and where it goes. */
export type CardOptions = Pick<ExportSource, 'lake' | 'snapshot' | 'signal'> & {
  readonly title?: string;
  /** A Markdown file. */
  readonly out: string;
  /** Draw a map of the sites and bars by country as SVG beside it. */
  readonly pictures?: boolean;
  readonly overwrite?: boolean;
};

/** What was written, and what it says. */
export type CardReport = { readonly files: readonly string[]; readonly lake: LakeDescription };

/** The title of a card that is given none. */
export const CARD_TITLE = 'Photovoltaic sites';

/** Describe a lake in a Markdown file, and in pictures beside it. Problems: `exists`, `no-data` for a lake without sites. */
export async function writeCard(options: CardOptions): Promise<CardReport> {
  const { title = CARD_TITLE, pictures = false, overwrite = false } = options;
  const out = resolve(options.out);
  const beside = (what: string) => join(dirname(out), `${basename(out, extname(out))}-${what}.svg`);
  const [map, bars] = [beside('map'), beside('countries')];
  for (const path of pictures ? [out, map, bars] : [out]) await assertFree(path, { overwrite });
  const lake = await describeLake(options);
  if (!pictures) {
    await writeFileAtomic(out, [formatCard(lake, title)]);
    return { files: [out], lake };
  }
  const cells =
    lake.bbox === null ? null : await inLake(options, {}, (database) => readSiteCells(database, lake.bbox!));
  const drawn = [
    ...(cells === null ? [] : [[map, drawSiteMap(cells, title)] as const]),
    [bars, drawCountries(lake.countries, title)] as const,
  ];
  for (const [path, svg] of drawn) await writeFileAtomic(path, [svg]);
  await writeFileAtomic(out, [
    formatCard(
      lake,
      title,
      drawn.map(([path]) => basename(path)),
    ),
  ]);
  return { files: [out, ...drawn.map(([path]) => path)], lake };
}
