import type { Json } from '../stac/item.js';
import type { FieldMapper } from './apply-field-map.js';
import type { ManifestDataset } from './parse-manifest.js';

type Properties = { readonly [key: string]: Json };

/** Takes the columns that are kept of a record's own. */
export type KeepColumns = (properties: Properties) => Properties;

/** Columns that `keep_cols` names, and those that `field_map` and `where` speak of; all where the list is absent or empty. */
export function keepColumns(
  { keep_cols: named, where }: Pick<ManifestDataset, 'keep_cols' | 'where'>,
  mapper: FieldMapper,
): KeepColumns {
  if (named == null || named.length === 0) return (properties) => properties;
  const wanted = new Set([...named, ...mapper.columns()]);
  const expression = (where ?? '').toLowerCase();
  const known = new Map<string, boolean>();
  const isKept = (column: string): boolean => {
    const found = known.get(column) ?? (wanted.has(column) || occurs(column, expression));
    known.set(column, found);
    return found;
  };
  return (properties) => Object.fromEntries(Object.entries(properties).filter(([column]) => isKept(column)));
}

/** As `where` itself decides which columns it needs: by their names' text, in any case. */
function occurs(column: string, expression: string): boolean {
  return column !== '' && expression.includes(column.toLowerCase().replaceAll('"', '""'));
}
