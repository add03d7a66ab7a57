import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(fileURLToPath(import.meta.url), '../../..');

/** Folder of the compiled code, built first where a source of the named folders is newer: child processes import it. */
export function builtFolder(...folders: string[]): string {
  if (staleSources(folders).length > 0) {
    spawnSync(process.execPath, [
      join(ROOT, 'node_modules/typescript/bin/tsc'),
      '-p',
      join(ROOT, 'tsconfig.build.json'),
    ]);
  }
  const missing = staleSources(folders).filter((source) => !existsSync(compiled(source)));
  if (missing.length > 0) throw new Error(`npm run build left out ${missing.join(', ')}`);
  return join(ROOT, 'dist');
}

function staleSources(folders: readonly string[]): string[] {
  const sources = folders.flatMap((folder) =>
    readdirSync(join(ROOT, 'src', folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  return sources.filter((source) => {
    const target = compiled(source);
    return !existsSync(target) || statSync(target).mtimeMs < statSync(join(ROOT, 'src', source)).mtimeMs;
  });
}

function compiled(source: string): string {
  return join(ROOT, 'dist', source.replace(/\.ts$/, '.js'));
}
