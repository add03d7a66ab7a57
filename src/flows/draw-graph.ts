import { dotOf, type Graph } from './graph.js';

/** The graph as an SVG picture, laid out by Graphviz. Loads its WebAssembly module of a megabyte. */
export async function drawGraph(graph: Graph): Promise<string> {
  const { instance } = await import('@viz-js/viz');
  const viz = await instance();
  const svg = viz.renderString(dotOf(graph), { format: 'svg' });
  return svg.slice(svg.indexOf('<svg')).trimEnd(); // the prolog would not do inside of HTML
}
