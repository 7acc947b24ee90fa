// The folders are the pipeline: a stage knows earlier stages only. Each rule's comment speaks to whoever broke it.
// test/layers.test.ts plants a violation and sees it caught; without that a broken resolver would pass everything.

const stages = [
  'action',
  'classify',
  'resolve',
  'authorize',
  'decide',
  'hold',
  'safeguard',
  'execute',
  'record',
  'lifecycle',
];

const laterThan = (stage) => stages.slice(stages.indexOf(stage) + 1);
const outer = [
  'gateway',
  'channels',
  'providers',
  'credentials',
  'backups',
  'storage',
  'scan',
  'sandbox',
  'lab',
  'sdk',
  'console',
  'cli',
];
const isTest = '\\.test\\.ts$|^src/testing/';

const stageRules = stages.map((stage) => ({
  name: `stage-${stage}-knows-earlier-stages-only`,
  comment: `src/${stage} is a pure stage: it may import earlier stages and platform/reason, platform/fault only. Move what you need to an earlier stage, or let the driver in gateway/ pass it in as a value.`,
  severity: 'error',
  from: { path: `^src/${stage}/`, pathNot: isTest },
  to: { path: `^src/(${[...laterThan(stage), ...outer].join('|')})/` },
}));

export default {
  forbidden: [
    ...stageRules,
    {
      name: 'stages-touch-no-world',
      comment:
        'A pure stage touches no clock, network, disk or randomness (hashing is allowed). Make it a command that the driver carries out through a port.',
      severity: 'error',
      from: { path: `^src/(${stages.join('|')})/`, pathNot: isTest },
      to: {
        path: '^src/platform/(?!reason\\.ts|fault\\.ts)|^(node:)?(fs|net|http|https|http2|tls|dns|child_process|worker_threads|dgram|os|process|timers)(/|$)',
      },
    },
    {
      name: 'platform-knows-nobody',
      comment:
        'platform/ is for all, so it may import nothing of the project. Put the code beside its only user instead.',
      severity: 'error',
      from: { path: '^src/platform/', pathNot: isTest },
      to: { path: `^src/(${[...stages, ...outer].join('|')})/` },
    },
    {
      name: 'channels-hold-no-keys',
      comment:
        'A channel turns bytes into actions and answers into bytes. It never imports storage, credentials, providers, the console or another channel; ask the gateway through port.ts.',
      severity: 'error',
      from: { path: '^src/channels/', pathNot: isTest },
      to: { path: '^src/(storage|credentials|console|providers|backups|lab|cli|gateway)/' },
    },
    {
      name: 'providers-are-values',
      comment:
        'A provider is data plus a resolver: it knows the types of action, classify and resolve. compose.ts hands it to the pipeline.',
      severity: 'error',
      from: { path: '^src/providers/', pathNot: isTest },
      to: {
        path: `^src/(authorize|decide|hold|safeguard|execute|record|lifecycle|gateway|channels|credentials|backups|storage|scan|sandbox|lab|sdk|console|cli)/`,
      },
    },
    {
      name: 'compose-alone-wires',
      comment:
        'Only gateway/compose.ts imports providers, storage and credentials into the gateway; everything else in gateway/ receives them as ports.',
      severity: 'error',
      from: { path: '^src/gateway/', pathNot: `${isTest}|^src/gateway/compose\\.ts$` },
      to: { path: '^src/(providers|storage/(sqlite|postgres)|credentials)/' },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that import each other are one file, or one of them knows too much.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
