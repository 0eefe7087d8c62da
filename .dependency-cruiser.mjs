/**
 * The layers: core ← engine ← { platform, adapters } ← host ← { main, daemon, cli }.
 *
 * TypeScript 7 has no API for dependency-cruiser to parse with, so it parses with swc; without
 * @swc/core it reads nothing and finds nothing wrong. scripts/check-layers.mjs therefore counts the
 * modules it saw, and sees every rule below fire on a tree that breaks it.
 */

const tests = '\\.test\\.tsx?$'

/** `from` and `to` hold regular expressions on paths relative to the root. */
function rule(name, comment, from, to) {
  return { name, severity: /** @type {const} */ ('error'), comment, from, to }
}

/** A rule about the product's own code. Unit tests lie beside it and may reach further. */
function layer(name, comment, path, to) {
  const [inside, outside] = Array.isArray(path) ? path : [path]
  const pathNot = outside === undefined ? tests : [outside, tests]
  return rule(name, comment, { path: inside, pathNot }, to)
}

/** A package as it is imported, wherever npm has put it. */
const pkg = names => `(^|node_modules/)(${names})(/|$)`

const builtin = { dependencyTypes: ['core'] }

/** Each vendor's SDK and the folder in src/adapters that may import it. */
const vendors = {
  'firebase-admin': 'firestore',
  '@google-cloud/firestore': 'firestore',
  '@grpc/grpc-js': 'firestore',
  '@supabase/supabase-js': 'supabase',
  convex: 'convex',
}

const layers = [
  layer(
    'core-is-pure',
    'engine/core is pure: it imports itself and the libraries that only compute',
    '^src/engine/core/',
    { pathNot: ['^src/engine/core/', pkg('picomatch|jsonc-parser|yaml|smol-toml')] },
  ),
  layer(
    'engine-knows-ports-only',
    'the engine reaches the world through its ports: it imports only engine/',
    '^src/engine/(?!core/)',
    { pathNot: '^src/engine/' },
  ),
  layer(
    'platform-below-host',
    'platform implements ports of the engine; it knows neither adapters nor anything above',
    '^src/platform/',
    { path: '^src/', pathNot: '^src/(platform|engine)/' },
  ),
  layer(
    'adapters-below-host',
    'adapters implement ports of the engine; they know neither the platform nor anything above',
    '^src/adapters/',
    { path: '^src/', pathNot: '^src/(adapters|engine)/' },
  ),
  layer(
    'adapters-apart',
    'one adapter never imports another; only the files directly in adapters/ know several',
    '^src/adapters/([^/]+)/',
    { path: '^src/adapters/[^/]+/', pathNot: '^src/adapters/$1/' },
  ),
  layer(
    'suite-on-adapters',
    'the contract suite for adapters is shipped: it stands on what it tests and on the platform',
    '^src/adapter-contract/',
    { path: '^src/', pathNot: '^src/(adapter-contract|adapters|platform|engine)/' },
  ),
  layer(
    'contract-alone',
    'the contract is what any client may say: of our code it imports itself and types of core',
    '^src/contract/',
    { path: '^src/', pathNot: '^src/(contract|engine/core)/' },
  ),
  layer(
    'contract-types-of-core',
    'the contract imports core for its types only, so that no client bundles the engine',
    '^src/contract/',
    { path: '^src/engine/core/', dependencyTypesNot: ['type-only'] },
  ),
  layer('contract-without-node', 'the contract also runs in a browser', '^src/contract/', builtin),
  layer('host-below-shells', 'the host does not know who shows it', '^src/host/', {
    path: '^src/(main|host-process|preload|renderer|daemon|cli|sync)/',
  }),
  layer('main-on-host', 'the main process stands on the host', '^src/main/', {
    path: '^src/',
    pathNot: '^src/(main|host|host-process|contract|engine)/',
  }),
  layer(
    'main-without-engine',
    'the main process only starts the host: the tray lives on whatever an engine does',
    '^src/main/',
    {
      path: '^src/(host|host-process|engine)/',
      pathNot: '^src/host/(error-stack|app/(home-of|host-log|instance|pages|way-in))\\.ts$',
      dependencyTypesNot: ['type-only'],
    },
  ),
  layer('host-process-on-host', 'the host’s process is the host behind ports', '^src/host-process/', {
    path: '^src/',
    pathNot: '^src/(host-process|host|contract|engine)/',
  }),
  layer('daemon-on-host', 'the daemon stands on the host', '^src/daemon/', {
    path: '^src/',
    pathNot: '^src/(daemon|host|contract|engine)/',
  }),
  layer('cli-on-host', 'the command line stands on the host; it may start the daemon', '^src/cli/', {
    path: '^src/',
    pathNot: '^src/(cli|host|daemon|contract|engine)/',
  }),
  layer(
    'sync-on-host',
    'the library stands on the host and offers adapters and types of the engine',
    '^src/sync/',
    { path: '^src/', pathNot: '^src/(sync|host|adapters|engine)/' },
  ),
  layer(
    'renderer-on-contract',
    'the page knows the contract and nothing of what is behind it',
    '^src/renderer/',
    { path: '^src/', pathNot: '^src/(renderer|contract)/' },
  ),
  layer('renderer-without-node', 'the page runs in a sandbox and in a browser', '^src/renderer/', builtin),
  layer(
    'preload-on-contract',
    'the preload hands over a port and knows at most the contract',
    '^src/preload/',
    { path: '^src/', pathNot: '^src/(preload|contract)/' },
  ),
]

