import { z } from 'zod';
import { parseYaml } from '../cube/parse-yaml.js';
import { specError } from '../cube/spec-error.js';
import type { ModelValue } from './project.js';

/** Plain data of any depth. */
export const valueSchema: z.ZodType<ModelValue> = z.lazy(() =>
  z.union([z.null(), z.boolean(), z.number(), z.string(), z.array(valueSchema), z.record(z.string(), valueSchema)]),
);

/** The data of a YAML text as the schema has it. Problem: `invalid-spec` that names the file and the key. */
export function checkedYaml<T>(text: string, path: string, schema: z.ZodType<T>): T {
  const result = schema.safeParse(parseYaml(text, path) ?? {});
  if (result.success) return result.data;
  const issue = deepest(result.error.issues[0]!);
  const key = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  throw specError(`${path}${key === '' ? '' : `: ${key.replace(/^\./, '')}`}`, issue.message);
}

/** Of a union the complaint that got furthest, for that is what was meant. */
function deepest(issue: z.core.$ZodIssue): { readonly path: readonly PropertyKey[]; readonly message: string } {
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors.flatMap((issues) => issues.map(deepest));
  const furthest = inner.reduce((best, one) => (one.path.length > best.path.length ? one : best), {
    path: [],
    message: issue.message,
  } as {
    readonly path: readonly PropertyKey[];
    readonly message: string;
  });
  return { path: [...issue.path, ...furthest.path], message: furthest.message };
}
