import { describe, expect, it } from 'vitest';
import { modelDocs } from '../../src/models/docs-page.js';
import { drawGraph } from '../../src/flows/draw-graph.js';
import { formatLineage, graphOf, modelLineage } from '../../src/models/lineage.js';
import { temporaryFolder } from '../lake/temporary.js';
import { writeProject } from './write-project.js';

const folder = temporaryFolder();
const project = writeProject(folder, {
  'models/a.sql': "select * from {{ source('g', 't') }}",
  'models/b.sql': "select '<&>' as x from {{ ref('a') }}",
  'models/p.yml': `
sources: [{name: g, tables: [{name: t, description: From outside}, {name: unread}]}]
models:
  - name: b
    description: Holds <script>alert(1)</script> & more
    columns: [{name: x, description: A text, data_tests: [not_null, {accepted_values: {arguments: {values: ['<']}}}]}]
`,
  'tests/none.sql': "select * from {{ ref('b') }} where false",
});

describe('lineage', () => {
  it('says what reads what', async () => {
    expect(await modelLineage({ project })).toEqual({
      nodes: [
        { name: 'g.t', kind: 'source', schema: 'g', materialized: null },
        { name: 'a', kind: 'model', schema: 'small', materialized: 'table' },
        { name: 'b', kind: 'model', schema: 'small', materialized: 'table' },
      ],
      edges: [
        { from: 'g.t', to: 'a' },
        { from: 'a', to: 'b' },
      ],
    });
    expect((await modelLineage({ project, select: ['b'] })).edges).toEqual([]);
  });

  it('is text for Mermaid and Graphviz', async () => {
    const lineage = await modelLineage({ project });
    expect(formatLineage(lineage, 'mermaid')).toBe(
      'flowchart LR\n  n0[("g.t")]\n  n1["a"]\n  n2["b"]\n  n0 --> n1\n  n1 --> n2',
    );
    expect(formatLineage(lineage, 'dot')).toBe(
      'digraph "models" {\n  rankdir=LR;\n  n0 [label="g.t", shape=cylinder];\n  n1 [label="a", shape=box];\n' +
        '  n2 [label="b", shape=box];\n  n0 -> n1;\n  n1 -> n2;\n}',
    );
    expect(JSON.parse(formatLineage(lineage, 'json'))).toEqual(lineage);
  });

  it('is a picture whose lines go from left to right', async () => {
    const svg = drawGraph(graphOf(await modelLineage({})));
    expect(svg.match(/<rect /g)).toHaveLength(41); // 29 models, 12 sources
    for (const [, x1, x2] of svg.matchAll(/<path d="M(\S+) \S+C.* (\S+) \S+"\/>/g))
      expect(Number(x1)).toBeLessThan(Number(x2));
    expect(drawGraph({ name: 'none', nodes: [], edges: [] })).toMatch(/^<svg [^]*<\/svg>$/);
  });
});

describe('documents', () => {
  it('tell models, columns, tests and sources, and hold no markup of others', async () => {
    const page = await modelDocs({ project });
    expect(page).toContain('Holds &lt;script&gt;alert(1)&lt;/script&gt; &amp; more');
    expect(page).not.toContain('<script');
    expect(page).toContain('accepted_values (values: [&quot;&lt;&quot;])');
    for (const text of ['From outside', 'A text', 'id="g.unread"', 'href="#a"', '<svg ', 'tests/none.sql']) {
      expect(page).toContain(text);
    }
  });

  it('describe every column of the curated tables that has a test', async () => {
    const page = await modelDocs({});
    for (const name of ['pv_sites', 'pv_by_country', 'pv_by_h3', 'pv_duplicates', 'site_scenes', 'scene_plan']) {
      expect(page).toContain(`<section id="${name}">`);
    }
  });
});
