/** What of a file of `size` bytes a Range header asks for; `last` is included (RFC 9110, 14.1.2). */
export type Span =
  | {readonly is: 'whole'}
  | {readonly is: 'part'; readonly first: number; readonly last: number}
  | {readonly is: 'unsatisfiable'};

/**
 * Reads a Range header. What is no single well-formed byte range is ignored, as RFC 9110 has it: the answer is then the
 * whole file with 200. Pure; never throws.
 */
export function span(header: string | undefined, size: number): Span {
  const match = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(header ?? '');
  if (match === null) return {is: 'whole'};
  const [, from = '', to = ''] = match;
  if (from === '' && to === '') return {is: 'whole'};
  if (from === '') {
    // The last N bytes; of an N larger than the file, all of it.
    const length = Math.min(Number(to), size);
    return length === 0 ? {is: 'unsatisfiable'} : {is: 'part', first: size - length, last: size - 1};
  }
  const first = Number(from);
  const last = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== '' && Number(to) < first) return {is: 'whole'};
  return first >= size ? {is: 'unsatisfiable'} : {is: 'part', first, last};
}
