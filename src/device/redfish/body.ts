/** The deepest Redfish resource recorded nests 9 levels (an expanded collection a few more). */
const deepest = 64;

/**
 * A reply's body as JSON, or undefined where it is none. Nesting is measured before parsing: a few kilobytes of
 * brackets would otherwise become a tree that no later recursion survives.
 */
export function parseBody(bytes: Uint8Array): unknown {
  // Some BMCs begin JSON with a byte order mark; TextDecoder drops it.
  const source = new TextDecoder().decode(bytes);
  if (nesting(source) > deepest) return undefined;
  return parsed(source) ?? parsed(escaped(source));
}

function parsed(source: string): unknown {
  try {
    return JSON.parse(source) as unknown;
  } catch {
    return undefined;
  }
}

/** A BMC that passes on what another device has written may print control characters into a string as they are. */
const escaped = (source: string): string =>
  source.replaceAll(/"(?:[^"\\]|\\[^])*"/g, (quoted) =>
    // oxlint-disable-next-line no-control-regex
    quoted.replaceAll(/[\u0000-\u001f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );

/** How deep brackets nest outside strings; right for any JSON text, and an upper bound of what a parser would build. */
function nesting(source: string): number {
  let depth = 0;
  let max = 0;
  let quoted = false;
  for (let at = 0; at < source.length; at++) {
    const char = source[at];
    if (quoted) {
      if (char === '\\') at++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '{' || char === '[') max = Math.max(max, ++depth);
    else if (char === '}' || char === ']') depth--;
  }
  return max;
}

/** The first words of a body that is not JSON: error pages of a BMC's web server are HTML. */
export function excerpt(bytes: Uint8Array): string {
  return new TextDecoder()
    .decode(bytes.subarray(0, 4096))
    .replace(/<(script|style)[^]*?(<\/\1>|$)/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, 200);
}
