import { dotOf, mermaidOf, type Graph } from '../flows/graph.js';
import type { Materialization, ModelProject } from './project.js';
import { readProject, type ProjectInput } from './read-project.js';
import { selectModels, type ModelSelection } from './select-models.js';

/** A table that others write, or a model. */
export type LineageNode = {
  readonly name: string;
  readonly kind: 'source' | 'model';
  /** Schema in the lake. */
  readonly schema: string;
  /** Null for a source. */
  readonly materialized: Materialization | null;
};

/** What reads what: rows go from `from` to `to`. Each node comes behind those that it reads. */
export type Lineage = {
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
};

/** Formats of `formatLineage`. */
export const LINEAGE_FORMATS = ['mermaid', 'dot', 'json'] as const;

/** One of `LINEAGE_FORMATS`. */
export type LineageFormat = (typeof LINEAGE_FORMATS)[number];

/** The chosen models of a project with the sources that they read. No lake is needed. Problems: those of `readProject`. */
export async function modelLineage(input: ProjectInput & ModelSelection): Promise<Lineage> {
  const project = await readProject(input);
  return lineageOf(project, selectModels(project.models, input));
}

/** The same of a project that has been read; of all its models where none are named. */
export function lineageOf(
  { models, sources }: ModelProject,
  chosen: ReadonlySet<string> = new Set(models.keys()),
): Lineage {
  const shown = [...models.values()].filter(({ name }) => chosen.has(name));
  const read = new Set(shown.flatMap((model) => model.sources));
  const ofSources = [...sources.values()].filter(({ name }) => read.has(name));
  return {
    nodes: [
      ...ofSources.map(({ name, schema }) => ({ name, kind: 'source', schema, materialized: null }) as const),
      ...shown.map(({ name, config }) => {
        const { schema, materialized } = config;
        return { name, kind: 'model', schema, materialized } as const;
      }),
    ],
    edges: shown.flatMap((model) => {
      const parents = [...model.sources, ...model.refs.filter((ref) => chosen.has(ref))];
      return parents.map((from) => ({ from, to: model.name }));
    }),
  };
}

/** The lineage as text for Mermaid, Graphviz or programs. */
export function formatLineage(lineage: Lineage, format: LineageFormat): string {
  switch (format) {
    case 'mermaid':
      return mermaidOf(graphOf(lineage));
    case 'dot':
      return dotOf(graphOf(lineage));
    case 'json':
      return JSON.stringify(lineage, null, 2);
  }
}

/** The lineage to be drawn: a node shows its schema and how it is stored. */
export function graphOf({ nodes, edges }: Lineage): Graph {
  return {
    name: 'models',
    nodes: nodes.map(({ name, kind, schema, materialized }) => ({
      name,
      shape: kind === 'source' ? 'source' : 'box',
      group: schema,
      title: `${schema}: ${materialized ?? 'source'}`,
      isLinked: kind === 'model',
    })),
    edges,
  };
}
