import { z } from 'zod';
import { specError } from '../cube/spec-error.js';
import { checkedYaml, valueSchema } from './checked-yaml.js';
import type { ConfigValues } from './project-settings.js';
import type { ModelColumn, ModelSource, ModelValue } from './project.js';

/** A test as it is asked for, of a model or source. */
export type AskedTest = {
  readonly macro: string;
  readonly column: string | null;
  readonly parameters: { readonly [name: string]: ModelValue };
  readonly where: string | null;
  readonly severity: 'error' | 'warn';
  readonly tags: readonly string[];
  readonly enabled: boolean;
};

/** What a file of properties says of a model. */
export type ModelProperties = {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly ModelColumn[];
  readonly config: ConfigValues;
  readonly tests: readonly AskedTest[];
};

/** What one file of properties holds; `path` is that file's. */
export type Properties = {
  readonly path: string;
  readonly models: readonly ModelProperties[];
  readonly sources: readonly (ModelSource & { readonly tests: readonly AskedTest[] })[];
};

const testSettings = {
  severity: z.enum(['error', 'warn', 'ERROR', 'WARN']).optional(),
  where: z.string().optional(),
  tags: z.union([z.string(), z.array(z.string())]).optional(),
  enabled: z.boolean().optional(),
};
const askedTest = z.union([
  z.string(),
  z.record(
    z.string(),
    z
      .object({
        arguments: z.record(z.string(), valueSchema).optional(),
        config: z.strictObject(testSettings).optional(),
        name: z.string().optional(),
        description: z.string().optional(),
        ...testSettings,
      })
      .catchall(valueSchema),
  ),
]);
const tests = { data_tests: z.array(askedTest).optional(), tests: z.array(askedTest).optional() };
const documented = { name: z.string().min(1), description: z.string().default(''), ...tests };
const meta = z.record(z.string(), valueSchema);
const column = z.strictObject({ ...documented, data_type: z.string().optional(), meta: meta.optional() });
const columns = z.array(column).default([]);
const config = z.record(z.string(), valueSchema).default({});
const table = z.strictObject({
  ...documented,
  columns,
  config: z.strictObject({ meta: meta.optional() }).optional(),
  meta: meta.optional(),
  identifier: z.string().optional(),
});
const source = z.strictObject({
  name: z.string().min(1),
  description: z.string().default(''),
  database: z.string().optional(),
  schema: z.string().optional(),
  tables: z.array(table).default([]),
});
const PROPERTIES = z.strictObject({
  version: z.literal(2).optional(),
  models: z.array(z.strictObject({ ...documented, columns, config })).default([]),
  sources: z.array(source).default([]),
});

type Asking = {
  readonly data_tests?: z.infer<typeof askedTest>[] | undefined;
  readonly tests?: z.infer<typeof askedTest>[] | undefined;
};
type Columns = z.infer<typeof columns>;

/** Checks the text of a file of properties. Problem: `invalid-spec`. */
export function parseProperties(path: string, text: string): Properties {
  const { models, sources } = checkedYaml(text, path, PROPERTIES);
  return {
    path,
    models: models.map((model) => ({
      name: model.name,
      description: model.description.trim(),
      columns: model.columns.map(described),
      config: model.config,
      tests: allTests(model, model.columns),
    })),
    sources: sources.flatMap((group) =>
      group.tables.map((one) => ({
        name: `${group.name}.${one.name}`,
        schema: group.schema ?? group.name,
        table: one.identifier ?? one.name,
        description: one.description.trim(),
        columns: one.columns.map(described),
        optional: (one.config?.meta ?? one.meta)?.['optional'] === true,
        emptyColumns: (one.config?.meta ?? one.meta)?.['optional'] === 'empty' ? typedColumns(path, one) : null,
        tests: allTests(one, one.columns),
      })),
    ),
  };
}

/** Problem: `invalid-spec` for a column without a type. */
function typedColumns(path: string, table: { readonly name: string; readonly columns: Columns }) {
  return table.columns.map(({ name, data_type: type }) => {
    if (type !== undefined) return { name, type };
    throw specError(path, `the source ${table.name} may be absent, and its column ${name} has no data_type`);
  });
}

function described({ name, description }: Columns[number]): ModelColumn {
  return { name, description: description.trim() };
}

function allTests(owner: Asking, ownColumns: Columns): AskedTest[] {
  return [...asked(owner, null), ...ownColumns.flatMap((one) => asked(one, one.name))];
}

function asked(owner: Asking, columnName: string | null): AskedTest[] {
  return [...(owner.data_tests ?? []), ...(owner.tests ?? [])].flatMap((test) => {
    const entries = typeof test === 'string' ? [[test, {}] as const] : Object.entries(test);
    return entries.map(([macro, said]) => askedFor(macro, said, columnName));
  });
}

// Parameters may stand below `arguments` or, as they used to, beside the settings.
function askedFor(
  macro: string,
  said: Exclude<z.infer<typeof askedTest>, string>[string],
  columnName: string | null,
): AskedTest {
  const { arguments: named = {}, config: set = {}, name: _name, description: _description, ...rest } = said;
  const { severity, where, tags, enabled, ...loose } = rest;
  const word = set.severity ?? severity ?? 'error';
  return {
    macro,
    column: columnName,
    parameters: { ...loose, ...named } as AskedTest['parameters'],
    where: set.where ?? where ?? null,
    severity: word.toLowerCase() === 'warn' ? 'warn' : 'error',
    tags: [set.tags ?? tags ?? []].flat(),
    enabled: set.enabled ?? enabled ?? true,
  };
}
