import { nodeOf, parentsOf, type Flow } from './define-flow.js';
import type { FlowNode } from './node-types.js';

/** Which part of a flow is meant; of several conditions all hold. Everything where there is none. */
export type FlowSelection = {
  /** These nodes and all that they read, directly or not. */
  readonly upstreamOf?: readonly string[];
  /** These nodes and all that read them. */
  readonly downstreamOf?: readonly string[];
  /** Those that bear a tag, `layer`, or a tag with a value, `layer=raw`. */
  readonly tag?: string;
};

/** Nodes and what reads what: values go from `from` to `to`. Each node comes behind those that it reads. */
export type FlowLineage = {
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
};

/**
 * The chosen nodes of a flow. `upstreamOf` and `downstreamOf` together are the ways from the one to the other. Problem:
 * `invalid-argument` for a name that the flow does not have.
 */
export function flowLineage(flow: Flow, selection: FlowSelection = {}): FlowLineage {
  const { upstreamOf: above, downstreamOf: below, tag } = selection;
  const up = above === undefined ? null : upstreamOf(flow, above);
  const down = below === undefined ? null : downstreamOf(flow, below);
  const nodes = [...flow.nodes.values()].filter(
    (one) => (up?.has(one.name) ?? true) && (down?.has(one.name) ?? true) && (tag === undefined || isTagged(one, tag)),
  );
  const shown = new Set(nodes.map(({ name }) => name));
  const edges = nodes.flatMap((to) => {
    const parents = [...new Set(parentsOf(to).map(({ name }) => name))];
    return parents.filter((from) => shown.has(from)).map((from) => ({ from, to: to.name }));
  });
  return { nodes, edges };
}

/** The names with those of all nodes that they read, directly or not. */
export function upstreamOf(flow: Flow, names: Iterable<string>): Set<string> {
  return closure(names, (name) => parentsOf(nodeOf(flow, name)).map((parent) => parent.name));
}

/** The names with those of all nodes that read them, directly or not. */
export function downstreamOf(flow: Flow, names: Iterable<string>): Set<string> {
  const readers = new Map<string, string[]>();
  for (const one of flow.nodes.values()) {
    for (const { name } of parentsOf(one)) readers.set(name, [...(readers.get(name) ?? []), one.name]);
  }
  return closure(names, (name) => readers.get(nodeOf(flow, name).name) ?? []);
}

/** The names with all that follow from them. */
export function closure(names: Iterable<string>, next: (name: string) => readonly string[]): Set<string> {
  const found = new Set(names);
  for (const name of found) for (const one of next(name)) found.add(one); // a Set is walked to what is added meanwhile
  return found;
}

function isTagged({ tags }: FlowNode, wanted: string): boolean {
  const at = wanted.indexOf('=');
  if (at < 0) return Object.hasOwn(tags, wanted);
  const name = wanted.slice(0, at);
  return Object.hasOwn(tags, name) && tags[name] === wanted.slice(at + 1);
}
