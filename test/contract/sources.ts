import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the checkout. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const SRC = join(ROOT, 'src');

/** Texts of all modules, by their path below src, with forward slashes. */
export const sources: ReadonlyMap<string, string> = new Map(
  readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => [name.replaceAll('\\', '/'), readFileSync(join(SRC, name), 'utf8')]),
);

export type Import = {
  /** A module of ours by its path below src, or the name of a package. */
  readonly target: string;
  readonly own: boolean;
  readonly kind: 'static' | 'type' | 'dynamic';
};

/** Everything that a module imports or exports from elsewhere; types too. */
export function importsOf(file: string): Import[] {
  const text = sources.get(file)!;
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?[^;'"]*?from\s+'([^']+)'/gm);
  const bare = text.matchAll(/^import\s+'([^']+)'/gm);
  const dynamic = text.matchAll(/\bimport\('([^']+)'\)/g);
  return [
    ...Array.from(statements, ([, type, name]) => named(file, name!, type === undefined ? 'static' : 'type')),
    ...Array.from(bare, ([, name]) => named(file, name!, 'static')),
    ...Array.from(dynamic, ([, name]) => named(file, name!, 'dynamic')),
  ];
}

function named(file: string, name: string, kind: Import['kind']): Import {
  if (!name.startsWith('.')) return { target: packageName(name), own: false, kind };
  const path = relative(SRC, resolve(SRC, dirname(file), name)).replaceAll('\\', '/');
  return { target: path.replace(/\.js$/, '.ts'), own: true, kind };
}

function packageName(name: string): string {
  if (name.startsWith('node:')) return name;
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Packages that are loaded as soon as a module is, directly or by what it imports. */
export function packagesLoadedBy(file: string): string[] {
  const [seen, packages] = [new Set<string>(), new Set<string>()];
  const visit = (module: string): void => {
    if (seen.has(module)) return;
    seen.add(module);
    for (const { target, own, kind } of importsOf(module)) {
      if (kind !== 'static') continue;
      if (own) visit(target);
      else if (!target.startsWith('node:')) packages.add(target);
    }
  };
  visit(file);
  return [...packages].sort();
}
