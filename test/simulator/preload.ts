/** `node --import preload.ts`: the program's devices are the simulated machine's; everything else is its own. */
import {registerHooks} from 'node:module';

registerHooks({
  resolve: (specifier, context, next) =>
    specifier.endsWith('/sitting/workbench.ts')
      ? {url: new URL('bench.ts', import.meta.url).href, shortCircuit: true}
      : next(specifier, context),
});
