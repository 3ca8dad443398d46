import {BaseSequencer, type TestSpecification} from 'vitest/node';

/** Those that take a minute and more, most of it in waiting: begun last, they would be waited for by idle processors. */
const longest =
  /\/(?:command\/killed|journey\/gate|device\/firewall\/(?:isolation|edge-\w+ed|look)|device\/target\/sources|image\/target(?:-lease)?|device\/suspect\/collector)\.test\.ts$/;

/** The order of test files where nothing is known of an earlier run: Vitest's own is by their size. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files);
    const [first, rest] = [true, false].map((long) => usual.filter(({moduleId}) => longest.test(moduleId) === long));
    return [...first!, ...rest!];
  }
}
