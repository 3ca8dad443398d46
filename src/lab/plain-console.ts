/** Where in an escape sequence the text stands (ECMA-48; a short form of the VT500's parser). */
type Stand =
  | {readonly in: 'text'}
  | {readonly in: 'escape'}
  | {readonly in: 'control'; readonly length: number}
  /** OSC, DCS and their kin, up to BEL or ST. */
  | {readonly in: 'string'; readonly length: number; readonly ending: boolean};

const inText: Stand = {in: 'text'};
// Beyond this it is no sequence but noise, and noise is shown.
const longest = {control: 64, string: 256} as const;

/**
 * Makes plain text of a serial console: escape sequences are gone, a carriage return ends a line, every other control
 * character is spelled out. The machine on it is not to be trusted with a terminal. Cuts between pushes do not matter.
 */
export class PlainConsole {
  #stand: Stand = inText;
  /** A carriage return came, and what follows decides what it was. */
  #returned = false;

  /** The plain text that these bytes complete. */
  push(bytes: Uint8Array): string {
    let plain = '';
    for (const byte of bytes) plain += this.#take(byte);
    return plain;
  }

  /** What was still open when the console ended. */
  end(): string {
    const returned = this.#returned;
    this.#stand = inText;
    this.#returned = false;
    return returned ? '\n' : '';
  }

  #take(byte: number): string {
    const next = lead(this.#stand, byte);
    this.#stand = next ?? inText;
    return next === undefined ? this.#show(byte) : '';
  }

  #show(byte: number): string {
    if (byte === 0x0d) {
      this.#returned = true;
      return '';
    }
    const line = this.#returned && byte !== 0x0a ? '\n' : '';
    this.#returned = false;
    const plain = byte === 0x0a || byte === 0x09 || (byte >= 0x20 && byte <= 0x7e);
    return line + (plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`);
  }
}

/** Where the byte leads; undefined where it belongs to no sequence and is to be shown. */
function lead(stand: Stand, byte: number): Stand | undefined {
  if (byte === 0x1b) return stand.in === 'string' ? {...stand, ending: true} : {in: 'escape'};
  switch (stand.in) {
    case 'text':
      return undefined;
    case 'escape':
      if (byte === 0x5b) return {in: 'control', length: 0};
      if ([0x5d, 0x50, 0x58, 0x5e, 0x5f].includes(byte)) return {in: 'string', length: 0, ending: false};
      if (byte >= 0x20 && byte <= 0x2f) return stand;
      return byte >= 0x30 && byte <= 0x7e ? inText : undefined;
    case 'control':
      if (byte >= 0x40 && byte <= 0x7e) return inText;
      return byte >= 0x20 && byte <= 0x3f && stand.length < longest.control
        ? {in: 'control', length: stand.length + 1}
        : undefined;
    case 'string':
      if (byte === 0x07) return inText;
      if (stand.ending) return byte === 0x5c ? inText : lead({in: 'escape'}, byte);
      // A line's end ends a string that forgot its own: a console's next lines are not to be lost with it.
      return byte >= 0x20 && stand.length < longest.string ? {...stand, length: stand.length + 1} : undefined;
    default:
      return stand satisfies never;
  }
}
