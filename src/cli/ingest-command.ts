import { Command } from 'commander';
import { withLakeOptions } from './with-lake-options.js';

const EXAMPLES = `
Examples:
  cube ingest manifest.yaml --lake lake.ducklake
  cube ingest doi_manifest.json --lake sqlite:lake.sqlite --only ind_pv_solar_farms_2022
  cube ingest validate manifest.yaml

Data sets whose entry and files have not changed are not read again: a second run changes nothing. Where --overlap or another rule of
deduplication has changed, the sites are made again.
Exit codes: 0 done, 2 the manifest is wrong, 7 data sets failed (with --keep-going), 130 stopped; others as those of cube build.`;

/** `cube ingest`: published data sets into a lake. */
export function ingestCommand(): Command {
  const command = withLakeOptions(new Command('ingest'), 'lake, made where it is absent')
    .description('bring published photovoltaic data sets into a lake: fetch, harmonise, deduplicate')
    .argument('<manifest>', 'JSON or YAML file')
    .option('--only <names>', 'data sets, with commas between them (default: all that the manifest does not skip)')
    .option('--cache <dir>', 'where fetched files are kept (default: $XDG_CACHE_HOME/heliocube)')
    .option('--offline', 'use what the cache has, and no network')
    .option('--again', 'read data sets that have not changed, too')
    .option('--no-models', 'leave the SQL models (raw to curated) as they are')
    .option('--keep-going', 'go on without the data sets that fail')
    .option(
      '--candidates <way>',
      'how pairs of features are found: rtree or h3; the sites are the same (default: rtree)',
    )
    .option('--h3-resolution <0-15>', 'of the cells of --candidates h3 (default: $H3_DEDUP_RES, else 9)')
    .option('--overlap <share>', 'from which two features are one (default: $OVERLAP_THRESHOLD, else 0.5)')
    .option('--json', 'print the report as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action(async (manifest, options) => (await import('./run-ingest.js')).runIngest(manifest, options));
  return command.addCommand(validateCommand());
}

function validateCommand(): Command {
  return (
    new Command('validate')
      .description('check a manifest and tell every fault')
      .argument('<manifest>', 'JSON or YAML file')
      .option('--schema', 'print the JSON Schema of manifests, and do nothing else')
      .option('--json', 'print the faults as JSON')
      // With the options of `cube ingest`: it takes a --json behind validate for its own.
      .action(async (manifest, _, command) =>
        (await import('./run-ingest.js')).runValidate(manifest, command.optsWithGlobals()),
      )
  );
}
