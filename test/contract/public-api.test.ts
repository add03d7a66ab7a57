import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as api from '../../src/index.js';
import { cubePath } from '../cli/run-cube.js';
import { temporaryFolder } from '../lake/temporary.js';
import { ROOT, sources } from './sources.js';

describe('the public API', () => {
  it('is these values', () => {
    expect(Object.keys(api).sort()).toEqual([
      'CubeError',
      'CubeHandle',
      'DEFAULT_RULES',
      'Deduplicator',
      'INGEST_FLOW',
      'REASON',
      'RasterHandle',
      'STATISTICS',
      'arrowTable',
      'arrowTableOf',
      'backupLake',
      'buildCube',
      'buildLabelIndex',
      'buildReferences',
      'cacheGc',
      'cacheList',
      'cacheVerify',
      'checkLake',
      'checkManifest',
      'checkSpec',
      'checkStacManifest',
      'collectNode',
      'collectVersions',
      'deduplicate',
      'defineFlow',
      'describeFlow',
      'describeLake',
      'diffVersions',
      'enrichSites',
      'exitCodeOf',
      'expireVersions',
      'exportStac',
      'exportTable',
      'fetchDataset',
      'fetchStac',
      'findTarget',
      'flowCacheGc',
      'flowLineage',
      'forgetDatasets',
      'formatFlow',
      'formatLineage',
      'formatProblem',
      'importTable',
      'ingest',
      'inputNode',
      'isCubeError',
      'listSnapshots',
      'listVersions',
      'loadPgstac',
      'maintainLake',
      'manifestJsonSchema',
      'mapNode',
      'modelDocs',
      'modelLineage',
      'nameVersion',
      'node',
      'openCube',
      'openRaster',
      'parseManifest',
      'parseSpec',
      'planCube',
      'providerSigner',
      'queryLake',
      'readLabels',
      'redactUrl',
      'relocateLake',
      'runFlow',
      'runModels',
      'scanReferences',
      'searchPgstac',
      'searchStac',
      'sourceFile',
      'specJsonSchema',
      'specSchema',
      'stacManifestJsonSchema',
      'testModels',
      'writeCard',
      'zonalRows',
      'zonalStats',
    ]);
  });

  it('is these types', () => {
    const text = sources.get('index.ts')!;
    const single = Array.from(text.matchAll(/\btype (\w+)/g), (match) => match[1]!);
    const lists = Array.from(text.matchAll(/^export type \{([^}]*)\}/gm), (match) => match[1]!.split(','));
    const names = [...single, ...lists.flat().map((name) => name.trim())].filter((name) => name !== '');
    expect(names.sort()).toEqual([
      'Affine',
      'BorderSource',
      'Bounds',
      'BuildInput',
      'BuildSpec',
      'BuildSummary',
      'CacheGcReport',
      'CacheListing',
      'CacheOptions',
      'CachePolicy',
      'CacheRemoval',
      'CacheReport',
      'CachedFile',
      'CardOptions',
      'CardReport',
      'CheckLakeOptions',
      'Collected',
      'CollectedVersions',
      'CommittedLake',
      'CountrySites',
      'Crs',
      'CsvGeometry',
      'CubeArray',
      'CubeGroup',
      'CubeInfo',
      'CubeSamples',
      'CubeVersion',
      'CubeVersions',
      'DamagedFile',
      'DataType',
      'DatasetReport',
      'DatasetRows',
      'DedupRules',
      'Deduplicated',
      'EnrichInput',
      'EnrichProgress',
      'EnrichReport',
      'EnrichedTable',
      'EnrichmentSource',
      'ExpireVersionsInput',
      'ExpiredVersions',
      'ExportFormat',
      'ExportOptions',
      'ExportReport',
      'ExportSource',
      'FeaturePair',
      'FetchOptions',
      'FetchProgress',
      'FetchRequest',
      'FetchedDataset',
      'FetchedFile',
      'FileFilters',
      'Flow',
      'FlowCacheGcOptions',
      'FlowCacheGcReport',
      'FlowCheck',
      'FlowFile',
      'FlowFormat',
      'FlowLineage',
      'FlowNode',
      'FlowNodeInfo',
      'FlowOptions',
      'FlowRun',
      'FlowSelection',
      'ForgetInput',
      'ForgetProgress',
      'ForgetReport',
      'GcRules',
      'IcechunkDiff',
      'IcechunkVersion',
      'ImportOptions',
      'ImportReport',
      'IngestInput',
      'IngestProgress',
      'IngestReport',
      'IngestSettings',
      'Instant',
      'JudgedSnapshot',
      'Label',
      'LabelIndex',
      'LabelSamples',
      'LabelSet',
      'LakeBackup',
      'LakeCheck',
      'LakeDataset',
      'LakeDescription',
      'LakeFault',
      'LakeInput',
      'LakeLocation',
      'LakeRun',
      'LakeSnapshot',
      'LakeStorage',
      'LandSources',
      'LeftOut',
      'Lineage',
      'LineageFormat',
      'LineageNode',
      'ListVersionsInput',
      'LonLatBox',
      'MaintainOptions',
      'MaintenanceReport',
      'MaintenanceStep',
      'Manifest',
      'MapNode',
      'ModelRun',
      'ModelSelection',
      'ModelTestResult',
      'ModelValue',
      'ModelsReport',
      'NamedSnapshot',
      'NaturalEarthSource',
      'NodeContext',
      'NodeInputs',
      'NodeOptions',
      'NodeRun',
      'OpenCubeInput',
      'OpenRasterInput',
      'OvertureSource',
      'OwnSamples',
      'PairClass',
      'PgstacDatabase',
      'PgstacLoadInput',
      'PgstacLoadReport',
      'PgstacSearchInput',
      'PgstacSearchResult',
      'PlannedCube',
      'Problem',
      'ProblemKind',
      'Progress',
      'ProgressEvent',
      'ProjectInput',
      'ProviderSignerOptions',
      'QuarantinedRecord',
      'QueryOptions',
      'QueryResult',
      'Raster',
      'RasterArray',
      'RasterBand',
      'RasterDimension',
      'RasterLevel',
      'ReadCubeInput',
      'ReadInput',
      'ReadLabelInput',
      'ReadLabelsOptions',
      'ReadOptions',
      'ReferencesInput',
      'ReferencesSummary',
      'RefusedRaster',
      'RelocateOptions',
      'Relocation',
      'Repository',
      'Retention',
      'RunFlowOptions',
      'RunModelsInput',
      'Samples',
      'ScanInput',
      'ScanQuery',
      'ScanReport',
      'SearchPlace',
      'SiteFeature',
      'SiteMember',
      'Size',
      'SnapshotInfo',
      'SourceOptions',
      'SpecInput',
      'StacExportInput',
      'StacExportReport',
      'StacFetchInput',
      'StacFetchReport',
      'StacManifest',
      'StacSearchInput',
      'StacSearchResult',
      'StacSourceReport',
      'Statistic',
      'Statistics',
      'StepWork',
      'TargetOptions',
      'TestModelsInput',
      'TimeSelection',
      'UnpackLimits',
      'ValueNode',
      'ValuesOf',
      'VersionName',
      'WarpInput',
      'WarpedArray',
      'Window',
      'ZonalRow',
      'ZonalStatsInput',
      'ZoneSource',
    ]);
  });
});

