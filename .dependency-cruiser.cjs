// Which part may know which: the arrows of ARCHITECTURE.md, checked.
const PURE = '^exporter/src/(model|stats|compare|report)/';
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'pure-core-knows-no-edge',
      comment: 'Statistics, comparison and reports are functions of plain data.',
      severity: 'error',
      from: { path: PURE, pathNot: '\\.test\\.ts$' },
      to: {
        path: '^(exporter/src/(cli|config|discovery|http|probe|publish|scrape|store)/|node_modules/(undici|express|prom-client|yaml))',
      },
    },
    {
      name: 'model-is-the-bottom',
      comment: 'model/ holds the words that the parts share; it imports nothing but itself.',
      severity: 'error',
      from: { path: '^exporter/src/model/' },
      to: { pathNot: '^exporter/src/model/' },
    },
    {
      name: 'only-publish-knows-prom-client-and-express',
      severity: 'error',
      from: { pathNot: '^exporter/src/publish/|^test/|\\.test\\.ts$' },
      to: { path: 'node_modules/(prom-client|express)/' },
    },
    {
      name: 'only-plots-know-how-to-draw',
      comment:
        'Vega and the rasteriser weigh more than the rest: they are a bundle of their own, which others only load.',
      severity: 'error',
      from: { pathNot: '^exporter/src/plots/|^test/|\\.test\\.ts$' },
      to: { path: 'node_modules/(vega|vega-lite|@resvg/[^/]+)/' },
    },
    {
      name: 'others-only-know-the-shape-of-plots',
      severity: 'error',
      from: { path: '^exporter/src/', pathNot: '^exporter/src/plots/|\\.test\\.ts$' },
      to: { path: '^exporter/src/plots/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'probe-and-scrape-do-not-know-each-other',
      severity: 'error',
      from: { path: '^exporter/src/probe/' },
      to: { path: '^exporter/src/(scrape|publish|cli|discovery|store)/' },
    },
    {
      name: 'scrape-does-not-know-probe',
      severity: 'error',
      from: { path: '^exporter/src/scrape/' },
      to: { path: '^exporter/src/(probe|publish|cli|store)/' },
    },
    { name: 'nothing-imports-main', severity: 'error', from: {}, to: { path: '^exporter/src/main\\.ts$' } },
    {
      name: 'exporter-and-plugin-are-strangers',
      severity: 'error',
      from: { path: '^(exporter|plugin)/' },
      to: { path: '^(exporter|plugin)/', pathNot: '^$1/' },
    },
    {
      name: 'the-fleet-is-a-stand-alone-stranger',
      comment:
        'The simulated fleet must not share code with what measures it, or both could share a mistake.',
      severity: 'error',
      from: { path: '^demo/fleet/' },
      to: { path: '^exporter/' },
    },
    {
      name: 'no-orphan-test-imports',
      severity: 'error',
      from: { pathNot: '\\.test\\.ts$|^test/' },
      to: { path: '^test/|\\.test\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
