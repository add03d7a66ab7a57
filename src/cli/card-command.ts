import { Command } from 'commander';
import { withLakeOptions } from './with-lake-options.js';

const EXAMPLES = `
Examples:
  cube card --lake lake.ducklake
  cube card --lake lake.ducklake -o CARD.md --pictures --title "Solar parks of India"`;

/** `cube card`: what a lake holds, for people. */
export function cardCommand(): Command {
  return withLakeOptions(new Command('card'))
    .description('describe the data sets and sites of a lake in Markdown: counts, licences, sources, fields')
    .option('-o, --out <file>', 'a Markdown file (default: print it)')
    .option('--pictures', 'beside it, a map of the sites and bars by country as SVG')
    .option('--title <text>', 'its heading')
    .option('--snapshot <id>', 'the lake as it was at this snapshot of its own (default: the newest)')
    .option('--overwrite', 'replace the files that are there')
    .option('--json', 'print what it says as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options) => (await import('./run-card.js')).runCard(options));
}
