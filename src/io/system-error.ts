/** The `code` of a Node error (`ENOENT`, `ECONNRESET`, `UND_ERR_SOCKET`), or null. */
export function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
