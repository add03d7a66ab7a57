import pLimit, { type LimitFunction } from 'p-limit';
import { CubeError, isCubeError, problemOf, type Problem } from '../errors.js';
import type { FlowCache } from './flow-cache.js';
import { fingerprint, sha256 } from './fingerprint.js';
import type { FlowNode, NodeContext } from './node-types.js';

/** What became of one value, or of one element of a map. */
export type NodeRun = {
  readonly node: string;
  /** Of an element; null elsewhere. */
  readonly key: string | null;
  /** `skipped` where something that it reads has failed, or the run ended before. */
  readonly status: 'ran' | 'cached' | 'failed' | 'skipped';
  readonly seconds: number;
  /** Hash of code and inputs; null where nothing is kept. */
  readonly cacheKey: string | null;
  /** Of checks that only warn. */
  readonly warnings: readonly string[];
  readonly problem: Problem | null;
};

/** A value and its hash, or what stood in its way. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown; readonly print: () => string }
  | { readonly ok: false; readonly error: unknown };

/** What a function is given. */
export type Given = {
  readonly key: string | null;
  readonly item: { readonly value: unknown; readonly print: () => string };
  readonly inputs: ReadonlyMap<string, { readonly value: unknown; readonly print: () => string }>;
};

/** What all functions of a run share. */
export type WorkerOptions = {
  readonly jobs: number;
  readonly again: boolean;
  readonly cache: FlowCache;
  readonly codeHash: string;
  readonly signal: AbortSignal;
  readonly onNode: (run: NodeRun) => void;
  readonly onEnd: NodeContext['onEnd'];
  /** Told of every failure as it happens. */
  readonly onFailure: (node: FlowNode, error: unknown) => void;
};

/** A value with its hash, which is computed when it is first asked for. */
export function made(value: unknown): Extract<Outcome, { ok: true }> {
  let print: string | null = null;
  return { ok: true, value, print: () => (print ??= fingerprint(value)) };
}

/** Runs the functions of nodes, some at a time, or takes their values from the cache. */
export class NodeWorker {
  readonly ended: NodeRun[] = [];
  readonly #options: WorkerOptions;
  readonly #jobs: LimitFunction;
  readonly #perNode = new Map<FlowNode, LimitFunction>();

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#jobs = pLimit(options.jobs);
  }

  /** The value of a node or element. Never throws. */
  work(node: FlowNode, given: Given): Promise<Outcome> {
    const whole = () => this.#jobs(() => this.#work(node, given));
    if (node.concurrency === Infinity) return whole();
    const own = this.#perNode.get(node) ?? pLimit(node.concurrency);
    this.#perNode.set(node, own);
    return own(whole);
  }

  /** Of a node whose inputs are not there. */
  skip(node: FlowNode, key: string | null, error: unknown): Outcome {
    this.#record({ node: node.name, key, status: 'skipped', seconds: 0, cacheKey: null, warnings: [], problem: null });
    return { ok: false, error };
  }

  async #work(node: FlowNode, given: Given): Promise<Outcome> {
    const { signal, onFailure } = this.#options;
    if (signal.aborted) return this.skip(node, given.key, signal.reason);
    const startedMs = Date.now();
    const ended = { node: node.name, key: given.key, cacheKey: null, warnings: [], problem: null };
    const seconds = () => (Date.now() - startedMs) / 1000;
    try {
      const { outcome, ...rest } = await this.#make(node, given);
      this.#record({ ...ended, ...rest, seconds: seconds() });
      return outcome;
    } catch (error) {
      if (signal.aborted && problemOf(error).kind === 'aborted') return this.skip(node, given.key, error);
      const told = isCubeError(error) ? error : unexpected(node, given.key, error);
      this.#record({ ...ended, status: 'failed', seconds: seconds(), problem: problemOf(told) });
      onFailure(node, told);
      return { ok: false, error: told };
    }
  }

  async #make(node: FlowNode, given: Given) {
    const { cache, again } = this.#options;
    const cacheKey = node.cache === 'never' ? null : cacheKeyOf(this.#options.codeHash, node, given);
    if (cacheKey !== null && !again) {
      const found = await cache.get(cacheKey, node.cache);
      if (found !== null) return { status: 'cached', cacheKey, warnings: [], outcome: made(found.value) } as const;
    }
    const values = Object.fromEntries([...given.inputs].map(([name, { value }]) => [name, value]));
    const value = await node.run(given.item.value, values, this.#context(given.key));
    // What is kept is what every later run will get, so this one gets it as well.
    const outcome = made(cacheKey === null ? value : plain(value));
    const warnings = await ask(node, given.key, outcome.value);
    // What warns is told in every run, so it is not kept.
    if (cacheKey !== null && warnings.length === 0) await cache.put(cacheKey, node.name, outcome.value);
    return { status: 'ran', cacheKey, warnings, outcome } as const;
  }

  #context(key: string | null): NodeContext {
    const { signal, cache, onEnd } = this.#options;
    return { key, signal, keepFile: (path) => cache.keepFile(path), onEnd };
  }

  #record(run: NodeRun): void {
    this.ended.push(run);
    this.#options.onNode(run);
  }
}

/** How a node or an element is called in messages. */
export function placeOf(node: FlowNode, key: string | null): string {
  return key === null ? node.name : `${node.name}[${key}]`;
}

function cacheKeyOf(codeHash: string, node: FlowNode, { key, item, inputs }: Given): string {
  const inputPrints = [...inputs].map(([name, { print }]) => [name, printed(node, name, print)]);
  const own = node.over === null ? null : printed(node, node.over.name, item.print);
  return sha256(JSON.stringify([node.name, codeHash, node.code, key, own, inputPrints.sort()]));
}

function printed(node: FlowNode, input: string, print: () => string): string {
  try {
    return print();
  } catch (error) {
    if (!isCubeError(error, 'invalid-argument')) throw error;
    const what = `${node.name} is cached by content, but of its input ${input} ${error.problem.what}`;
    throw new CubeError({ ...error.problem, what }, { cause: error });
  }
}

/** Data as it comes back from the cache. */
function plain(value: unknown): unknown {
  if (value === undefined) return null;
  fingerprint(value);
  return JSON.parse(JSON.stringify(value));
}

async function ask(node: FlowNode, key: string | null, value: unknown): Promise<string[]> {
  const warnings: string[] = [];
  for (const { name, fault, severity } of node.checks) {
    const found = await fault(value);
    if (found === null) continue;
    const what = `${placeOf(node, key)} fails its check ${name}: ${found}`;
    if (severity !== 'warn')
      throw new CubeError({ kind: 'conflict', what, fix: 'look at what it reads, or mend the check' });
    warnings.push(what);
  }
  return warnings;
}

/** An error of a function as one of ours. A flow's module may have a copy of the library of its own, whose errors are theirs. */
function unexpected(node: FlowNode, key: string | null, error: unknown): CubeError {
  if (error instanceof Error && error.name === 'CubeError' && 'problem' in error)
    return new CubeError(error.problem as Problem, { cause: error });
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new CubeError({ kind: 'worker', what: `${placeOf(node, key)}: ${what}` }, { cause: error });
}
