/**
 * The path on this BMC that a reference names, without fragment; undefined where it leads anywhere else.
 * A hostile BMC may name another host, another scheme, or a path outside its Redfish service: such a link is not followed.
 */
export function local(origin: string, reference: string, base = '/redfish/v1/'): string | undefined {
  // Drive names hold spaces on some BMCs; control characters have no place in a link.
  if (!/^[\x20-\x7e]{1,2048}$/.test(reference)) return undefined;
  const url = URL.parse(reference, `${origin}${base}`);
  if (url === null || url.origin !== origin || url.username !== '' || url.password !== '') return undefined;
  return /^\/redfish(\/|$)/.test(url.pathname) ? url.pathname + url.search : undefined;
}

/**
 * The path of a `Location` header. Behind address translation a BMC writes its own name and scheme there, so only the
 * path is taken, and it is asked for where the BMC was reached.
 */
export function pathOfLocation(origin: string, location: string): string | undefined {
  const url = URL.parse(location, origin);
  return url === null ? undefined : local(origin, url.pathname + url.search);
}
