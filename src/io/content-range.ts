/** A parsed `Content-Range`: which bytes a 206 carries (`span` null: none, as in a 416) and the object's size, if told. */
export type ContentRange = {
  readonly span: { readonly first: number; readonly last: number } | null;
  readonly size: number | null;
};

/**
 * Reads `bytes 0-99/1234`, `bytes 0-99/*` and `bytes` with a star and a size (RFC 9110 §14.4); null for anything else, also where
 * the numbers contradict each other.
 */
export function parseContentRange(text: string | undefined): ContentRange | null {
  const match = /^bytes\s+(?:(\d{1,15})-(\d{1,15})|\*)\/(?:(\d{1,15})|\*)$/i.exec(text?.trim() ?? '');
  if (match === null) return null;
  const [, first, last, total] = match;
  const size = total === undefined ? null : Number(total);
  if (first === undefined || last === undefined) return { span: null, size };
  const span = { first: Number(first), last: Number(last) };
  if (span.last < span.first || (size !== null && span.last >= size)) return null;
  return { span, size };
}
