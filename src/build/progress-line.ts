import type { Progress, ProgressEvent } from './progress.js';
import { formatBytes } from './format-bytes.js';

const PHASES: Readonly<Record<Extract<ProgressEvent, { kind: 'phase' }>['name'], string>> = {
  search: 'searching items',
  labels: 'reading labels',
  headers: 'reading headers',
  plan: 'planning',
  chunks: 'building chunks',
  store: 'closing the store',
  lake: 'committing to the lake',
};

/** A terminal is redrawn at most this often. */
const REDRAW_MS = 100;
/** Elsewhere a line is printed at most this often. */
const LINE_MS = 5000;

/** Progress for people on stderr: one line redrawn on a terminal, a line now and then elsewhere; nothing when quiet. */
export function progressLine(quiet: boolean, stream: NodeJS.WriteStream = process.stderr): Progress & { done(): void } {
  const live = stream.isTTY === true;
  let last = 0;
  let drawn = false;
  const clear = () => {
    if (drawn) stream.write('\r\u001B[K');
    drawn = false;
  };
  const show = (text: string, always: boolean) => {
    const now = Date.now();
    if (!always && now - last < (live ? REDRAW_MS : LINE_MS)) return;
    last = now;
    clear();
    stream.write(live ? text : `${text}\n`);
    drawn = live;
  };
  const report = (event: ProgressEvent): void => {
    if (quiet) return;
    if (event.kind === 'warning') {
      clear();
      stream.write(`warning: ${event.text}\n`);
    } else if (event.kind === 'phase') show(`${PHASES[event.name]} …`, true);
    else show(describe(event), event.done === event.total);
  };
  return Object.assign(report, { done: clear });
}

function describe(event: Exclude<ProgressEvent, { kind: 'phase' | 'warning' }>): string {
  const part = `${event.done}/${event.total}`;
  if (event.kind === 'items') return `reading headers ${part}`;
  const failures = event.failures === 0 ? '' : `, ${event.failures} failed reads`;
  return `building chunks ${part}, ${formatBytes(event.bytesRead)} read${failures}`;
}
