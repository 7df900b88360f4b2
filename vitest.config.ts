import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

/** What touches the database runs on both; what does not, or is about one of them, runs once. */
const onDatabase = ['tests/platform/**/*.test.ts', 'tests/web/**/*.test.ts'];
const once = ['tests/platform/{config,mail,pdf,sqlite}.test.ts'];
/**
 * Whether a page is valid HTML, what an address with junk in it shows, what a calendar object says, whether a PDF is whole
 * and what a browser does, is no matter of the database.
 */
const pagesAlone = [
  'tests/web/{pages,query-junk,calendar-objects,documents}.test.ts',
  'tests/journeys/{browser,sign-in,reading,keyboard}.test.ts',
];
const journeys = ['tests/journeys/**/*.test.ts'];

const databases = ['sqlite', 'postgres'];
const globalSetup = ['tests/support/run.ts'];

const project = (name: string, include: string[], test: object): TestProjectConfiguration => ({
  extends: true,
  test: { name, include, testTimeout: 20_000, hookTimeout: 30_000, sequence: { groupOrder: 0 }, ...test },
});

export default defineConfig({
  test: {
    environment: 'node',
    maxWorkers: 2,
    projects: [
      project('once', ['tests/rules/**/*.test.ts', 'tests/architecture/**/*.test.ts', ...once], {}),
      ...databases.flatMap((name) => {
        const env = { TEST_DATABASE: name };
        return [
          project(name, onDatabase, {
            env,
            globalSetup,
            exclude: name === 'postgres' ? [...once, ...pagesAlone] : once,
          }),
          // Journeys drive a real browser: alone, one after another, after everything that is quick to fail.
          project(`journeys-${name}`, journeys, {
            ...{ env, globalSetup, fileParallelism: false, testTimeout: 120_000, hookTimeout: 120_000 },
            exclude: name === 'postgres' ? pagesAlone : [],
            sequence: { groupOrder: 1 },
          }),
        ];
      }),
    ],
  },
});
