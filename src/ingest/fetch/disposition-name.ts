import type { HttpHeaders } from '../../io/http-request.js';
import { assertName } from './assert-name.js';

/**
 * The file name of a Content-Disposition (RFC 6266: `filename*=UTF-8''a%20b.zip` before `filename="a b.zip"`), without folders; null
 * where there is none that a file can have.
 */
export function dispositionName(headers: HttpHeaders): string | null {
  const text = headers['content-disposition'] ?? '';
  const encoded = /;\s*filename\*\s*=\s*utf-8'[^']{0,20}'([^;\s]{1,1000})/i.exec(text)?.[1];
  const quoted = /;\s*filename\s*=\s*(?:"([^"]{1,1000})"|([^;\s"]{1,1000}))/i.exec(text);
  try {
    const name = encoded === undefined ? (quoted?.[1] ?? quoted?.[2] ?? '') : decodeURIComponent(encoded);
    const last = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    assertName(last, '');
    return last;
  } catch {
    return null;
  }
}
