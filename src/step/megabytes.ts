/** A size in a plan's line, rounded up: `5400 MB`. */
export const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;
