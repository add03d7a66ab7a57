/** Where a provider's items are, and what its manifests' words mean. */
export type Provider = {
  readonly name: string;
  readonly href: string;
  readonly kind: 'api' | 'static';
  /** Names that manifests use for the whole catalogue and that no collection of it has. */
  readonly wholeCatalogue: readonly string[];
  /** Its assets are read with signatures of this service, which `providerSigner` asks for when they are read. */
  readonly signed?: 'planetary-computer';
};

/** Providers that a manifest, or a command, may call by name. */
export const PROVIDERS: readonly Provider[] = [
  {
    name: 'earth-search',
    href: 'https://earth-search.aws.element84.com/v1',
    kind: 'api',
    wholeCatalogue: [],
  },
  {
    name: 'planetary-computer',
    href: 'https://planetarycomputer.microsoft.com/api/stac/v1',
    kind: 'api',
    wholeCatalogue: [],
    signed: 'planetary-computer',
  },
  {
    name: 'maxar',
    href: 'https://maxar-opendata.s3.amazonaws.com/events/catalog.json',
    kind: 'static',
    wholeCatalogue: ['maxar-open-data'],
  },
  {
    name: 'satellogic',
    href: 'https://satellogic-earthview.s3.us-west-2.amazonaws.com/stac/catalog.json',
    kind: 'static',
    wholeCatalogue: [],
  },
];

/** The provider of that name, or that a catalogue's URL lies with; null where there is none. */
export function findProvider(nameOrHref: string): Provider | null {
  const named = PROVIDERS.find(({ name }) => name === nameOrHref);
  if (named !== undefined) return named;
  if (!URL.canParse(nameOrHref)) return null;
  const { host } = new URL(nameOrHref);
  return PROVIDERS.find(({ href }) => new URL(href).host === host) ?? null;
}
