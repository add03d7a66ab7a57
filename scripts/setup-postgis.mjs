// Installs PostGIS for the newest Postgres of Debian's or Ubuntu's packages, by apt-get and as root: half a minute, once. It is
// optional: pgstac's tests need it and are skipped without it.
import { existsSync, readdirSync } from 'node:fs';
import { command, fail, say } from './steps.mjs';

/** A machine without a network is told so soon. */
const PATIENCE = ['-o', 'Acquire::Retries=1', '-o', 'Acquire::http::Timeout=20', '-o', 'Acquire::https::Timeout=20'];
const servers = '/usr/lib/postgresql';
const [version] = existsSync(servers) ? readdirSync(servers).sort((a, b) => Number(b) - Number(a)) : [];
if (version === undefined) fail(`no Postgres in ${servers}`, 'apt-get install postgresql, then run this again');
if (existsSync(`/usr/share/postgresql/${version}/extension/postgis.control`)) process.exit(0);
if (process.getuid?.() !== 0) {
  fail('only root installs packages', `sudo apt-get install postgresql-${version}-postgis-3`);
}
say(`PostGIS for Postgres ${version} …`);
process.env.DEBIAN_FRONTEND = 'noninteractive';
for (const step of [['update'], ['install', '-y', '--no-install-recommends', `postgresql-${version}-postgis-3`]]) {
  if (command('apt-get', [...PATIENCE, '-qq', ...step]) !== 0)
    fail(`apt-get ${step[0]} failed`, 'see the messages above');
}
