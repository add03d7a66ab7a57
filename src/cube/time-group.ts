import type { Candidate } from './candidate.js';

/** One time step of the cube. */
export type TimeGroup = {
  /** Instant of the first member, milliseconds UTC. */
  readonly timeMs: number;
  /** Days since 1970-01-01. */
  readonly solarDay: number;
  /** In fusing order. */
  readonly members: readonly Candidate[];
};
