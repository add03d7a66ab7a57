import { CubeError, formatProblem, isCubeError, problemOf, type Problem } from '../errors.js';
import { abortedError } from '../io/abort.js';
import type { FlowCache } from './flow-cache.js';
import { fingerprint } from './fingerprint.js';
import type { Collected, FlowNode } from './node-types.js';
import { made, NodeWorker, type NodeRun, type Outcome } from './node-worker.js';

/** What a run is made with; see `runFlow`. */
export type RunnerOptions = {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly jobs: number;
  readonly again: boolean;
  readonly tolerates: (problem: Problem) => boolean;
  readonly cache: FlowCache;
  readonly codeHash: string;
  readonly signal: AbortSignal | undefined;
  readonly onNode: (run: NodeRun) => void;
};

type Element = { readonly key: string; readonly result: Promise<Outcome> };

type Elements =
  | { readonly ok: true; readonly list: readonly Element[] }
  | { readonly ok: false; readonly error: unknown };

/** One run of a flow: every node is evaluated once, when it is first asked for. Its promises never fail; they say so. */
export class FlowRunner {
  readonly #options: RunnerOptions;
  readonly #control = new AbortController();
  readonly #worker: NodeWorker;
  readonly #values = new Map<FlowNode, Promise<Outcome>>();
  readonly #maps = new Map<FlowNode, Promise<Elements>>();
  readonly #outcomes = new Map<FlowNode, Outcome>();
  readonly #lists = new Map<FlowNode, { readonly key: string; readonly outcome: Outcome }[]>();
  readonly #cleanups: (() => void | Promise<void>)[] = [];
  #fatal: { readonly error: unknown } | null = null;