/** What someone writes who has installed the package. */
const CONSUMER = `
import { buildCube, planCube, openRaster, zonalStats, isCubeError, type BuildSummary, type RasterArray } from 'heliocube';

export async function use(signal: AbortSignal): Promise<number> {
  const plan = await planCube({ spec: 'spec.yaml', signal });
  const hash: string = plan.hash;
  const summary: BuildSummary = await buildCube({ spec: 'spec.yaml', out: 'out', workers: 2, signal });
  const raster = await openRaster('scene.tif', { signal });
  const samples: RasterArray = await raster.read({ level: 1, window: { col: 0, row: 0, width: 8, height: 8 }, bands: [0], signal });
  const [bands, height, width] = samples.shape;
  await raster.close();
  const table = await zonalStats({ labels: 'labels.geojson', rasters: ['scene.tif'], rule: 'exact', signal });
  const means = table.getChild('mean');
  // @ts-expect-error a rule that there is not
  await zonalStats({ labels: 'labels.geojson', rasters: [], rule: 'some' });
  return hash.length + summary.failures + bands! * height! * width! + table.numRows + Number(means?.get(0));
}

export function exit(error: unknown): string {
  return isCubeError(error, 'exists') ? error.problem.path : 'other';
}
`;

describe('a program that uses the package', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/heliocube'), 'dir');
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('package.json', JSON.stringify({ name: 'consumer', type: 'module' }));
  write('consumer.ts', CONSUMER);

  it.each(['NodeNext', 'Bundler'])('has full types with module resolution %s', (moduleResolution) => {
    cubePath(); // builds what is stale
    const module = moduleResolution === 'Bundler' ? 'ESNext' : 'NodeNext';
    const compilerOptions = {
      target: 'ES2022',
      module,
      moduleResolution,
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      types: [],
      skipLibCheck: true,
    };
    write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { stdout, status } = spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  it('runs', () => {
    cubePath();
    write(
      'run.mjs',
      `import { zonalStats, STATISTICS } from 'heliocube'; console.log(typeof zonalStats, STATISTICS.length);`,
    );
    const { stdout } = spawnSync(process.execPath, [join(folder, 'run.mjs')], { encoding: 'utf8' });
    expect(stdout).toBe('function 12\n');
  });
});
