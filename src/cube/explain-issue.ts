import type { z } from 'zod';
import type { CubeError } from '../errors.js';
import { isTree } from './apply-override.js';
import { nearestKey } from './nearest-key.js';
import { specError } from './spec-error.js';
import { specSchema } from './spec.js';

type Issue = z.core.$ZodIssue;

/** What the schema calls a type, in words. */
const TYPES: Readonly<Record<string, string>> = {
  array: 'a list',
  tuple: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

/** An `invalid-spec` problem for what a schema found: the key, what was expected there, what was found, and a fix. */
export function explainIssue(issue: Issue, schema: z.ZodType = specSchema): CubeError {
  const path = dotted(issue.path.map(String));
  if (issue.code === 'unrecognized_keys') return unknownKey(issue.path.map(String), issue.keys[0] ?? '?', schema);
  if (issue.code === 'invalid_union') {
    const nested = issue.errors.flat().find((one) => one.code === 'unrecognized_keys' || one.path.length > 0);
    if (nested !== undefined)
      return explainIssue({ ...nested, path: [...issue.path, ...nested.path] } as Issue, schema);
  }
  const what = `${expectation(issue)}${found(issue)}`;
  return specError(path === '' ? '(spec)' : path, what, fixOf(issue, path));
}

function unknownKey(path: readonly string[], key: string, schema: z.ZodType): CubeError {
  const near = nearestKey(key, knownKeys(path, schema));
  return specError(dotted([...path, key]), 'unknown key', near === null ? undefined : `did you mean "${near}"?`);
}

/** The schema's own words where it has any; the library's for what is left. */
function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `expected one of ${issue.values.join(', ')}`;
    case 'too_small':
    case 'too_big':
      return `expected ${limit(issue)}`;
    default:
      return issue.message;
  }
}

function limit(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const [bound, words] = issue.code === 'too_small' ? [issue.minimum, 'at least'] : [issue.maximum, 'at most'];
  if (issue.origin === 'string') return 'text that is not empty';
  if (issue.origin === 'array') return `a list of ${issue.exact === true ? '' : `${words} `}${bound}`;
  if (issue.inclusive === false) return `a number ${issue.code === 'too_small' ? 'above' : 'below'} ${bound}`;
  return `a number of ${words} ${bound}`;
}

/** Values that say something by themselves; mappings and long lists are known to who wrote them. */
function found({ code, input }: Issue): string {
  if (isScalar(input)) return `, found ${typeof input === 'string' ? JSON.stringify(input) : String(input)}`;
  if (Array.isArray(input) && input.length <= 8 && input.every(isScalar)) return `, found ${JSON.stringify(input)}`;
  if (input === null || (code === 'invalid_type' && input === undefined)) return ', found nothing';
  if (code !== 'invalid_type') return '';
  return Array.isArray(input) ? ', found a list' : ', found a mapping';
}

function fixOf(issue: Issue, path: string): string | undefined {
  if (issue.code !== 'invalid_type' || !isScalar(issue.input)) return undefined;
  const text = String(issue.input);
  if (issue.expected === 'array') return `write a list: ${path}=[${text}]`;
  return issue.expected === 'string' ? `write it in quotes: ${path}="${text}"` : undefined;
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** Keys that may stand at a path, by walking the schema's JSON form. */
function knownKeys(path: readonly string[], schema: z.ZodType): string[] {
  let node: unknown = schema.toJSONSchema({ io: 'input' });
  for (const step of path) node = stepInto(node, step);
  return keysOf(node);
}

/** Of a mapping, or of the first alternative that is one. */
function keysOf(node: unknown): string[] {
  if (!isTree(node)) return [];
  if (isTree(node['properties'])) return Object.keys(node['properties']);
  const options = node['anyOf'] ?? node['oneOf'];
  return Array.isArray(options) ? (options.map(keysOf).find((keys) => keys.length > 0) ?? []) : [];
}

function stepInto(node: unknown, step: string): unknown {
  if (!isTree(node)) return undefined;
  if (isTree(node['properties']) && step in node['properties']) return node['properties'][step];
  if (/^\d+$/.test(step) && node['items'] !== undefined) return node['items'];
  if (isTree(node['additionalProperties'])) return node['additionalProperties'];
  const options = node['anyOf'] ?? node['oneOf'];
  return Array.isArray(options)
    ? options.map((option) => stepInto(option, step)).find((found) => found !== undefined)
    : undefined;
}

function dotted(path: readonly string[]): string {
  return path.filter((part) => part !== '').join('.');
}
