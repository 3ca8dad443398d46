/**
 * One argv as the text an SSH server hands to the user's shell (RFC 4254, 6.5 has no argv). Each argument becomes one
 * POSIX single-quoted word, in which nothing is special but the quote itself. The only place where quoting happens.
 * Throws on NUL, which no argument can hold.
 */
export function quote(argv: readonly string[]): string {
  return argv
    .map((argument) => {
      if (argument.includes('\0')) throw new TypeError('an argument cannot hold NUL');
      return `'${argument.replaceAll("'", String.raw`'\''`)}'`;
    })
    .join(' ');
}
