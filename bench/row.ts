import type { Agreement, RowPlan, Run } from './cases/case.js';
import { median } from './median.js';
import type { Measured } from './protocol.js';

/** One of our runs against one peer. Seconds are medians of the rounds, memory is the most of all rounds. */
export type Row = {
  readonly case: string;
  readonly peer: string;
  /** The peer's time over ours: above 1 we are faster. */
  readonly ratio: number;
  /** The least ratio that is claimed, or null. */
  readonly target: number | null;
  /** Results agree by the case's rule. */
  readonly equal: boolean;
  readonly agree: Agree;
  /** Rounds of the two. */
  readonly rounds: readonly [number, number];
  readonly ours_s: number;
  readonly peer_s: number;
  readonly ours_cpu_s: number;
  readonly peer_cpu_s: number;
  readonly ours_mib: number;
  readonly peer_mib: number;
};

/** How results agree. */
export type Agree = {
  readonly kind: Agreement['kind'];
  /** When they are equal, in words. */
  readonly rule: string;
  /** Fraction of our values that agree with the reference, and of the peer's; null where it is not a part of the rule. */
  readonly ours: number;
  readonly peer: number | null;
};

/** What a run gave. */
export type RunResult = {
  readonly run: Run;
  /** The round that warms up, whose result is compared. */
  readonly first: Measured;
  /** At least one. */
  readonly rounds: readonly Measured[];
  /** Fraction of values that agree with the reference; null where there is none. */
  readonly near: number | null;
};

/** The row of two runs. */
export function makeRow(plan: RowPlan, agreement: Agreement, ours: RunResult, peer: RunResult): Row {
  const seconds = ({ rounds, run }: RunResult, key: 'wall' | 'cpu') =>
    median(rounds.map((one) => one[key])) * (run.times ?? 1);
  const most = ({ rounds }: RunResult) => Math.max(...rounds.map(({ peakMiB }) => peakMiB));
  const agree = agreeOf(agreement, ours, peer);
  return {
    case: plan.name,
    peer: plan.peer,
    ratio: seconds(peer, 'wall') / seconds(ours, 'wall'),
    target: plan.target,
    equal: agree.ours >= (agreement.kind === 'bytes' ? 1 : agreement.least),
    agree,
    rounds: [ours.rounds.length, peer.rounds.length],
    ours_s: seconds(ours, 'wall'),
    peer_s: seconds(peer, 'wall'),
    ours_cpu_s: seconds(ours, 'cpu'),
    peer_cpu_s: seconds(peer, 'cpu'),
    ours_mib: most(ours),
    peer_mib: most(peer),
  };
}

function agreeOf(agreement: Agreement, ours: RunResult, peer: RunResult): Agree {
  if (agreement.kind === 'bytes')
    return {
      kind: 'bytes',
      rule: `the bytes of ${peer.run.route}`,
      ours: ours.first.crc === peer.first.crc ? 1 : 0,
      peer: null,
    };
  return { kind: 'values', rule: agreement.rule, ours: ours.near ?? 0, peer: peer.near };
}
