// Figures of the light system's own programs, which are shell and awk: `agent-figures.test.ts` holds them against those.

/** The most that one stream is asked for at a time, in bytes (`schedule.awk`): what a cut may lose of it. */
export const largestPiece = 1_048_576;
/** Connections to web servers at once (`target-worker`). */
export const pullStreams = 8;
