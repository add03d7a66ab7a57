import { join } from 'node:path';
import { CubeError, type Problem } from '../errors.js';
import { throwIfAborted } from '../io/abort.js';
import { cacheRoot } from '../io/cache-root.js';
import { nodeOf, type Flow } from './define-flow.js';
import { FlowCache } from './flow-cache.js';
import { FlowRunner } from './flow-runner.js';
import { sha256 } from './fingerprint.js';
import { upstreamOf } from './lineage.js';
import { moduleHash } from './module-hash.js';
import type { NodeRun } from './node-worker.js';
import type { MapNode, ValueNode } from './node-types.js';

/** How a flow is run. */
export type RunFlowOptions = {
  /** Values of the input nodes by name. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** Names of the nodes that the run is for; default: the flow's own. Nothing runs that none of them reads. */
  readonly targets?: readonly string[];
  /** Functions that run at once; default 4. They share this thread: it is waiting that overlaps. */
  readonly jobs?: number;
  /** Folder of the kept values; default `flows` in the cache. */
  readonly cacheDir?: string;
  /** Make every value anew, and keep it. */
  readonly again?: boolean;
  /** Go on without the elements of maps that fail, or with some problems only. What is aborted ends the run in any case. */
  readonly keepGoing?: boolean | ((problem: Problem) => boolean);
  readonly signal?: AbortSignal | undefined;
  /** Called for every value and element as it ends. */
  readonly onNode?: (run: NodeRun) => void;
};

/** What a run did. */
export type FlowRun = {
  readonly flow: string;
  /** Values and elements in the order in which they ended. */
  readonly nodes: readonly NodeRun[];
  readonly seconds: number;
  /** The value of a node that has run. Problem: its own, where it failed; `invalid-argument` where it did not run. */
  readonly value: <T>(node: ValueNode<T>) => T;
  /** The elements of a map that have values, by key and in order. */
  readonly elements: <T>(node: MapNode<T>) => ReadonlyMap<string, T>;
  /** The same of a node by its name; of a map an object of its elements. */
  readonly named: (name: string) => unknown;
};

/**
 * Run what the targets need, each node once, as much at once as `jobs` allows. The first failure ends it, and is thrown when
 * everything under way has ended; with `keepGoing` elements of maps may fail. Problems: those of the nodes, with their names;
 * `invalid-argument` for inputs that are absent or unknown.
 */
export async function runFlow(flow: Flow, options: RunFlowOptions = {}): Promise<FlowRun> {
  const startedMs = Date.now();
  const { inputs = {}, targets = flow.targets, jobs = 4, signal, keepGoing = false } = options;
  throwIfAborted(signal);
  if (!Number.isInteger(jobs) || jobs < 1) throw wrong(`jobs is ${jobs}`, 'a whole number of at least 1');
  for (const name of targets) nodeOf(flow, name);
  const needed = upstreamOf(flow, targets);
  assertInputs(flow, needed, inputs);
  const runner = new FlowRunner({
    inputs,
    jobs,
    signal,
    again: options.again === true,
    tolerates: typeof keepGoing === 'function' ? keepGoing : () => keepGoing,
    cache: new FlowCache(options.cacheDir ?? join(cacheRoot(), 'flows')),
    codeHash: flow.module === null ? sha256('') : await moduleHash(flow.module),
    onNode: options.onNode ?? (() => {}),
  });
  await runner.run(targets.map((name) => nodeOf(flow, name)));
  return {
    flow: flow.name,
    nodes: runner.ended,
    seconds: (Date.now() - startedMs) / 1000,
    value: <T>(node: ValueNode<T>) => runner.valueOf(node) as T,
    elements: <T>(node: MapNode<T>) => runner.elementsOf(node) as ReadonlyMap<string, T>,
    named: (name) => {
      const node = nodeOf(flow, name);
      return node.kind === 'map' ? Object.fromEntries(runner.elementsOf(node)) : runner.valueOf(node);
    },
  };
}

function assertInputs(flow: Flow, needed: ReadonlySet<string>, inputs: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(inputs)) {
    if (nodeOf(flow, name).kind !== 'input')
      throw wrong(`${name} is no input of the flow ${flow.name}`, inputNames(flow));
  }
  const absent = [...flow.nodes.values()].filter(
    ({ name, kind, fallback }) =>
      kind === 'input' && needed.has(name) && fallback === null && inputs[name] === undefined,
  );
  if (absent.length > 0) {
    const names = absent.map(({ name }) => name).join(', ');
    throw wrong(`the flow ${flow.name} needs ${names}`, `give a value for ${names}`);
  }
}

function inputNames({ nodes }: Flow): string {
  const names = [...nodes.values()].filter(({ kind }) => kind === 'input').map(({ name }) => name);
  return names.length === 0 ? 'it has none' : `its inputs: ${names.join(', ')}`;
}

function wrong(what: string, fix: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what, fix });
}
