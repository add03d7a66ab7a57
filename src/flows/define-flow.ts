import { CubeError } from '../errors.js';
import { nearestKey } from '../cube/nearest-key.js';
import type { FlowNode } from './node-types.js';

/** A graph of functions, plain data: each node comes behind those that it reads. */
export type Flow = {
  readonly name: string;
  readonly description: string | null;
  readonly nodes: ReadonlyMap<string, FlowNode>;
  /** Names of the nodes that a run is for, where it is not told otherwise. */
  readonly targets: readonly string[];
  /** Address of the module that holds the functions; its text and that of the modules beside it are part of every cache key. */
  readonly module: string | null;
};

/** What a flow is made with. */
export type FlowOptions = {
  readonly description?: string;
  /** `import.meta.url`: then a changed helper of a function makes its values anew, too. */
  readonly module?: string;
};

/** Names go into cache keys, pictures and selections. */
const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,99}$/;

/** A flow of the targets and all nodes that they read. Problem: `invalid-argument` for two nodes of one name, and for names of strange letters. */
export function defineFlow(name: string, targets: readonly FlowNode[], options: FlowOptions = {}): Flow {
  const nodes = new Map<string, FlowNode>();
  const visit = (one: FlowNode): void => {
    if (nodes.get(one.name) === one) return;
    if (!NAME.test(one.name))
      throw wrong(`${JSON.stringify(one.name)} is no name of a node`, 'letters, digits, _ . -, a letter first');
    assertLimits(one);
    for (const parent of parentsOf(one)) visit(parent);
    if (nodes.has(one.name)) throw wrong(`two nodes of the flow ${name} are named ${one.name}`, 'rename one of them');
    nodes.set(one.name, one);
  };
  for (const target of targets) visit(target);
  if (nodes.size === 0) throw wrong(`the flow ${name} has no node`, 'name the nodes that a run is for');
  return {
    name,
    description: options.description ?? null,
    nodes,
    targets: targets.map((target) => target.name),
    module: options.module ?? null,
  };
}

/** The nodes that a node reads. */
export function parentsOf({ over, inputs }: FlowNode): FlowNode[] {
  const all = Object.values(inputs);
  return over === null ? all : [over, ...all];
}

/** The node of a name. Problem: `invalid-argument`, which names the nearest one. */
export function nodeOf({ name: flow, nodes }: Flow, name: string): FlowNode {
  const found = nodes.get(name);
  if (found !== undefined) return found;
  const names = [...nodes.keys()];
  const near = nearestKey(name, names);
  const fix = near === null ? `one of: ${names.join(', ')}` : `did you mean "${near}"?`;
  throw wrong(`the flow ${flow} has no node ${JSON.stringify(name)}`, fix);
}

function assertLimits({ name, concurrency, cache, code }: FlowNode): void {
  if (concurrency !== Infinity && !(Number.isInteger(concurrency) && concurrency >= 1))
    throw wrong(`the concurrency of ${name} is ${concurrency}`, 'a whole number of at least 1');
  if (typeof cache === 'object' && !(cache.ttlSeconds >= 0))
    throw wrong(`the ttlSeconds of ${name} are ${cache.ttlSeconds}`, 'a number of at least 0');
  // A bound function does not show its text, so that nobody would see that it has changed.
  if (cache !== 'never' && code.includes('[native code]'))
    throw wrong(
      `the text of a function of ${name} cannot be seen, and ${name} is cached`,
      'give a function that is not bound',
    );
}

function wrong(what: string, fix: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what, fix });
}
