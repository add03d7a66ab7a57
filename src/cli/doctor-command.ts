import { Command } from 'commander';

/** `cube doctor`: what works here, what is missing and how to get it. Exit code 3 where a needed part is missing. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check the addon, the extensions and the versions')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExamples:\n  cube doctor\n  cube doctor --json')
    .action(async (options) => (await import('./run-doctor.js')).runDoctor(options));
}
