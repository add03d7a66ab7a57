/** Providers whose assets are read with signatures. */
export const SIGNERS = ['planetary-computer', 'earthdata'] as const;

/** See `SIGNERS`. */
export type SignerName = (typeof SIGNERS)[number];
