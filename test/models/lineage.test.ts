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
    const dot = formatLineage(lineage, 'dot');
    expect(dot).toMatch(/^digraph "models" {\n[^]*\n {2}n0 -> n1;\n {2}n1 -> n2;\n}$/);
    expect(dot).toContain('n0 [label="g.t", shape="cylinder", fillcolor="#dde3ea", tooltip="g: source"];');
    expect(dot).toContain('n1 [label="a", shape="box", fillcolor="#cfe3f5", tooltip="small: table", URL="#a"];');
    expect(JSON.parse(formatLineage(lineage, 'json'))).toEqual(lineage);
  });

  it('is a picture whose nodes link to their description', async () => {
    const svg = await drawGraph(graphOf(await modelLineage({})));
    expect(svg.match(/class="node"/g)).toHaveLength(41); // 29 models, 12 sources
    expect(svg.match(/xlink:href="#/g)).toHaveLength(29);
    expect(await drawGraph({ name: 'none', nodes: [], edges: [] })).toMatch(/^<svg [^]*<\/svg>$/);
    const hostile = { name: '"];<x>\\N\n', shape: 'box', group: '', title: '</svg><script>', isLinked: true } as const;
    const drawn = await drawGraph({ name: 'a"b', nodes: [hostile], edges: [] });
    expect(drawn).not.toContain('<script>');
    expect(drawn).toContain('&quot;];&lt;x&gt;\\N');
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
