import { CubeError } from '../errors.js';
import { describeLake } from '../ingest/export/describe-lake.js';
import { formatCard } from '../ingest/export/format-card.js';
import { CARD_TITLE, writeCard } from '../ingest/export/write-card.js';
import { interruptible } from './interrupt.js';
import { lakeSnapshot, neededLake } from './lake-option.js';
import { printError, printResult, type CommonOptions } from './output.js';
import type { LakeOptions } from './with-lake-options.js';

/** Options of `cube card`, as they were typed. */
export type CardCommandOptions = CommonOptions &
  LakeOptions & {
    readonly out?: string;
    readonly pictures?: boolean;
    readonly title?: string;
    readonly snapshot?: string;
    readonly overwrite?: boolean;
  };

/** What `cube card` does. Never throws: the problem is printed and the exit code set. */
export async function runCard(options: CardCommandOptions): Promise<void> {
  try {
    const { out, pictures = false, overwrite = false, title = CARD_TITLE } = options;
    const lake = { lake: await neededLake(options), ...lakeSnapshot(options) };
    if (out === undefined && pictures)
      throw new CubeError({ kind: 'invalid-argument', what: '--pictures lie beside the card', fix: 'add -o FILE' });
    await interruptible('what was written is whole', async (signal) => {
      if (out === undefined) {
        const description = await describeLake({ ...lake, signal });
        printResult(options, description, () => formatCard(description, title).trimEnd());
        return;
      }
      const report = await writeCard({ ...lake, title, out, pictures, overwrite, signal });
      printResult(options, report, () => report.files.join('\n'));
    });
  } catch (error) {
    printError(options, error);
  }
}
