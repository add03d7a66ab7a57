import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The least that a project needs. */
export const SETTINGS = `
name: small
version: '1'
profile: small
models:
  small:
    +schema: small
    +materialized: table
vars:
  limit: 3
`;

/** Write a project of these files, by path, into a new folder below the one given. Gives its path. */
export function writeProject(folder: string, files: { readonly [path: string]: string }): string {
  const project = mkdtempSync(join(folder, 'project-'));
  for (const [path, text] of Object.entries({ 'dbt_project.yml': SETTINGS, ...files })) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
  return project;
}
