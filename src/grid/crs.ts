/** A coordinate reference system, as named in files and items. */
export type Crs =
  | { readonly kind: 'epsg'; readonly code: number }
  /** WKT (2 or 1) as found or as written from PROJJSON or GeoKeys. */
  | { readonly kind: 'wkt2'; readonly text: string };
