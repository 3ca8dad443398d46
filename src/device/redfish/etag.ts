/**
 * The If-Match values to try, in order; undefined sends none. Services want the strong form, the weak form, the form
 * without quotes, or fail on any: what fits is found by asking (sushy `etag.py`, Ansible `strip_etag_quotes`).
 */
export function ifMatch(etag: string | undefined): readonly (string | undefined)[] {
  // An empty ETag and one that cannot stand in a header are none.
  if (etag === undefined || !/^[\x21-\x7e]{1,256}$/.test(etag)) return [undefined];
  const strong = etag.replace(/^W\//, '');
  const bare = strong.replace(/^"(.*)"$/, '$1');
  return [...new Set([etag, strong, bare].filter((value) => value !== '')), undefined];
}

/** Answers that judge the condition and not the request: 412, and 428 where one was demanded in another form. */
export const conditionFailed = (status: number): boolean => status === 412 || status === 428;
