import {BaseSequencer, type TestSpecification} from 'vitest/node';

/** Those that take a minute and more, most of it in waiting: begun last, they would be waited for by idle processors. */
const longest =
  /\/(?:command\/killed|journey\/gate|device\/firewall\/(?:isolation|edge-\w+ed|look)|device\/target\/sources|image\/target(?:-lease)?|device\/suspect\/collector)\.test\.ts$/;

const place = ({moduleId}: TestSpecification): number => (longest.test(moduleId) ? 0 : 1);

/** The order of test files where nothing is known of an earlier run: Vitest's own is by their size. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}
