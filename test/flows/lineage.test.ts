import { describe, expect, it } from 'vitest';
import { defineFlow } from '../../src/flows/define-flow.js';
import { flowLineage } from '../../src/flows/lineage.js';
import { collectNode, inputNode, mapNode, node } from '../../src/flows/nodes.js';
import { formatFlow } from '../../src/flows/show-flow.js';

const manifest = inputNode<readonly string[]>('manifest', { description: 'What there is', tags: { layer: 'raw' } });
const files = mapNode('files', {
  over: manifest,
  key: (name) => name,
  tags: { layer: 'raw', network: 'yes' },
  run: (name) => name,
});
const borders = node('borders', { run: () => 1 });
const sites = collectNode('sites', { from: files, inputs: { borders }, tags: { layer: 'curated' }, run: () => 1 });
const card = node('card', { inputs: { sites, manifest }, run: () => '' });
const flow = defineFlow('small', [card], { description: 'A small one' });

const namesOf = (selection: Parameters<typeof flowLineage>[1]) =>
  flowLineage(flow, selection).nodes.map(({ name }) => name);

describe('the lineage of a flow', () => {
  it('goes up, down, and from one to another', () => {
    expect(namesOf({})).toEqual(['manifest', 'files', 'borders', 'sites', 'card']);
    expect(namesOf({ upstreamOf: ['sites'] })).toEqual(['manifest', 'files', 'borders', 'sites']);
    expect(namesOf({ downstreamOf: ['files'] })).toEqual(['files', 'sites', 'card']);
    expect(namesOf({ downstreamOf: ['files'], upstreamOf: ['sites'] })).toEqual(['files', 'sites']);
    expect(namesOf({ downstreamOf: ['borders'], upstreamOf: ['files'] })).toEqual([]);
    expect(() => namesOf({ upstreamOf: ['site'] })).toThrow(/did you mean "sites"/);
  });

  it('chooses by tags', () => {
    expect(namesOf({ tag: 'layer' })).toEqual(['manifest', 'files', 'sites']);
    expect(namesOf({ tag: 'layer=raw', downstreamOf: ['files'] })).toEqual(['files']);
    expect(namesOf({ tag: 'toString' })).toEqual([]);
  });

  it('has the edges among the chosen alone', () => {
    expect(flowLineage(flow, { downstreamOf: ['sites'] }).edges).toEqual([{ from: 'sites', to: 'card' }]);
  });
});

describe('a flow is shown', () => {
  it('as text', async () => {
    expect((await formatFlow(flow, 'text')).split('\n')).toEqual([
      'input   manifest  (What there is; layer=raw)',
      'map     files    <- manifest  (layer=raw; network=yes)',
      'value   borders ',
      'collect sites    <- files, borders  (layer=curated)',
      'value   card     <- sites, manifest',
    ]);
  });

  it('for Mermaid and Graphviz', async () => {
    expect(await formatFlow(flow, 'mermaid', { upstreamOf: ['files'] })).toBe(
      'flowchart LR\n  n0[("manifest")]\n  n1[["files"]]\n  n0 --> n1',
    );
    const dot = await formatFlow(flow, 'dot', { upstreamOf: ['files'] });
    expect(dot).toMatch(/^digraph "small" {\n {2}rankdir=LR;[^]*\n {2}n0 -> n1;\n}$/);
    expect(dot).toContain(
      'n0 [label="manifest", shape="cylinder", fillcolor="#dde3ea", tooltip="What there is; layer=raw"];',
    );
  });

  it('as a picture and as JSON', async () => {
    const svg = await formatFlow(flow, 'svg');
    expect(svg).toMatch(/^<svg [^]*<\/svg>$/);
    expect(svg.match(/class="node"/g)).toHaveLength(5);
    expect(svg.match(/class="edge"/g)).toHaveLength(5);
    expect(svg).toContain('xlink:title="What there is; layer=raw"');
    expect(JSON.parse(await formatFlow(flow, 'json'))).toMatchObject({
      flow: 'small',
      nodes: [
        { name: 'manifest', kind: 'input', cache: 'never', reads: [] },
        {},
        {},
        { reads: ['files', 'borders'] },
        {},
      ],
    });
  });
});
