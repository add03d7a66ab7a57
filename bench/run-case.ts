import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '../src/sample/random.js';
import type { Case } from './cases.js';
import { compareFiles } from './compare.js';
import { median } from './median.js';
import type { Measured } from './protocol.js';
import { RouteProcess, type RouteCommand } from './route-process.js';

/** One peer on one case. Seconds are medians of the rounds, memory is the most of all rounds. */
export type Row = {
  readonly case: string;
  readonly peer: string;
  /** The peer's time over ours: above 1 we are faster. */
  readonly ratio: number;
  readonly ours_s: number;
  readonly peer_s: number;
  readonly ours_cpu_s: number;
  readonly peer_cpu_s: number;
  readonly ours_mib: number;
  readonly peer_mib: number;
  /** The two results have the same bytes. */
  readonly equal: boolean;
  /** Fraction of the values that agree within the case's tolerance. */
  readonly agree: number;
};

export type CaseOptions = {
  readonly rounds: number;
  /** Folder for results and stores; emptied when the case is done. */
  readonly scratch: string;
  /** How a route is started, or why it cannot be. */
  readonly commandOf: (route: string) => RouteCommand | string;
  readonly say: (line: string) => void;
};

export type CaseResult = { readonly rows: readonly Row[]; readonly versions: readonly string[] };

export const OURS = 'heliocube';

/**
 * Measure a case: every route does it once to warm up, and those results are compared; then all routes take turns, in
 * another seeded order each round. Throws where we fail, or where any route's result changes from round to round.
 */
export async function runCase(test: Case, options: CaseOptions): Promise<CaseResult> {
  await mkdir(options.scratch, { recursive: true });
  const routes = await startRoutes(test, options);
  try {
    const warm = new Map<string, Measured>();
    for (const route of routes.slice()) {
      const measured = await round(test, route, options, dumpPath(options, route.name));
      if (measured !== null) warm.set(route.name, measured);
      else routes.splice(routes.indexOf(route), 1);
    }
    const rounds = await takeTurns(test, routes, options, warm);
    const ours = rounds.get(OURS)!;
    const [wall, cpu] = [median(ours.map((one) => one.wall)), median(ours.map((one) => one.cpu))];
    options.say(`${test.name}: ${wall.toFixed(3)} s, ${cpu.toFixed(3)} CPU s`);
    const rows: Row[] = [];
    for (const { name } of routes) if (name !== OURS) rows.push(await rowOf(test, name, { rounds, warm, options }));
    return { rows, versions: routes.map(({ versions }) => versions) };
  } finally {
    await Promise.all(routes.map((route) => route.close()));
    await rm(options.scratch, { recursive: true, force: true });
  }
}

async function startRoutes(test: Case, { commandOf, say }: CaseOptions): Promise<RouteProcess[]> {
  const routes: RouteProcess[] = [];
  for (const name of [OURS, ...test.peers]) {
    const command = commandOf(name);
    const route = typeof command === 'string' ? command : await RouteProcess.start(command);
    if (typeof route !== 'string') routes.push(route);
    else if (name === OURS) throw new Error(route);
    else say(`${test.name}: without ${name}: ${route}`);
  }
  return routes;
}

/** Null where a peer fails: it is left out and said so. */
async function round(
  test: Case,
  route: RouteProcess,
  { scratch, say }: CaseOptions,
  dump: string | null,
): Promise<Measured | null> {
  const answer = await route.ask({ job: test.job, scratch: join(scratch, route.name), dump });
  if (!('error' in answer)) return answer;
  if (route.name === OURS) throw new Error(`${test.name}: ${answer.error}`);
  say(`${test.name}: without ${route.name}, which failed: ${answer.error}`);
  await route.close();
  return null;
}

async function takeTurns(
  test: Case,
  routes: RouteProcess[],
  options: CaseOptions,
  warm: ReadonlyMap<string, Measured>,
): Promise<Map<string, Measured[]>> {
  const random = seededRandom(options.rounds);
  const rounds = new Map(routes.map(({ name }) => [name, [] as Measured[]]));
  for (let i = 0; i < options.rounds; i++) {
    for (const route of shuffled(routes, random)) {
      const measured = await round(test, route, options, null);
      if (measured === null) throw new Error(`${test.name}: ${route.name} failed after it had worked`);
      if (measured.crc !== warm.get(route.name)!.crc)
        throw new Error(`${test.name}: ${route.name} gave another result in round ${i + 1}`);
      rounds.get(route.name)!.push(measured);
    }
  }
  return rounds;
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const list = [...items];
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
  return list;
}

async function rowOf(
  test: Case,
  peer: string,
  {
    rounds,
    warm,
    options,
  }: { rounds: ReadonlyMap<string, readonly Measured[]>; warm: ReadonlyMap<string, Measured>; options: CaseOptions },
): Promise<Row> {
  const [ours, theirs] = [rounds.get(OURS)!, rounds.get(peer)!];
  const [wall, peerWall] = [ours, theirs].map((list) => median(list.map((one) => one.wall))) as [number, number];
  const [cpu, peerCpu] = [ours, theirs].map((list) => median(list.map((one) => one.cpu))) as [number, number];
  return {
    case: test.name,
    peer,
    ratio: peerWall / wall,
    ours_s: wall,
    peer_s: peerWall,
    ours_cpu_s: cpu,
    peer_cpu_s: peerCpu,
    ours_mib: Math.max(...ours.map((one) => one.peakMiB)),
    peer_mib: Math.max(...theirs.map((one) => one.peakMiB)),
    equal: warm.get(OURS)!.crc === warm.get(peer)!.crc,
    agree: await compareFiles(dumpPath(options, OURS), dumpPath(options, peer), test.compare),
  };
}

function dumpPath({ scratch }: CaseOptions, route: string): string {
  return join(scratch, `${route}.bin`);
}
