/** A node of a picture or a text of a graph. */
export type GraphNode = {
  readonly name: string;
  /** `source` for what comes from outside, `stack` for what is many. */
  readonly shape: 'source' | 'box' | 'stack';
  /** Nodes of one group have one colour. */
  readonly group: string;
  /** Shown where a pointer rests. */
  readonly title: string;
  /** Whether the picture links it to `#name`. */
  readonly isLinked?: boolean;
};

/** What reads what, to be shown: edges go from what is read. Each node comes behind those that it reads. */
export type Graph = {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
};

/** Mermaid's left and right brackets, and Graphviz's shape. */
const SHAPES = {
  source: { mermaid: ['[(', ')]'], dot: 'cylinder' },
  box: { mermaid: ['[', ']'], dot: 'box' },
  stack: { mermaid: ['[[', ']]'], dot: 'box3d' },
} as const;

/** The graph as a flowchart of Mermaid. */
export function mermaidOf({ nodes, edges }: Graph): string {
  const ids = identifiers(nodes);
  const boxes = nodes.map(({ name, shape }) => {
    const [left, right] = SHAPES[shape].mermaid;
    return `  ${ids.get(name)}${left}"${name.replaceAll('"', '#quot;')}"${right}`;
  });
  const arrows = edges.map(({ from, to }) => `  ${ids.get(from)} --> ${ids.get(to)}`);
  return ['flowchart LR', ...boxes, ...arrows].join('\n');
}

/** The graph in Graphviz's language. */
export function dotOf({ name: graph, nodes, edges }: Graph): string {
  const ids = identifiers(nodes);
  const boxes = nodes.map(
    ({ name, shape }) => `  ${ids.get(name)} [label=${JSON.stringify(name)}, shape=${SHAPES[shape].dot}];`,
  );
  const arrows = edges.map(({ from, to }) => `  ${ids.get(from)} -> ${ids.get(to)};`);
  return [`digraph ${JSON.stringify(graph)} {`, '  rankdir=LR;', ...boxes, ...arrows, '}'].join('\n');
}

// Names may hold what neither language takes in an identifier.
function identifiers(nodes: readonly GraphNode[]): Map<string, string> {
  return new Map(nodes.map(({ name }, i) => [name, `n${i}`]));
}