/** What decides in the main process, tested without Electron. */
const decisions = [
  'autostart-entry',
  'crash-count',
  'identity',
  'host-view',
  'notice-text',
  'opened-types',
  'place',
  'port-guard',
  'proxy',
  'pulse',
  'restarts',
  'session-end',
  'tray-host',
  'tray-icon',
  'tray-look',
  'tray-menu',
  'update-feed',
  'window-bounds',
].join('|')

const packages = [
  layer(
    'decisions-without-electron',
    'what the desktop app decides is pure, or knows Node alone, so that it is tested without Electron',
    `^src/main/(${decisions})\\.ts$`,
    { path: [pkg('electron'), `^src/main/(?!(${decisions})\\.ts$)`] },
  ),
  layer(
    'electron-in-shell',
    'only main and preload know Electron; in plain Node its import even downloads it',
    ['', '^src/(main|preload)/'],
    { path: pkg('electron') },
  ),
  ...Object.entries(vendors).map(([vendor, folder]) =>
    layer(
      `only-${folder}-imports-${vendor}`,
      `the SDK ${vendor} is imported in its adapter's folder alone`,
      ['^src/', `^src/adapters/${folder}/`],
      { path: pkg(vendor) },
    ),
  ),
  layer(
    'sqlite-in-two-places',
    'better-sqlite3 and drizzle belong to the SQLite adapter and to the state store',
    ['^src/', '^src/(adapters/sqlite|platform/state)/'],
    { path: pkg('better-sqlite3|drizzle-orm') },
  ),
  layer('chokidar-in-platform', 'only the platform watches files', ['^src/', '^src/platform/'], {
    path: pkg('chokidar'),
  }),
  layer('react-in-renderer', 'only the page renders', ['^src/', '^src/renderer/'], {
    path: pkg('react|react-dom|zustand'),
  }),
]

const health = [
  rule('no-cycles', 'modules that need each other are one module', {}, { circular: true }),
  rule(
    'no-orphans',
    'a module that nothing imports and that imports nothing is forgotten',
    { orphan: true, pathNot: [tests, '\\.d\\.ts$'] },
    {},
  ),
  rule('no-unresolved', 'each import leads somewhere', {}, { couldNotResolve: true, pathNot: '^node:' }),
  rule(
    'no-tests-in-product',
    'the product does not import tests',
    { path: '^src/', pathNot: tests },
    { path: [tests, '^test/'] },
  ),
]

export const forbidden = [...layers, ...packages, ...health]

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden,
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^out/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
}
