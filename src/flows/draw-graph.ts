import { escapeHtml } from '../io/escape-html.js';
import type { Graph, GraphNode } from './graph.js';

/** Sizes in pixels. */
const BOX = { width: 180, height: 30, columnGap: 60, rowGap: 14, margin: 12 } as const;

/** Of boxes by group, in the order in which groups first appear. */
const COLOURS = ['#dde3ea', '#cfe3f5', '#d4ecd9', '#fbe6c4', '#f6d3cf', '#e3d7f1'] as const;

type Placed = GraphNode & { readonly x: number; readonly y: number; readonly colour: string };

/** The graph as an SVG picture: from left to right, every node in the column behind the last one that it reads. */
export function drawGraph(graph: Graph): string {
  const placed = placeNodes(graph);
  const nodes = [...placed.values()];
  const width = Math.max(0, ...nodes.map(({ x }) => x)) + BOX.width + BOX.margin;
  const height = Math.max(0, ...nodes.map(({ y }) => y)) + BOX.height + BOX.margin;
  const edges = graph.edges.map(({ from, to }) => drawEdge(placed.get(from)!, placed.get(to)!));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeHtml(graph.name)}">`,
    `<g fill="none" stroke="#8a94a0">${edges.join('')}</g>`,
    `<g font-family="sans-serif" font-size="12" text-anchor="middle">${nodes.map(drawNode).join('')}</g>`,
    '</svg>',
  ].join('\n');
}

function placeNodes(graph: Graph): Map<string, Placed> {
  const parents = new Map<string, string[]>();
  for (const { from, to } of graph.edges) parents.set(to, [...(parents.get(to) ?? []), from]);
  const groups = [...new Set(graph.nodes.map(({ group }) => group))];
  const columns = columnsOf(graph, parents);
  const placed = new Map<string, Placed>();
  for (const [column, nodes] of columns.entries()) {
    // A node stands as high as those that it reads on average, so that few lines cross.
    const height = (node: GraphNode) => {
      const heights = (parents.get(node.name) ?? []).map((name) => placed.get(name)!.y);
      return heights.length === 0 ? 0 : heights.reduce((sum, y) => sum + y, 0) / heights.length;
    };
    const sorted = [...nodes].sort((a, b) => height(a) - height(b));
    for (const [row, node] of sorted.entries()) {
      placed.set(node.name, {
        ...node,
        x: BOX.margin + column * (BOX.width + BOX.columnGap),
        y: BOX.margin + row * (BOX.height + BOX.rowGap),
        colour: COLOURS[groups.indexOf(node.group) % COLOURS.length]!,
      });
    }
  }
  return placed;
}

function columnsOf({ nodes }: Graph, parents: ReadonlyMap<string, readonly string[]>): GraphNode[][] {
  const depths = new Map<string, number>();
  const columns: GraphNode[][] = [];
  for (const node of nodes) {
    const depth = Math.max(0, ...(parents.get(node.name) ?? []).map((name) => depths.get(name)! + 1));
    depths.set(node.name, depth);
    (columns[depth] ??= []).push(node);
  }
  return columns;
}

function drawEdge(from: Placed, to: Placed): string {
  const [x1, y1] = [from.x + BOX.width, from.y + BOX.height / 2];
  const [x2, y2] = [to.x, to.y + BOX.height / 2];
  const middle = (x1 + x2) / 2;
  return `<path d="M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}"/>`;
}

function drawNode({ name, shape, title, isLinked, x, y, colour }: Placed): string {
  const radius = shape === 'source' ? BOX.height / 2 : 4;
  const boxAt = (shift: number) =>
    `<rect x="${x + shift}" y="${y - shift}" width="${BOX.width}" height="${BOX.height}" rx="${radius}" fill="${colour}" stroke="#5b6570"/>`;
  const boxes = shape === 'stack' ? `${boxAt(4)}${boxAt(0)}` : boxAt(0);
  const text = `<text x="${x + BOX.width / 2}" y="${y + BOX.height / 2 + 4}">${escapeHtml(name)}</text>`;
  const drawn = `<g><title>${escapeHtml(title)}</title>${boxes}${text}</g>`;
  return isLinked === true ? `<a href="#${encodeURIComponent(name)}">${drawn}</a>` : drawn;
}
