/** `1 disk`, `2 disks`, `2 losses`. */
export const count = (number: number, noun: string, many = `${noun}s`): string =>
  `${number} ${number === 1 ? noun : many}`;
