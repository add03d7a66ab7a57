/** Query parameters that carry a signature or a key, in lower case. */
const SECRET = new Set([
  'signature',
  'sig',
  'awsaccesskeyid',
  'googleaccessid',
  'key-pair-id',
  'policy',
  'token',
  'access_token',
  'api_key',
  'apikey',
  'key',
  'subscription-key',
  'x-api-key',
]);
/** Those that belong to an Azure signature and mean nothing without it. */
const AZURE = new Set([
  'sv',
  'ss',
  'srt',
  'st',
  'se',
  'sr',
  'sp',
  'spr',
  'sip',
  'skoid',
  'sktid',
  'skt',
  'ske',
  'sks',
  'skv',
]);

/** The URL without user name, password, signatures and keys; parameters that say what is meant stay. Anything else is returned as it is. */
export function unsignedUrl(url: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(url) || !URL.canParse(url)) return url;
  const parsed = new URL(url);
  const names = [...parsed.searchParams.keys()].map((name) => name.toLowerCase());
  const isSigned = names.some((name) => SECRET.has(name));
  const isSecret = (name: string) =>
    SECRET.has(name) ||
    name.startsWith('x-amz-') ||
    name.startsWith('x-goog-') ||
    (isSigned && (AZURE.has(name) || name === 'expires'));
  if (parsed.username === '' && parsed.password === '' && !names.some(isSecret)) return url;
  parsed.username = '';
  parsed.password = '';
  const secrets = [...parsed.searchParams.keys()].filter((name) => isSecret(name.toLowerCase()));
  for (const name of secrets) parsed.searchParams.delete(name);
  return parsed.href;
}
