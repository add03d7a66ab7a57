import { LiveLine } from '../build/live-line.js';

/** Progress of one job on a terminal. */
export type CounterLine = {
  readonly report: (done: number, total?: number) => void;
  /** Take the line away. */
  readonly clear: () => void;
};

/** Share of a long job that is done, or how much of it where nobody knows the whole, for people on stderr: one line redrawn on a terminal, a line now and then elsewhere. */
export function counterLine(
  what: string,
  { quiet, stream = process.stderr }: { readonly quiet: boolean; readonly stream?: NodeJS.WriteStream },
): CounterLine {
  const line = new LiveLine(stream, Date.now());
  const report = (done: number, total?: number) => {
    const share = total === undefined ? String(done) : `${Math.floor((100 * done) / Math.max(1, total))} %`;
    if (!quiet) line.show(`${what} ${share}`);
  };
  return { report, clear: () => line.clear() };
}
