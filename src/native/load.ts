import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CubeError } from '../errors.js';

/** What is loaded, and how one gets it. The built addons lie beside `src/` and `dist/`, both one folder above this file's. */
type Addon = { readonly path: string; readonly variable: string; readonly install: string; readonly rebuild: string };

const CORE: Addon = {
  path: fileURLToPath(new URL('../../native/core.node', import.meta.url)),
  variable: 'HELIOCUBE_NATIVE',
  install: 'install Rust (rustup.rs) and run `npm run setup`',
  rebuild: 'rebuild it with `npm run setup`',
};

const ICECHUNK: Addon = {
  path: fileURLToPath(new URL('../../native/icechunk.node', import.meta.url)),
  variable: 'HELIOCUBE_ICECHUNK',
  install: 'install Rust (rustup.rs) and run `npm run setup:icechunk`',
  rebuild: 'rebuild it with `npm run setup:icechunk`',
};

/** A package of others that is built against the system's GDAL; the folder is that of `scripts/setup-gdal.mjs`. */
const GDAL: Addon = {
  path: fileURLToPath(new URL('../../.heliocube/gdal/node_modules/gdal-async', import.meta.url)),
  variable: 'HELIOCUBE_GDAL',
  install: 'run `npm run setup:gdal`',
  rebuild: 'rebuild it with `npm run setup:gdal`',
};

/** Whether the addon runs here. */
export type AddonStatus =
  | { readonly kind: 'loaded'; readonly path: string }
  /** `why` says what is missing. Twins run instead of the core; nothing does instead of the Icechunk binding. */
  | { readonly kind: 'absent'; readonly why: string; readonly fix: string };

type Loaded = { readonly status: AddonStatus; readonly exports: Readonly<Record<string, unknown>> };

/** Each is loaded at its first use. */
const loaded = new Map<Addon, Loaded>();

/** Whether the native addon runs here. `HELIOCUBE_NATIVE=off` turns it off, for tests and comparisons. */
export function addonStatus(): AddonStatus {
  return load(CORE).status;
}

/**
 * Instructions that the addon's kernels use here, `avx2` or `scalar`; null without the addon. `HELIOCUBE_SIMD=off` in the
 * environment that the process starts with makes it `scalar`; results are the same bits.
 */
export function simdPath(): string | null {
  return nativeFunctions<{ simdPath: () => string }>(['simdPath'])?.simdPath() ?? null;
}

/** Whether the Icechunk binding runs here, loading it. `HELIOCUBE_ICECHUNK=off` turns it off. */
export function icechunkStatus(): AddonStatus {
  return load(ICECHUNK).status;
}

/** Whether GDAL is installed; it is not loaded, since it runs in one thread of a process only. `HELIOCUBE_GDAL=off` turns it off. */
export function gdalStatus(): AddonStatus {
  return absence(GDAL) ?? { kind: 'loaded', path: GDAL.path };
}

/** GDAL's package, loaded; `missing-component` where it is absent or lacks one of the functions or objects. */
export function gdalExports<T extends object>(
  functions: readonly (keyof T & string)[],
  objects: readonly (keyof T & string)[],
): T {
  const { status, exports } = load(GDAL);
  if (status.kind === 'absent') {
    throw new CubeError({ kind: 'missing-component', component: 'GDAL', what: status.why, fix: status.fix });
  }
  assertExports('GDAL', GDAL, exports, functions);
  assertExports('GDAL', GDAL, exports, objects, 'object');
  return exports as T;
}

/**
 * The named functions of the addon, or null where the addon is absent (then the caller uses its twin). An addon that
 * lacks one of them is older than this code: `missing-component`.
 */
export function nativeFunctions<T extends Record<string, (...parameters: never[]) => unknown>>(
  names: readonly (keyof T & string)[],
): T | null {
  const { status, exports } = load(CORE);
  if (status.kind === 'absent') return null;
  assertExports('native addon', CORE, exports, names);
  return exports as T;
}

/** The named functions of the Icechunk binding; `missing-component` where it is absent or older than this code. */
export function icechunkFunctions<T extends Record<string, (...parameters: never[]) => unknown>>(
  names: readonly (keyof T & string)[],
): T {
  const { status, exports } = load(ICECHUNK);
  if (status.kind === 'absent') {
    const { why, fix } = status;
    throw new CubeError({ kind: 'missing-component', component: 'Icechunk binding', what: why, fix });
  }
  assertExports('Icechunk binding', ICECHUNK, exports, names);
  return exports as T;
}

function assertExports(
  component: string,
  { path, rebuild }: Addon,
  exports: Readonly<Record<string, unknown>>,
  names: readonly string[],
  type: 'function' | 'object' = 'function',
): void {
  const missing = names.filter((name) => typeof exports[name] !== type);
  if (missing.length === 0) return;
  throw new CubeError({
    kind: 'missing-component',
    component,
    what: `${path} lacks ${missing.join(', ')}`,
    fix: rebuild,
  });
}

function load(addon: Addon): Loaded {
  const before = loaded.get(addon);
  if (before !== undefined) return before;
  const opened = open(addon);
  loaded.set(addon, opened);
  return opened;
}

/** Why an addon cannot be loaded, without trying; null where its file is there. */
function absence({ path, variable, install }: Addon): AddonStatus | null {
  if (process.env[variable] === 'off') {
    return { kind: 'absent', why: `turned off by ${variable}=off`, fix: `unset ${variable}` };
  }
  if (existsSync(path)) return null;
  return { kind: 'absent', why: `not built for ${process.platform}-${process.arch}`, fix: install };
}

function open(addon: Addon): Loaded {
  const { path, rebuild } = addon;
  const absent = absence(addon);
  if (absent !== null) return { status: absent, exports: {} };
  try {
    const exports: Record<string, unknown> = createRequire(import.meta.url)(path);
    return { status: { kind: 'loaded', path }, exports };
  } catch (error) {
    const why = `${path} does not load on ${process.platform}-${process.arch}: ${String(error)}`;
    return { status: { kind: 'absent', why, fix: rebuild }, exports: {} };
  }
}
