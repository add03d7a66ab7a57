import type { Progress, ProgressEvent } from './progress.js';
import { formatBytes } from './format-bytes.js';
import { LiveLine } from './live-line.js';

const PHASES: Readonly<Record<Extract<ProgressEvent, { kind: 'phase' }>['name'], string>> = {
  search: 'searching items',
  labels: 'reading labels',
  headers: 'reading headers',
  plan: 'planning',
  chunks: 'building chunks',
  store: 'closing the store',
  lake: 'committing to the lake',
  references: 'writing references',
};

/** Progress for people on stderr: one line redrawn on a terminal, a line now and then elsewhere; nothing when quiet. */
export function progressLine(quiet: boolean, stream: NodeJS.WriteStream = process.stderr): Progress & { done(): void } {
  const line = new LiveLine(stream);
  const report = (event: ProgressEvent): void => {
    if (quiet) return;
    if (event.kind === 'warning') line.print(`warning: ${event.text}`);
    else if (event.kind === 'phase') line.show(`${PHASES[event.name]} …`, true);
    else line.show(describe(event), event.done === event.total);
  };
  return Object.assign(report, { done: () => line.clear() });
}

function describe(event: Exclude<ProgressEvent, { kind: 'phase' | 'warning' }>): string {
  const part = `${event.done}/${event.total}`;
  if (event.kind === 'items') return `reading headers ${part}`;
  const failures = event.failures === 0 ? '' : `, ${event.failures} failed reads`;
  return `building chunks ${part}, ${formatBytes(event.bytesRead)} read${failures}`;
}
