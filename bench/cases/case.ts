import type { Job } from '../protocol.js';

/** One thing to measure, and who else does it. */
export type Case = {
  /** As the table of claims has it: "P1"; rows may add to it. */
  readonly name: string;
  /** What is done and what is counted, for the report. */
  readonly what: string;
  readonly runs: readonly Run[];
  readonly rows: readonly RowPlan[];
  readonly agreement: Agreement;
  /** How many things each program goes through, and their name: then the page says how many a second. */
  readonly items?: { readonly count: number; readonly name: string };
};

/** One program that does one job; every run is a process of its own. */
export type Run = {
  readonly id: string;
  /** A route of run-route.ts or of peers.py. */
  readonly route: string;
  readonly job: Job;
  /** At most so many rounds, for programs that take minutes. */
  readonly rounds?: number;
  /** The job is a part of the work, and the seconds are multiplied by this. */
  readonly times?: number;
  /** Only asked once and not measured: what results are compared with. */
  readonly reference?: true;
};

/** Two runs that are compared. */
export type RowPlan = {
  readonly name: string;
  readonly ours: string;
  readonly peer: string;
  /** The least ratio that is claimed; null: nothing is. */
  readonly target: number | null;
};

/** When our result is right. */
export type Agreement =
  /** It has the bytes of the peer's result. */
  | { readonly kind: 'bytes' }
  /** At least the fraction `least` of the values are near those of the run `reference`. */
  | {
      readonly kind: 'values';
      readonly reference: string;
      readonly type: 'uint16' | 'float64';
      /** At most so far apart: digital numbers for uint16, a fraction of the larger value for float64. */
      readonly within: number;
      readonly least: number;
      /** The rule in words: "within 1 of …". */
      readonly rule: string;
    };

export const OURS = 'heliocube';

/** The route as its own run, all on one job. */
export function runsOf(job: Job, routes: readonly string[]): Run[] {
  return routes.map((route) => ({ id: route, route, job }));
}
