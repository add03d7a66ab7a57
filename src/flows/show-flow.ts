import { drawGraph } from './draw-graph.js';
import type { Flow } from './define-flow.js';
import { dotOf, mermaidOf, type Graph } from './graph.js';
import { flowLineage, type FlowSelection } from './lineage.js';
import type { FlowNode } from './node-types.js';

/** Formats of `formatFlow`. */
export const FLOW_FORMATS = ['text', 'mermaid', 'dot', 'svg', 'json'] as const;

/** One of `FLOW_FORMATS`. */
export type FlowFormat = (typeof FLOW_FORMATS)[number];

/** A node as programs read it. */
export type FlowNodeInfo = Pick<FlowNode, 'name' | 'kind' | 'description' | 'tags' | 'cache'> & {
  /** Names of the nodes that it reads. */
  readonly reads: readonly string[];
  readonly checks: readonly string[];
};

/** A flow, or the chosen part of it, for people, programs and pictures. Problem: `invalid-argument` for unknown names. */
export async function formatFlow(flow: Flow, format: FlowFormat, selection: FlowSelection = {}): Promise<string> {
  switch (format) {
    case 'text':
      return textOf(describeFlow(flow, selection));
    case 'json':
      return JSON.stringify({ flow: flow.name, nodes: describeFlow(flow, selection) }, null, 2);
    case 'mermaid':
      return mermaidOf(graphOf(flow, selection));
    case 'dot':
      return dotOf(graphOf(flow, selection));
    case 'svg':
      return drawGraph(graphOf(flow, selection));
  }
}

/** The chosen nodes of a flow, each behind those that it reads. */
export function describeFlow(flow: Flow, selection: FlowSelection = {}): FlowNodeInfo[] {
  const { nodes, edges } = flowLineage(flow, selection);
  return nodes.map(({ name, kind, description, tags, cache, checks }) => ({
    name,
    kind,
    description,
    tags,
    cache,
    reads: edges.filter(({ to }) => to === name).map(({ from }) => from),
    checks: checks.map((check) => check.name),
  }));
}

function graphOf(flow: Flow, selection: FlowSelection): Graph {
  const { nodes, edges } = flowLineage(flow, selection);
  return {
    name: flow.name,
    nodes: nodes.map((node) => ({
      name: node.name,
      shape: node.kind === 'input' ? 'source' : node.kind === 'map' ? 'stack' : 'box',
      group: node.tags['layer'] ?? node.kind,
      title: [node.description ?? node.kind, ...tagsOf(node.tags)].join('; '),
    })),
    edges,
  };
}

function textOf(nodes: readonly FlowNodeInfo[]): string {
  const width = Math.max(...nodes.map(({ name }) => name.length));
  const lines = nodes.map((node) => {
    const reads = node.reads.length === 0 ? '' : ` <- ${node.reads.join(', ')}`;
    const said = [node.description ?? '', ...tagsOf(node.tags)].filter((word) => word !== '').join('; ');
    return `${node.kind.padEnd(7)} ${node.name.padEnd(width)}${reads}${said === '' ? '' : `  (${said})`}`;
  });
  return lines.join('\n');
}

function tagsOf(tags: Readonly<Record<string, string>>): string[] {
  return Object.entries(tags).map(([name, value]) => `${name}=${value}`);
}
