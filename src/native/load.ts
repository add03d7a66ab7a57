import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CubeError } from '../errors.js';

/** The built addon lies beside `src/` and `dist/`, both one folder above this file's. */
const ADDON_PATH = fileURLToPath(new URL('../../native/core.node', import.meta.url));

/** Whether the addon runs here. */
export type AddonStatus =
  | { readonly kind: 'loaded'; readonly path: string }
  /** Twins run instead; `why` says what is missing. */
  | { readonly kind: 'absent'; readonly why: string; readonly fix: string };

let loaded: { readonly status: AddonStatus; readonly exports: Readonly<Record<string, unknown>> } | null = null;

/** Whether the native addon runs here. `HELIOCUBE_NATIVE=off` turns it off, for tests and comparisons. */
export function addonStatus(): AddonStatus {
  return load().status;
}

/**
 * Instructions that the addon's kernels use here, `avx2` or `scalar`; null without the addon. `HELIOCUBE_SIMD=off` in the
 * environment that the process starts with makes it `scalar`; results are the same bits.
 */
export function simdPath(): string | null {
  return nativeFunctions<{ simdPath: () => string }>(['simdPath'])?.simdPath() ?? null;
}

/**
 * The named functions of the addon, or null where the addon is absent (then the caller uses its twin). An addon that
 * lacks one of them is older than this code: `missing-component`.
 */
export function nativeFunctions<T extends Record<string, (...parameters: never[]) => unknown>>(
  names: readonly (keyof T & string)[],
): T | null {
  const { status, exports } = load();
  if (status.kind === 'absent') return null;
  const missing = names.filter((name) => typeof exports[name] !== 'function');
  if (missing.length > 0) {
    throw new CubeError({
      kind: 'missing-component',
      component: 'native addon',
      what: `${status.path} lacks ${missing.join(', ')}`,
      fix: 'rebuild it with `npm run setup`',
    });
  }
  return exports as T;
}

function load(): NonNullable<typeof loaded> {
  loaded ??= open();
  return loaded;
}

function open(): NonNullable<typeof loaded> {
  const absent = (why: string, fix: string) => ({ status: { kind: 'absent', why, fix } as const, exports: {} });
  if (process.env['HELIOCUBE_NATIVE'] === 'off')
    return absent('turned off by HELIOCUBE_NATIVE=off', 'unset HELIOCUBE_NATIVE');
  if (!existsSync(ADDON_PATH)) {
    return absent(
      `not built for ${process.platform}-${process.arch}`,
      'install Rust (rustup.rs) and run `npm run setup`',
    );
  }
  try {
    const exports: Record<string, unknown> = createRequire(import.meta.url)(ADDON_PATH);
    return { status: { kind: 'loaded', path: ADDON_PATH }, exports };
  } catch (error) {
    const why = `${ADDON_PATH} does not load on ${process.platform}-${process.arch}: ${String(error)}`;
    return absent(why, 'rebuild it with `npm run setup`');
  }
}
