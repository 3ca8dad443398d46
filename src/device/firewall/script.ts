/** Parts of an nft script, a line each. */

export type Hook = 'prerouting' | 'input' | 'forward' | 'output';

export const hook = (name: Hook, priority: string, rules: readonly string[]): readonly string[] =>
  block(`chain ${name}`, [`type filter hook ${name} priority ${priority}; policy accept;`, ...rules]);

export const block = (head: string, body: readonly string[]): readonly string[] => [
  `${head} {`,
  ...body.map((line) => `  ${line}`),
  '}',
];

// `delete` fails where there is nothing to delete; `destroy` needs nft 1.0.7.
export const cleared = (name: string): readonly string[] =>
  ['inet', 'bridge'].flatMap((family) => [`add table ${family} ${name}`, `delete table ${family} ${name}`]);
