/** A terminal is redrawn at most this often. */
const REDRAW_MS = 100;
/** Elsewhere a line is printed at most this often. */
const LINE_MS = 5000;

/** Progress of one job on a terminal. */
export type CounterLine = {
  readonly report: (done: number, total: number) => void;
  /** Take the line away. */
  readonly clear: () => void;
};

/** Share of a long job that is done, for people on stderr: one line redrawn on a terminal, a line now and then elsewhere. */
export function counterLine(
  what: string,
  { quiet, stream = process.stderr }: { readonly quiet: boolean; readonly stream?: NodeJS.WriteStream },
): CounterLine {
  const live = stream.isTTY === true;
  let last = Date.now();
  let drawn = false;
  const clear = () => {
    if (drawn) stream.write('\r\u001B[K');
    drawn = false;
  };
  const report = (done: number, total: number) => {
    const now = Date.now();
    if (quiet || now - last < (live ? REDRAW_MS : LINE_MS)) return;
    last = now;
    clear();
    const text = `${what} ${Math.floor((100 * done) / Math.max(1, total))} %`;
    stream.write(live ? text : `${text}\n`);
    drawn = live;
  };
  return { report, clear };
}
