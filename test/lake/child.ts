import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import type { RunRecords } from '../../src/cube/records.js';
import type { LakeOptions } from '../../src/lake/lake.js';
import { builtFolder } from './built.js';

const SCRIPT = fileURLToPath(new URL('commit-process.mjs', import.meta.url));

let count = 0;

/** A line that the child printed: `ready`, then a run, or a `problem`. */
export type ChildLine = { readonly [key: string]: unknown };

export type Child = {
  readonly process: ChildProcess;
  /** Resolves when the lake is open in the child, or when the child ends without that. */
  readonly ready: Promise<void>;
  /** Every line, once the child has ended. */
  readonly ended: Promise<ChildLine[]>;
};

/** Starts a process that commits the runs, one after the other. `folder` takes its input file. */
export function commitInChild(folder: string, options: LakeOptions, runs: readonly RunRecords[]): Child {
  const recordsPath = join(folder, `records-${count++}`);
  writeFileSync(recordsPath, serialize(runs));
  const dist = builtFolder('duckdb', 'lake');
  const child = spawn(process.execPath, [SCRIPT, dist, recordsPath, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: ChildLine[] = [];
  let isReady = () => {};
  const ready = new Promise<void>((resolve) => (isReady = resolve));
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(JSON.parse(line));
    isReady();
  });
  const ended = new Promise<ChildLine[]>((resolve) => {
    reader.on('close', () => {
      isReady();
      resolve(lines);
    });
  });
  return { process: child, ready, ended };
}
