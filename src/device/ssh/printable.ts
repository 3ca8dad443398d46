/** A peer's words in one line of a fault: at most 200 characters of printable ASCII, the rest as `?`. */
export const printable = (text: string): string => text.slice(0, 200).replace(/[^\x20-\x7e]/g, '?');
