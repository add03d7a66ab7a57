import { lakeLocation, reportedCatalog, type LakeInput } from '../../build/lake-input.js';
import { CubeError } from '../../errors.js';
import { throwIfAborted } from '../../io/abort.js';
import type { ModelRun } from '../../models/run-models.js';
import { contentHash } from '../content-hash.js';
import { runCurated } from '../run-curated.js';
import { adminStep } from './admin-step.js';
import { EnrichSession, type LakeSites } from './enrich-session.js';
import type { EnrichStep } from './enrich-step.js';
import type { ZoneSource } from './open-zones.js';
import { scoreStep } from './score-step.js';
import type { BorderSource } from './read-admin-units.js';
import { buildingStep, landStep, type LandSources } from './zone-steps.js';

/** Metres from the coast or border of a coarse map within which a site belongs to the nearest unit. */
const NEAREST_M = 10_000;

/** What sites are enriched with. */
export type EnrichInput = {
  readonly lake: LakeInput;
  /** Borders; those of the packages by default. An empty list leaves `site_admin` as it is. */
  readonly borders?: readonly BorderSource[];
  /** Buildings under the sites; where it is left out `site_buildings` stays as it is. */
  readonly buildings?: ZoneSource;
  /** Land cover and land use of the sites; where it is left out `site_land` stays as it is. */
  readonly land?: LandSources;
  /** How far a site that touches no unit may be from the one that it is given to, in metres; 10 km by default. */
  readonly nearestM?: number;
  /** Write tables although nothing has changed. */
  readonly again?: boolean;
  /** Run the SQL models when the rows are in, those that have run over this state are left; default true. */
  readonly models?: boolean;
  readonly onProgress?: (progress: EnrichProgress) => void;
  readonly signal?: AbortSignal;
};

/** What an enrichment is at. */
export type EnrichProgress = {
  readonly phase: EnrichedTable['kind'] | 'models';
  readonly done: number;
  readonly total: number;
};

/** What became of one table. */
export type EnrichedTable = {
  readonly kind: EnrichStep['kind'];
  readonly status: 'written' | 'unchanged';
  /** Null where nothing was written. */
  readonly runId: string | null;
  readonly rows: number;
  readonly sources: EnrichStep['sources'];
  /** Counts by what the table tells: of `admin` the sites by method of their best country, and those that cross a border. */
  readonly counts: Readonly<Record<string, number>>;
};

/** What an enrichment left in the lake. */
export type EnrichReport = {
  readonly lake: string;
  readonly sites: number;
  readonly tables: readonly EnrichedTable[];
  readonly models: readonly ModelRun[];
  readonly warnings: readonly string[];
  readonly seconds: number;
};

/**
 * Say of every site of a lake in which country and region it lies, on which buildings, and on what land. A table is replaced as a whole by one transaction, and only where
 * sites, sources or rules have changed. Problems: `no-data` where the lake has no sites, those of the sources, `conflict` where sites
 * change meanwhile.
 */
export async function enrichSites(input: EnrichInput): Promise<EnrichReport> {
  const startedMs = Date.now();
  const lake = lakeLocation(input.lake);
  const steps = await planSteps(input);
  const session = await EnrichSession.open(lake, input.signal);
  const warnings: string[] = [];
  const tables: EnrichedTable[] = [];
  let sites: LakeSites;
  let newestRun: string | null;
  try {
    sites = await session.readSites();
    const known = await session.known();
    const running = { session, sites, known, again: input.again === true, warnings, signal: input.signal };
    for (const [done, step] of steps.entries()) {
      throwIfAborted(input.signal);
      input.onProgress?.({ phase: step.kind, done, total: steps.length + 1 });
      tables.push(await runStep(step, running));
    }
    const inputs = await session.readScoreInputs();
    if (inputs !== null) tables.push(await runStep(scoreStep(inputs), running));
    newestRun = await session.newestRun();
  } finally {
    await session.close();
  }
  const onModel = (_model: string, done: number) => input.onProgress?.({ phase: 'models', done, total: done });
  return {
    lake: reportedCatalog(lake.catalog),
    sites: sites.sites.length,
    tables,
    models:
      input.models === false || newestRun === null ? [] : await runCurated(lake, newestRun, onModel, input.signal),
    warnings,
    seconds: (Date.now() - startedMs) / 1000,
  };
}

async function planSteps(input: EnrichInput): Promise<EnrichStep[]> {
  const { borders = [{ kind: 'atlas' }], buildings, land, nearestM = NEAREST_M, signal } = input;
  if (!(nearestM >= 0 && nearestM <= 100_000)) {
    const what = `${nearestM} metres to the nearest unit`;
    throw new CubeError({ kind: 'invalid-argument', what, fix: 'give a distance from 0 to 100000 metres' });
  }
  const steps: EnrichStep[] = [];
  if (borders.length > 0) steps.push(await adminStep(borders, nearestM, signal));
  if (buildings !== undefined) steps.push(await buildingStep(buildings, signal));
  if (land?.cover !== undefined || land?.use !== undefined) steps.push(await landStep(land, signal));
  return steps;
}

type Running = {
  readonly session: EnrichSession;
  readonly sites: LakeSites;
  readonly known: ReadonlyMap<string, string>;
  readonly again: boolean;
  readonly warnings: string[];
  readonly signal: AbortSignal | undefined;
};

async function runStep(step: EnrichStep, running: Running): Promise<EnrichedTable> {
  const { session, sites, known, again, warnings, signal } = running;
  const { kind, sources, rulesVersion } = step;
  const contentKey = contentHash([kind, rulesVersion, step.options, sources, sites.hash]);
  if (!again && known.get(kind) === contentKey)
    return { kind, status: 'unchanged', runId: null, rows: 0, sources, counts: {} };
  const made = await step.make(session.database, sites.sites, signal);
  warnings.push(...made.warnings);
  const ledger = {
    kind,
    contentKey,
    rulesVersion,
    sources,
    sites: sites.sites.length,
    rows: made.filled.rowCount,
    enrichedMs: Date.now(),
  };
  const runId = await session.commit(made.filled, ledger, sites.hash);
  return { kind, status: 'written', runId, rows: made.filled.rowCount, sources, counts: made.counts };
}
