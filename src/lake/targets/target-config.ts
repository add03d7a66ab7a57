import { z } from 'zod';
import { parseYaml } from '../../cube/parse-yaml.js';
import { specError } from '../../cube/spec-error.js';

const targetSchema = z.strictObject({
  catalog: z
    .string()
    .min(1)
    .optional()
    .describe(
      'DuckDB file, sqlite:PATH, postgres:CONNECTION or md:NAME; DUCKLAKE_CONNECTION_STRING where left out, of the target prod DUCKLAKE_CONNECTION_STRING_PROD',
    ),
  data: z.string().min(1).optional().describe('folder, or s3://BUCKET/PREFIX/; beside the catalog file where left out'),
  endpoint: z
    .string()
    .regex(/^https?:\/\/[^@?#]+$/i, 'expected an http(s) URL without user, password and query')
    .optional()
    .describe('of a bucket that is not at AWS'),
  region: z.string().min(1).optional(),
  path_style: z.boolean().optional().describe('the bucket is in the path, not in the host name'),
  keys: z.enum(['aws', 'r2']).optional().describe('whose variables hold the keys of the bucket'),
});

/** The schema of `heliocube.yaml`. */
export const targetsSchema = z.strictObject({
  default: z.string().optional().describe('the target where neither --target nor DBT_TARGET names one'),
  targets: z.record(
    z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected a name of letters, digits, _ and -'),
    targetSchema,
  ),
});

/** What `heliocube.yaml` says. Placeholders (`${NAME}`) are still in it. */
export type TargetConfig = z.infer<typeof targetsSchema>;

/** One named lake of it. */
export type Target = z.infer<typeof targetSchema>;

/** Check the text of a file of targets. Problem: `invalid-spec` that names the key; values are never repeated, one may be a secret. */
export function parseTargets(text: string): TargetConfig {
  const result = targetsSchema.safeParse(parseYaml(text, '(targets)'));
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = path.length === 0 ? Object.keys(targetsSchema.shape) : Object.keys(targetSchema.shape);
    throw specError([...path, issue.keys[0]!].join('.'), 'unknown key', `known are ${known.join(', ')}`);
  }
  const what = issue.code === 'invalid_type' ? `expected ${issue.expected}` : issue.message;
  throw specError(path.length === 0 ? '(targets)' : path.join('.'), what);
}
