import { readFileSync } from 'node:fs';

let version: string | null = null;

/** Version of this package, as its package.json says. */
export function codeVersion(): string {
  version ??= (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string })
    .version;
  return version;
}
