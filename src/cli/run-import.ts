import { importTable } from '../ingest/import/import-table.js';
import { interruptible } from './interrupt.js';
import { neededLake } from './lake-option.js';
import { printError, printResult, type CommonOptions } from './output.js';
import type { LakeOptions } from './with-lake-options.js';

/** Options of `cube import`, as they were typed. */
export type ImportCommandOptions = CommonOptions &
  LakeOptions & { readonly table: string; readonly geometry?: string[]; readonly overwrite?: boolean };

/** What `cube import` does. Never throws: the problem is printed and the exit code set. */
export async function runImport(source: string, options: ImportCommandOptions): Promise<void> {
  try {
    const lake = await neededLake(options);
    const report = await interruptible('nothing was written', (signal) =>
      importTable({
        source,
        lake,
        table: options.table,
        overwrite: options.overwrite === true,
        ...(options.geometry === undefined ? {} : { geometry: options.geometry }),
        signal,
      }),
    );
    printResult(options, report, () =>
      [
        `${report.table}: ${report.rows} rows${report.replaced ? ', replaced' : ''} (snapshot ${report.snapshotId})`,
        ...report.columns.map(({ name, type }) => `column   ${name}: ${type}`),
      ].join('\n'),
    );
  } catch (error) {
    printError(options, error);
  }
}
