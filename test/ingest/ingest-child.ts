import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LakeLocation } from '../../src/lake/attach.js';
import { cubePath } from '../cli/run-cube.js';

const SCRIPT = fileURLToPath(new URL('ingest-process.mjs', import.meta.url));

/** Steps of an ingest that can be told apart from outside, in order. */
export type Step = 'start' | 'read' | 'commit' | 'models';
const STEPS: readonly Step[] = ['start', 'read', 'commit', 'models'];

type Line = { readonly phase?: string; readonly report?: unknown; readonly problem?: unknown };

export type EndedIngest = {
  readonly isKilled: boolean;
  readonly lines: readonly Line[];
  /** How long each step took; the last one ends with the process. */
  readonly stepMs: ReadonlyMap<Step, number>;
};

/** Ingest in a child process; killed so long after a step has begun. The models are run where that is in them. */
export function ingestInChild(
  input: { readonly manifest: string; readonly lake: LakeLocation; readonly models?: boolean },
  kill?: { readonly step: Step; readonly afterMs: number },
): Promise<EndedIngest> {
  const dist = join(cubePath(), '../..');
  const child = spawn(process.execPath, [SCRIPT, dist, JSON.stringify(input)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: Line[] = [];
  const begun = new Map<Step, number>();
  let timer: NodeJS.Timeout | undefined;
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    const said = JSON.parse(line) as Line;
    lines.push(said);
    const step = STEPS.find((one) => one === said.phase);
    if (step === undefined || begun.has(step)) return;
    begun.set(step, performance.now());
    if (step === kill?.step) timer = setTimeout(() => child.kill('SIGKILL'), kill.afterMs);
  });
  return new Promise((resolve) => {
    child.on('close', (_code, signal) => {
      clearTimeout(timer);
      const ends = [...begun.values(), performance.now()].slice(1);
      const stepMs = new Map([...begun].map(([step, since], i) => [step, ends[i]! - since]));
      resolve({ isKilled: signal === 'SIGKILL', lines, stepMs });
    });
  });
}
