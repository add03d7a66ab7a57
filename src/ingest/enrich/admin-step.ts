import { filled } from '../../lake/tables.js';
import { adminShares, type AdminRow } from './admin-shares.js';
import type { EnrichStep, MadeTable } from './enrich-step.js';
import { openBorders, type BorderSource } from './read-admin-units.js';
import { SITE_ADMIN } from './tables.js';

/** Raised whenever the same borders and sites would give other rows. */
const RULES_VERSION = 2;

/** Countries and regions of sites, as a step. Problems: those of opening the borders. */
export async function adminStep(
  borders: readonly BorderSource[],
  nearestM: number,
  signal?: AbortSignal,
): Promise<EnrichStep> {
  const opened = (await Promise.all(borders.map((source) => openBorders(source, signal)))).flat();
  return {
    kind: 'admin',
    rulesVersion: RULES_VERSION,
    options: { nearestM },
    sources: opened.map(({ source, release, license }) => ({ source, release, license })),
    async make(db, sites): Promise<MadeTable> {
      const read = [];
      for (const one of opened) read.push(await one.read(db, sites, nearestM));
      const rows = [
        ...adminShares(
          read.flatMap(({ units }) => units),
          sites,
          nearestM,
        ),
      ];
      return {
        filled: filled(SITE_ADMIN, rows),
        counts: countSites(rows),
        warnings: read.flatMap(({ warnings }) => warnings),
      };
    },
  };
}

/** Sites by how their country is known, and those of several countries. */
function countSites(rows: readonly AdminRow[]): Record<string, number> {
  const countries = rows.filter(({ level }) => level === 0);
  const count = (test: (row: AdminRow) => boolean) => countries.filter(test).length;
  const inside = new Map<string, number>();
  for (const { siteUid, code } of countries) if (code !== null) inside.set(siteUid, (inside.get(siteUid) ?? 0) + 1);
  return {
    area: count(({ isBest, method }) => isBest && method === 'area'),
    contains: count(({ isBest, method }) => isBest && method === 'contains'),
    nearest: count(({ method }) => method === 'nearest'),
    nowhere: count(({ method, share }) => method === 'outside' && share === 1),
    border: [...inside.values()].filter((units) => units > 1).length,
  };
}
