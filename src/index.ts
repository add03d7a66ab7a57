// The public API: every name, and nothing else.
export { buildCube, type BuildSummary } from './build/build-cube.js';
export { buildReferences, type ReferencesInput, type ReferencesSummary } from './build/build-references.js';
export type { BuildInput } from './build/build-input.js';
export type { CommittedLake } from './build/commit-to-lake.js';
export type { CubeArray, CubeGroup, CubeInfo } from './build/cube-info.js';
export type { Instant, TimeSelection } from './build/cube-selection.js';
export {
  collectVersions,
  expireVersions,
  type CollectedVersions,
  type ExpiredVersions,
  type ExpireVersionsInput,
} from './build/expire-versions.js';
export type { LakeInput } from './build/lake-input.js';
export {
  diffVersions,
  listVersions,
  nameVersion,
  type CubeVersion,
  type CubeVersions,
  type ListVersionsInput,
} from './build/list-versions.js';
export {
  CubeHandle,
  openCube,
  type LabelSamples,
  type OpenCubeInput,
  type ReadCubeInput,
  type ReadLabelInput,
} from './build/open-cube.js';
export type { VersionName } from './build/open-repository.js';
export { planCube, type PlannedCube } from './build/plan-cube.js';
export type { Progress, ProgressEvent } from './build/progress.js';
export type { SpecInput } from './build/read-spec.js';
export {
  openRaster,
  RasterHandle,
  type OpenRasterInput,
  type ReadInput,
  type ReadOptions,
} from './build/raster-handle.js';
export type { OwnSamples, RasterArray } from './build/raster-array.js';
export type { CubeSamples } from './build/read-cube.js';
export type { WarpedArray, WarpInput } from './build/warp-raster.js';
export { STATISTICS, type Statistic, type Statistics } from './build/statistic.js';
export { scanReferences, type ScanInput, type ScanReport } from './build/scan-references.js';
export type { RefusedRaster, ScanQuery } from './build/scan-targets.js';
export { zonalRows, type ZonalRow, type ZonalStatsInput } from './build/zonal-rows.js';
export { zonalStats } from './build/zonal-stats.js';
export { checkSpec, parseSpec } from './cube/parse-spec.js';
export { REASON } from './cube/reason.js';
export { specJsonSchema, specSchema, type BuildSpec } from './cube/spec.js';
export {
  CubeError,
  exitCodeOf,
  formatProblem,
  isCubeError,
  redactUrl,
  type Problem,
  type ProblemKind,
} from './errors.js';
export type { Affine, Bounds, Size, Window } from './grid/affine.js';
export type { Crs } from './grid/crs.js';
export type { DataType, Samples } from './grid/dtype.js';
export {
  cacheGc,
  cacheList,
  cacheVerify,
  type CachedFile,
  type CacheGcReport,
  type CacheListing,
  type CacheOptions,
  type CacheReport,
  type DamagedFile,
} from './ingest/fetch/cache.js';
export {
  enrichSites,
  type EnrichedTable,
  type EnrichInput,
  type EnrichProgress,
  type EnrichReport,
} from './ingest/enrich/enrich-sites.js';
export type { NaturalEarthSource } from './ingest/enrich/natural-earth.js';
export type { OvertureSource, ZoneSource } from './ingest/enrich/open-zones.js';
export type { BorderSource } from './ingest/enrich/read-admin-units.js';
export type { EnrichmentSource } from './ingest/enrich/tables.js';
export type { LandSources } from './ingest/enrich/zone-steps.js';
export { fetchDataset } from './ingest/fetch/fetch-dataset.js';
export type { FetchedDataset, FetchedFile } from './ingest/fetch/fetched-dataset.js';
export type { FetchOptions, FetchProgress } from './ingest/fetch/fetch-options.js';
export type { CacheRemoval, GcRules } from './ingest/fetch/plan-cache-gc.js';
export type { FetchRequest, FileFilters, LeftOut, Repository } from './ingest/fetch/remote-file.js';
export type { UnpackLimits } from './ingest/fetch/unpack-budget.js';
export { defineFlow, type Flow, type FlowOptions } from './flows/define-flow.js';
export { flowCacheGc, type FlowCacheGcOptions, type FlowCacheGcReport } from './flows/flow-cache-gc.js';
export { flowLineage, type FlowLineage, type FlowSelection } from './flows/lineage.js';
export { collectNode, inputNode, mapNode, node } from './flows/nodes.js';
export type { NodeRun } from './flows/node-worker.js';
export type {
  CachePolicy,
  FlowCheck,
  Collected,
  FlowFile,
  FlowNode,
  MapNode,
  NodeContext,
  NodeInputs,
  NodeOptions,
  ValueNode,
  ValuesOf,
} from './flows/node-types.js';
export { runFlow, type FlowRun, type RunFlowOptions } from './flows/run-flow.js';
export { sourceFile } from './flows/flow-file.js';
export { describeFlow, formatFlow, type FlowFormat, type FlowNodeInfo } from './flows/show-flow.js';
export type { SourceOptions } from './io/sources.js';
export type { LakeLocation } from './lake/attach.js';
export { arrowTable, arrowTableOf } from './lake/arrow.js';
export { checkLake, type CheckLakeOptions, type LakeCheck, type LakeFault } from './lake/maintain/check.js';
export type { LakeBackup } from './lake/maintain/backup.js';
export { maintainLake, type MaintainOptions, type MaintenanceReport } from './lake/maintain/maintain.js';
export { relocateLake, type RelocateOptions, type Relocation } from './lake/maintain/relocate.js';
export type { JudgedSnapshot, Retention } from './lake/maintain/retention.js';
export { backupLake, listSnapshots } from './lake/maintain/snapshots.js';
export type { MaintenanceStep, StepWork } from './lake/maintain/steps.js';
export { queryLake, type QueryOptions, type QueryResult } from './lake/query.js';
export type { LakeStorage } from './lake/storage.js';
export { findTarget, type TargetOptions } from './lake/targets/resolve-target.js';
export type { LakeRun, LakeSnapshot } from './lake/versions.js';
export { modelDocs } from './models/docs-page.js';
export { formatLineage, modelLineage, type Lineage, type LineageFormat, type LineageNode } from './models/lineage.js';
export type { ModelValue } from './models/project.js';
export type { ProjectInput } from './models/read-project.js';
export { runModels, type ModelRun, type ModelsReport, type RunModelsInput } from './models/run-models.js';
export type { ModelSelection } from './models/select-models.js';
export { testModels, type ModelTestResult, type TestModelsInput } from './models/test-models.js';
export type { NamedSnapshot } from './native/icechunk/contract.js';
export type { IcechunkDiff, IcechunkVersion, SnapshotInfo } from './native/icechunk/types.js';
export type { Raster, RasterBand, RasterDimension } from './raster/raster.js';
export type { RasterLevel } from './raster/level.js';
export { buildLabelIndex, type LabelIndex } from './vector/label-index.js';
export type { Label, LabelSet, QuarantinedRecord } from './vector/label.js';
export { readLabels, type ReadLabelsOptions } from './vector/read-labels.js';
export type { DatasetReport, IngestInput, IngestProgress, IngestReport } from './ingest/ingest-report.js';
export type { DatasetRows } from './ingest/dataset-rows.js';
export { forgetDatasets, type ForgetInput, type ForgetProgress, type ForgetReport } from './ingest/forget-datasets.js';
export { INGEST_FLOW, type IngestSettings } from './ingest/ingest-flow.js';
export { ingest } from './ingest/ingest.js';
export {
  describeLake,
  type CountrySites,
  type LakeDataset,
  type LakeDescription,
} from './ingest/export/describe-lake.js';
export type { ExportFormat } from './ingest/export/export-format.js';
export type { ExportSource } from './ingest/export/export-source.js';
export type { ExportReport } from './ingest/export/export-report.js';
export { exportTable, type ExportOptions } from './ingest/export/export-table.js';
export type { LonLatBox } from './ingest/export/survey-source.js';
export { importTable, type ImportOptions, type ImportReport } from './ingest/import/import-table.js';
export { writeCard, type CardOptions, type CardReport } from './ingest/export/write-card.js';
export type { CsvGeometry } from './ingest/export/write-csv.js';
export { checkManifest, manifestJsonSchema, parseManifest, type Manifest } from './ingest/parse-manifest.js';
export { exportStac, type StacExportInput, type StacExportReport } from './ingest/stac/export-stac.js';
export {
  fetchStac,
  type StacFetchInput,
  type StacFetchReport,
  type StacSourceReport,
} from './ingest/stac/fetch-stac.js';
export { checkStacManifest, stacManifestJsonSchema, type StacManifest } from './ingest/stac/parse-manifest.js';
export { loadPgstac, type PgstacLoadInput, type PgstacLoadReport } from './ingest/stac/load-pgstac.js';
export type { PgstacDatabase } from './ingest/stac/pgstac-server.js';
export { searchPgstac, type PgstacSearchInput, type PgstacSearchResult } from './ingest/stac/search-pgstac.js';
export { providerSigner, type ProviderSignerOptions } from './ingest/stac/provider-signer.js';
export type { SearchPlace } from './ingest/stac/search-place.js';
export { searchStac, type StacSearchInput, type StacSearchResult } from './ingest/stac/search-stac.js';
export {
  deduplicate,
  Deduplicator,
  type Deduplicated,
  type FeaturePair,
  type SiteMember,
} from './sites/deduplicate.js';
export { DEFAULT_RULES, type DedupRules, type PairClass, type SiteFeature } from './sites/site-feature.js';
