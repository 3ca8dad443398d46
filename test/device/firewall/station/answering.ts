import {createInterface} from 'node:readline';

export interface Numbered {
  readonly number: number;
  readonly content: unknown;
}

/** Says `ready`, then answers each line on stdin, an order as JSON, by a line with the same number, in whatever turn. */
export function answering(answer: (order: unknown) => Promise<unknown>): void {
  const answerTo = async ({number, content}: Numbered): Promise<void> => {
    const answered: Numbered = {number, content: await answer(content)};
    process.stdout.write(`${JSON.stringify(answered)}\n`);
  };
  createInterface({input: process.stdin}).on('line', (line) => void answerTo(JSON.parse(line) as Numbered));
  process.stdout.write('ready\n');
}
