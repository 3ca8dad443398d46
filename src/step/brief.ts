const columns = 60;

/** `says` of an effect or a proof: at most 60 columns, and where something is left out, it shows. */
export const brief = (says: string): string => (says.length > columns ? `${says.slice(0, columns - 1)}…` : says);
