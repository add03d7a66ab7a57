import { z } from 'zod';
import { checkedYaml, valueSchema } from './checked-yaml.js';
import type { ModelValue } from './project.js';

const VARS = z.record(z.string(), valueSchema);

/** Variables from YAML or JSON text; `origin` stands in messages. Problem: `invalid-spec`. */
export function parseVars(text: string, origin: string): { readonly [name: string]: ModelValue } {
  return checkedYaml(text, origin, VARS);
}
