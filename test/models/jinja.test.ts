import { afterEach, describe, expect, it } from 'vitest';
import { Jinja, type Globals } from '../../src/models/jinja.js';
import { templateGlobals } from '../../src/models/template-globals.js';

const MACROS = [
  { path: 'macros/first.sql', text: '{# none #}\n{% macro twice(x) %}{{ x }} + {{ x }}{% endmacro %}\n' },
  {
    path: 'macros/second.sql',
    text: "{% macro call(x, unit='m') -%}\n  {{ twice(x) }} {{ unit }}\n{%- endmacro %}\n\n{% macro broken() %}\n{{ nothing }}\n{% endmacro %}",
  },
  {
    path: 'macros/tests.sql',
    text: '{% test positive(model, column_name) %}{{ model }}.{{ column_name }}{% endtest %}',
  },
];

describe('templates', () => {
  const jinja = new Jinja(MACROS);
  const context = {
    vars: { limit: 3, names: ['a', 'b'] },
    ref: (name: string) => `"lake"."x"."${name}"`,
    source: (group: string, table: string) => `${group}.${table}`,
    own: 'own',
    isIncremental: false,
    config: () => {},
    execute: true,
  };
  const render = (text: string, more: Partial<typeof context> = {}, globals: Globals = {}) =>
    jinja.render('models/a.sql', text, { ...templateGlobals({ ...context, ...more }), ...globals });
  const complaint = (text: string) => {
    try {
      return render(text);
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('render what dbt renders', () => {
    expect(render("select * from {{ ref('m') }} join {{ source('cube', 't') }}")).toBe(
      'select * from "lake"."x"."m" join cube.t',
    );
    expect(
      render("{{ ref('other', 'm') }} {{ this }} {{ target.schema }} {{ var('limit') }} {{ var('no', 'x') }}"),
    ).toBe('"lake"."x"."m" own models 3 x');
    expect(render('{% if is_incremental() %}new{% else %}all{% endif %}', { isIncremental: true })).toBe('new');
    expect(render("{% for name in var('names') %}{{ name }}{% if not loop.last %}, {% endif %}{% endfor %}")).toBe(
      'a, b',
    );
    expect(render('{% raw %}{{ x }}{% endraw %}')).toBe('{{ x }}');
  });

  it('know macros of all files, and tests as macros', () => {
    expect(render("{{ call('h', unit='km') }}")).toBe('h + h km');
    expect(render("{{ test_positive(model='m', column_name='c') }}")).toBe('m.c');
  });

  it('put values into SQL as they are', () => {
    expect(render("{{ '<a> & \\'b\\'' }}")).toBe("<a> & 'b'");
    jinja.render('models/a.yml', '{{ v }}', { v: '"x"' });
    expect(jinja.render('models/a.yml', '{{ v }}', { v: '"x"' })).toBe('"x"');
    expect(render('{{ 1 }} {{ 1.5 }} {{ none }} {{ true }}')).toBe('1 1.5 none true');
  });

  it('name file and line of what is wrong', () => {
    expect(complaint('select\n  {{ nothing }}')).toBe('invalid-spec: models/a.sql:2: undefined value');
    expect(complaint('\n\n{{ adapter_call() }}')).toMatch(/^invalid-spec: models\/a\.sql:3: .*adapter_call is unknown/);
    expect(complaint('{% if x %}')).toMatch(/^invalid-spec: models\/a\.sql:1: syntax error/);
    expect(complaint('\n{{ broken() }}')).toBe('invalid-spec: macros/second.sql:6: undefined value');
    expect(complaint("{{ var('limits') }}")).toContain('did you mean "limit"?');
    expect(complaint('{{ ref(1) }}')).toContain('ref() takes one text');
    expect(() => new Jinja([{ path: 'macros/x.sql', text: '\n{% macro a( %}' }])).toThrow(
      /invalid-spec: macros\/x\.sql:2/,
    );
  });

  it('go on after a failure', () => {
    expect(complaint('{{ ref() }}')).toContain('ref() takes');
    expect(render('fine')).toBe('fine');
  });

  describe('the environment', () => {
    afterEach(() => {
      delete process.env['HELIOCUBE_MODELS_X'];
      delete process.env['MOTHERDUCK_TOKEN'];
    });

    it('is closed but for names on the list', () => {
      process.env['HELIOCUBE_MODELS_X'] = 'shown';
      process.env['MOTHERDUCK_TOKEN'] = 'hidden';
      expect(render("{{ env_var('HELIOCUBE_MODELS_X') }} {{ env_var('OVERLAP_THRESHOLD', '0.5') }}")).toBe('shown 0.5');
      expect(complaint("{{ env_var('MOTHERDUCK_TOKEN') }}")).toMatch(
        /may not read the environment variable MOTHERDUCK_TOKEN/,
      );
      expect(complaint("{{ env_var('MOTHERDUCK_TOKEN', 'x') }}")).not.toContain('hidden');
      expect(complaint("{{ env_var('HELIOCUBE_MODELS_Y') }}")).toContain('is not set');
    });
  });
});
