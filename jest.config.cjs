process.env.TZ = 'UTC';

const transform = {
  '^.+\\.tsx?$': [
    '@swc/jest',
    {
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript', tsx: true },
        transform: { react: { runtime: 'classic' } },
      },
      module: { type: 'commonjs' },
    },
  ],
};

module.exports = {
  rootDir: __dirname,
  testEnvironment: 'node',
  roots: ['<rootDir>/exporter', '<rootDir>/plugin/src', '<rootDir>/demo', '<rootDir>/test'],
  testMatch: ['**/*.test.ts', '**/*.test.tsx'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/test/output/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/plugin/dist/'],
  transform,
  testTimeout: 30000,
  // Two even on two cores: most tests wait for sockets, and a worker of its own keeps each file's handles to itself.
  maxWorkers: 2,
  reporters: ['default', '<rootDir>/test/support/summary-reporter.cjs'],
};
