import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder of its own for the test file that calls this at its top level; removed at the end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'heliocube-lake-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
