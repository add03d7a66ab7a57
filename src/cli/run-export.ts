import { formatBytes } from '../build/format-bytes.js';
import { parseSize } from '../build/memory.js';
import { CubeError } from '../errors.js';
import { exportFormat } from '../ingest/export/export-format.js';
import type { ExportReport } from '../ingest/export/export-report.js';
import { exportTable } from '../ingest/export/export-table.js';
import { interruptible } from './interrupt.js';
import { lakeSnapshot, neededLake } from './lake-option.js';
import { printError, printResult, type CommonOptions } from './output.js';
import type { LakeOptions } from './with-lake-options.js';

/** Options of `cube export`, as they were typed. */
export type ExportCommandOptions = CommonOptions &
  LakeOptions & {
    readonly sql?: string;
    readonly where?: string;
    readonly out: string;
    readonly format?: string;
    readonly csvGeometry: string;
    readonly snapshot?: string;
    readonly maxMemory: string;
    readonly overwrite?: boolean;
    readonly stac?: boolean;
  };

/** What `cube export` does. Never throws: the problem is printed and the exit code set. */
export async function runExport(table: string | undefined, options: ExportCommandOptions): Promise<void> {
  try {
    const lake = await neededLake(options);
    const { out, sql, where, csvGeometry } = options;
    if (csvGeometry !== 'wkt' && csvGeometry !== 'lonlat')
      throw new CubeError({
        kind: 'invalid-argument',
        what: `--csv-geometry "${csvGeometry}": expected wkt or lonlat`,
      });
    const report = await interruptible('nothing was written', (signal) =>
      exportTable({
        lake,
        out,
        format: exportFormat(out, options.format),
        csvGeometry,
        maxMemory: parseSize(options.maxMemory),
        overwrite: options.overwrite === true,
        stac: options.stac === true,
        ...(table === undefined ? {} : { table }),
        ...(sql === undefined ? {} : { sql }),
        ...(where === undefined ? {} : { where }),
        ...lakeSnapshot(options),
        signal,
      }),
    );
    printResult(options, report, () => describe(report));
  } catch (error) {
    printError(options, error);
  }
}

function describe({ out, format, rows, byteLength, bbox, columns, notes }: ExportReport): string {
  const size = byteLength === null ? '' : `, ${formatBytes(byteLength)}`;
  return [
    `${out}: ${format}, ${rows} rows${size}`,
    ...(bbox === null ? [] : [`extent   ${bbox.map((side) => Number(side.toFixed(6))).join(', ')}`]),
    ...columns.flatMap(({ name, type, written }) =>
      written === null ? [] : [`written  ${name}: ${type} as ${written}`],
    ),
    ...notes.map((note) => `note     ${note}`),
  ].join('\n');
}
