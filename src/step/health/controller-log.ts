/** What a controller's log shows, line by line, up to the first that is none. */
export interface LogReading {
  readonly lines: number;
  /** Serial numbers by slot, from lines that name both. The last word on a slot counts. */
  readonly slots: Readonly<Record<string, string>>;
  /** From this line on it is not read, and the controller is not believed: what writes garbage reports garbage. */
  readonly quarantined?: {readonly line: number; readonly why: string};
}

const longestLine = 4096;
const newline = 0x0a;

/**
 * Reads a controller's log as bytes. A log is text: a NUL, another control character, bytes that are no UTF-8 or a line
 * without end is a controller whose memory, firmware or power is not to be trusted, and nothing after it is read.
 */
export function readControllerLog(bytes: Uint8Array): LogReading {
  const decoder = new TextDecoder('utf-8', {fatal: true});
  const slots: Record<string, string> = {};
  let at = 0;
  let lines = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(newline, at);
    const line = bytes.subarray(at, end === -1 ? bytes.length : end);
    const why = whyNoText(line, decoder);
    if (why !== undefined) return {lines, slots, quarantined: {line: lines + 1, why}};
    const [slot, serial] = slotIn(decoder.decode(line));
    if (slot !== undefined && serial !== undefined) slots[slot] = serial;
    lines++;
    at = end === -1 ? bytes.length : end + 1;
  }
  return {lines, slots};
}

function whyNoText(line: Uint8Array, decoder: InstanceType<typeof TextDecoder>): string | undefined {
  const nul = line.indexOf(0);
  if (nul !== -1) return `a NUL byte at column ${nul + 1}`;
  if (line.length > longestLine) return `a line of ${line.length} bytes`;
  const control = line.findIndex((byte) => (byte < 0x20 && byte !== 0x09 && byte !== 0x0d) || byte === 0x7f);
  if (control !== -1) return `a control character at column ${control + 1}`;
  try {
    decoder.decode(line);
    return undefined;
  } catch {
    return 'bytes that are no text';
  }
}

const word = '[ #:=]+([A-Za-z0-9](?:[A-Za-z0-9:,./-]{0,14}[A-Za-z0-9])?)(?=[\\s,;:.]|$)';
const slotWord = new RegExp(`\\b(?:slot|bay|port)${word}`, 'i');
const enclosureWord = new RegExp(`\\benclosure${word}`, 'i');
// One without a digit is none: `serial unknown`.
const serialWord = /\b(?:serial(?: ?n(?:o|umber)\.?)?|s\/n|sn)[ #:=]+(?=\S*\d)([A-Za-z0-9][A-Za-z0-9_.:-]{3,63})/i;

/**
 * Controllers differ in their words; a slot (bay, port) and a serial number on one line are one entry of a map.
 * `Enclosure 1 Slot 2` is slot `1:2`.
 */
function slotIn(line: string): readonly [string | undefined, string | undefined] {
  const slot = slotWord.exec(line)?.[1];
  const enclosure = enclosureWord.exec(line)?.[1];
  return [
    slot !== undefined && enclosure !== undefined ? `${enclosure}:${slot}` : (slot ?? enclosure),
    serialWord.exec(line)?.[1],
  ];
}
