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

/** Of nodes by group, in the order in which groups first appear. */
const COLOURS = ['#dde3ea', '#cfe3f5', '#d4ecd9', '#fbe6c4', '#f6d3cf', '#e3d7f1'] as const;

const STYLE = [
  '  rankdir=LR; nodesep=0.15; ranksep=0.5; bgcolor="transparent";',
  '  node [style="filled", color="#5b6570", fontname="sans-serif", fontsize=11, height=0.3, margin="0.2,0.04"];',
  '  edge [color="#8a94a0", arrowsize=0.6];',
] as const;

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
  const groups = [...new Set(nodes.map(({ group }) => group))];
  const boxes = nodes.map(({ name, shape, group, title, isLinked }) => {
    const attributes: Record<string, string> = {
      label: name,
      shape: SHAPES[shape].dot,
      fillcolor: COLOURS[groups.indexOf(group) % COLOURS.length]!,
      tooltip: title,
      ...(isLinked === true ? { URL: `#${encodeURIComponent(name)}` } : {}),
    };
    return `  ${ids.get(name)} [${Object.entries(attributes)
      .map(([key, value]) => `${key}=${quoted(value)}`)
      .join(', ')}];`;
  });
  const arrows = edges.map(({ from, to }) => `  ${ids.get(from)} -> ${ids.get(to)};`);
  return [`digraph ${quoted(graph)} {`, ...STYLE, ...boxes, ...arrows, '}'].join('\n');
}

/** In Graphviz's texts a backslash begins a word of its own. */
function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', ' ')}"`;
}

// Names may hold what neither language takes in an identifier.
function identifiers(nodes: readonly GraphNode[]): Map<string, string> {
  return new Map(nodes.map(({ name }, i) => [name, `n${i}`]));
}
