#!/usr/bin/env node
// Imports nothing that an old Node could not parse: it must live to say its one sentence.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(
    `rebuild needs Node 24.15 or newer; this is ${process.versions.node}. In a clone, \`npm ci\` brings its own: use \`npx rebuild\`.\n`,
  );
  process.exitCode = 2;
} else {
  const {main} = await import('./cli.ts');
  process.exitCode = await main(process.argv.slice(2));
}
