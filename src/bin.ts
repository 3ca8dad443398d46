#!/usr/bin/env node
// Imports nothing that an old Node could not parse: it must live to say its one sentence.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(
    `rebuild needs Node 24.15 or newer; this is ${process.versions.node}. In a clone, \`npm ci\` brings its own: use \`npx rebuild\`.\n`,
  );
  process.exitCode = 2;
} else {
  // A reader that has seen enough (`| head`), or a terminal that is gone, must not end a run.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    });
  // A third of a short command's time is the compiling of what it loads.
  const [{enableCompileCache}, {home}] = await Promise.all([import('node:module'), import('./home.ts')]);
  enableCompileCache(`${home().cache}/code`);
  const {main} = await import('./cli.ts');
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    const {tellBug} = await import('./command/tell-bug.ts');
    process.exitCode = tellBug(error);
  }
}
