/** Before the second attempt a moment, then longer: what ails a BMC or a link may pass by itself. */
export const backOffMs = (attempt: number): number => Math.min(5 * 60_000, 5_000 * 4 ** (attempt - 2));