  constructor(options: RunnerOptions) {
    this.#options = options;
    const { jobs, again, cache, codeHash, onNode, signal } = options;
    this.#worker = new NodeWorker({
      jobs,
      again,
      cache,
      codeHash,
      onNode: (run) => this.#tell(onNode, run),
      signal: signal === undefined ? this.#control.signal : AbortSignal.any([signal, this.#control.signal]),
      onEnd: (cleanup) => this.#cleanups.push(cleanup),
      onFailure: (node, error) => this.#onFailure(node, error),
    });
  }

  get ended(): readonly NodeRun[] {
    return this.#worker.ended;
  }

  /** Evaluate the targets; ends when nothing is under way any more. */
  async run(targets: readonly FlowNode[]): Promise<void> {
    try {
      await Promise.all(
        targets.map((target) => (target.kind === 'map' ? this.#elements(target) : this.#value(target))),
      );
      await Promise.all([...this.#maps.keys()].map((map) => this.#settled(map)));
    } finally {
      await this.#cleanUp();
    }
    if (this.#fatal !== null) throw this.#fatal.error;
    const { signal } = this.#options;
    if (signal?.aborted === true && this.ended.some(({ status }) => status === 'skipped')) throw abortedError(signal);
  }

  /** See `FlowRun`. */
  valueOf(node: FlowNode): unknown {
    const outcome = this.#outcomes.get(node);
    if (outcome === undefined) throw notRun(node);
    if (!outcome.ok) throw outcome.error;
    return outcome.value;
  }

  /** See `FlowRun`. */
  elementsOf(node: FlowNode): ReadonlyMap<string, unknown> {
    const list = this.#lists.get(node);
    if (list === undefined) throw notRun(node);
    return new Map(list.flatMap(({ key, outcome }) => (outcome.ok ? [[key, outcome.value]] : [])));
  }

  #value(node: FlowNode): Promise<Outcome> {
    const known = this.#values.get(node);
    if (known !== undefined) return known;
    const outcome = (node.kind === 'input' ? this.#given(node) : this.#compute(node)).then((found) => {
      this.#outcomes.set(node, found);
      return found;
    });
    this.#values.set(node, outcome);
    return outcome;
  }

  async #given({ name, fallback }: FlowNode): Promise<Outcome> {
    return made(this.#options.inputs[name] === undefined ? fallback?.value : this.#options.inputs[name]);
  }

  async #compute(node: FlowNode): Promise<Outcome> {
    const [inputs, collected] = await Promise.all([this.#inputs(node), this.#collected(node)]);
    if (!inputs.ok) return this.#worker.skip(node, null, inputs.error);
    if (!collected.ok) return this.#worker.skip(node, null, collected.error);
    return this.#worker.work(node, { key: null, item: collected, inputs: inputs.values });
  }

  /** Values of the inputs by name, or the error of the first that has none. */
  async #inputs({ inputs }: FlowNode) {
    const values = new Map<string, Extract<Outcome, { ok: true }>>();
    for (const [name, outcome] of await Promise.all(
      Object.entries(inputs).map(async ([name, one]) => [name, await this.#value(one)] as const),
    )) {
      if (!outcome.ok) return outcome;
      values.set(name, outcome);
    }
    return { ok: true, values } as const;
  }

  /** What a collecting node gets; nothing for others. */
  async #collected({ kind, over }: FlowNode): Promise<Outcome> {
    if (kind !== 'collect' || over === null) return made(null);
    const elements = await this.#settled(over);
    if (!elements.ok) return elements;
    const value = elements.list.map(({ key, outcome }): Collected<unknown> =>
      outcome.ok ? { key, ok: true, value: outcome.value } : { key, ok: false, error: outcome.error },
    );
    const prints = () =>
      elements.list.map(({ key, outcome }) => [
        key,
        outcome.ok ? outcome.print() : { failed: formatProblem(problemOf(outcome.error)) },
      ]);
    return { ok: true, value, print: () => fingerprint(prints()) };
  }

  /** The elements of a map when all have ended. */
  async #settled(map: FlowNode) {
    const elements = await this.#elements(map);
    if (!elements.ok) return elements;
    const list = await Promise.all(elements.list.map(async ({ key, result }) => ({ key, outcome: await result })));
    this.#lists.set(map, list);
    return { ok: true, list } as const;
  }

  #elements(map: FlowNode): Promise<Elements> {
    const known = this.#maps.get(map);
    if (known !== undefined) return known;
    const elements = this.#begin(map);
    this.#maps.set(map, elements);
    return elements;
  }

  async #begin(map: FlowNode): Promise<Elements> {
    const over = map.over!;
    const inputs = this.#inputs(map);
    const items = over.kind === 'map' ? await this.#elements(over) : await this.#itemsOf(map, over);
    if (!items.ok) {
      await inputs; // what was begun for it ends before the run does
      this.#worker.skip(map, null, items.error);
      return items;
    }
    if (items.list.length === 0) {
      const given = await inputs;
      if (!given.ok) return given;
    }
    const list = items.list.map(({ key, result }) => ({
      key,
      result: Promise.all([result, inputs]).then(([item, values]) => {
        if (!item.ok) return this.#worker.skip(map, key, item.error);
        if (!values.ok) return this.#worker.skip(map, key, values.error);
        return this.#worker.work(map, { key, item, inputs: values.values });
      }),
    }));
    return { ok: true, list };
  }

  async #itemsOf(map: FlowNode, over: FlowNode): Promise<Elements> {
    const outcome = await this.#value(over);
    if (!outcome.ok) return outcome;
    try {
      const list = keyed(map, outcome.value).map(({ key, item }) => ({ key, result: Promise.resolve(made(item)) }));
      return { ok: true, list };
    } catch (error) {
      this.#fail(error);
      return { ok: false, error };
    }
  }

  /** What the caller's function throws ends the run as a failed node does. */
  #tell(onNode: (run: NodeRun) => void, run: NodeRun): void {
    try {
      onNode(run);
    } catch (error) {
      this.#fail(error);
    }
  }

  #onFailure({ kind }: FlowNode, error: unknown): void {
    try {
      if (kind === 'map' && !isCubeError(error, 'aborted') && this.#options.tolerates(problemOf(error))) return;
      this.#fail(error);
    } catch (other) {
      this.#fail(other); // the caller's function
    }
  }

  #fail(error: unknown): void {
    this.#fatal ??= { error };
    this.#control.abort(new CubeError({ kind: 'aborted', what: 'another node of the flow has failed' }));
  }

  async #cleanUp(): Promise<void> {
    for (const cleanup of this.#cleanups.toReversed()) {
      try {
        await cleanup();
      } catch (error) {
        this.#fatal ??= { error }; // what failed before matters more
      }
    }
  }
}

function keyed(map: FlowNode, items: unknown): { readonly key: string; readonly item: unknown }[] {
  const over = map.over!.name;
  if (!Array.isArray(items)) throw wrong(`${map.name} goes over ${over}, which is no list`, 'give an array');
  const keys = new Set<string>();
  return items.map((item: unknown, i) => {
    const key = keyOf(map, item, i);
    if (typeof key !== 'string' || key === '')
      throw wrong(`element ${i} of ${over} has no key for ${map.name}`, 'give a text');
    if (keys.has(key))
      throw wrong(`two elements of ${over} have the key ${JSON.stringify(key)} in ${map.name}`, 'make keys unique');
    keys.add(key);
    return { key, item };
  });
}

function keyOf(map: FlowNode, item: unknown, i: number): unknown {
  try {
    return map.keyOf!(item);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new CubeError({ kind: 'worker', what: `the key of element ${i} in ${map.name}: ${what}` }, { cause: error });
  }
}

function notRun({ name }: FlowNode): CubeError {
  return wrong(`${name} did not run`, `name it among the targets of the run`);
}

function wrong(what: string, fix: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what, fix });
}
