/**
 * How the desktop app is packed: AppImage, deb and rpm for Linux, dmg for macOS, nsis for Windows. Used by
 * scripts/dist.mjs, checked by scripts/check-package.mjs, explained in docs/packaging.md.
 */

/** As src/main/identity.ts has it; the check compares them. */
const APP_ID = 'dev.lockstep.Lockstep'

/**
 * `test` lets Playwright's `_electron` drive it, which needs Node's inspector. Never publish that one.
 * @typedef {'hardened' | 'test'} Variant
 */

/**
 * `platform` is the one that is packed for. A `files` list under `linux`, `mac` or `win` would begin with all files
 * of the project, so there is one list, made for the platform.
 * @param {{ variant: Variant, platform: string, env: Readonly<Record<string, string | undefined>> }} options
 * @returns {import('electron-builder').Configuration}
 */
export function builderConfig({ variant, platform, env }) {
  const isTest = variant === 'test'
  const feed = env['LOCKSTEP_UPDATE_FEED'] ?? ''
  if (feed !== '' && !isHttps(feed))
    throw new Error(`LOCKSTEP_UPDATE_FEED must be an https address, and ${feed} is none.`)
  return {
    appId: APP_ID,
    productName: 'Lockstep',
    executableName: 'lockstep',
    copyright: 'MIT licence, see the licenses folder',
    artifactName: `lockstep${isTest ? '-test' : ''}-\${version}-\${os}-\${arch}.\${ext}`,
    directories: { output: isTest ? 'dist/test' : 'dist', buildResources: 'build' },
    extraMetadata: {
      desktopName: `${APP_ID}.desktop`,
      // deb and rpm must name a page and a person.
      homepage: env['LOCKSTEP_HOMEPAGE'] ?? 'https://lockstep.invalid',
    },

    // Packages of `dependencies` come along by themselves; everything else is in the bundle.
    files: [
      'package.json',
      'LICENSE',
      'out/main/**',
      'out/preload/**',
      'out/renderer/**',
      // The command line and the library are npm's: the app cannot run as Node.
      '!out/main/{cli,sync,adapter-contract}.js',
      '!**/*.{map,md,markdown,ts,mts,cts,flow}',
      '!**/{test,tests,__tests__,docs,example,examples}/**',
      '!**/node_modules/better-sqlite3/{deps,src}{,/**}',
      ...withoutOthers(platform),
      '!**/node_modules/node-addon-api/**',
      // convex brings its command line, with a bundler and a formatter.
      '!**/node_modules/{esbuild,@esbuild,prettier}/**',
      '!**/node_modules/convex/{bin,src}/**',
      '!**/node_modules/convex/dist/{cli.bundle.cjs,{cjs,esm}/cli/**}',
    ],
    asar: true,
    // Native code is loaded by the system, which knows no archives.
    asarUnpack: ['**/node_modules/better-sqlite3/prebuilds/*.node'],
    extraResources: [
      // Windows reads an .ico only from a real file.
      { from: 'resources/icons', to: 'icons', filter: ['**/*', '!source', '!manifest.json'] },
      { from: 'out/licenses', to: 'licenses' },
    ],
    // better-sqlite3 brings N-API prebuilds, good for Node and Electron alike.
    npmRebuild: false,
    nodeGypRebuild: false,
    removePackageScripts: true,

    electronFuses: {
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: isTest,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
      loadBrowserProcessSpecificV8Snapshot: false,
      // There are no cookies, and on Linux it would ask for the keyring.
      enableCookieEncryption: false,
    },

    // Without a feed there is no app-update.yml, and the app looks for nothing.
    publish: feed === '' ? null : { provider: 'generic', url: feed },

    // The older runtime needs libfuse2, which Ubuntu 24.04 no longer has.
    toolsets: { appimage: '1.0.3' },
    linux: {
      target: ['AppImage', 'deb', 'rpm'],
      icon: 'resources/icons/app/linux',
      category: 'Utility',
      synopsis: 'Keeps folders in step with a database',
      description: 'Keeps folders of state files in step with a database that you already have.',
      maintainer: env['LOCKSTEP_MAINTAINER'] ?? 'the Lockstep authors <packages@lockstep.invalid>',
      syncDesktopName: true,
      desktop: { entry: { Keywords: 'sync;files;database;', SingleMainWindow: 'true' } },
    },
    deb: { recommends: ['gnome-shell-extension-appindicator', 'libnotify4'] },
    mac: {
      target: [{ target: 'dmg', arch: ['arm64', 'x64'] }],
      icon: 'resources/icons/app/1024.png',
      category: 'public.app-category.developer-tools',
      hardenedRuntime: true,
      // Electron gives login items of macOS no arguments, and this one must start without a window.
      extraFiles: [{ from: 'build/login-agent.plist', to: `Library/LaunchAgents/${APP_ID}.login.plist` }],
      notarize: (env['APPLE_TEAM_ID'] ?? '') !== '' || (env['APPLE_API_KEY'] ?? '') !== '',
    },
    win: {
      target: [{ target: 'nsis', arch: ['x64', 'arm64'] }],
      icon: 'resources/icons/app/icon.ico',
    },
    nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
  }
}

/** What comes over http could be anybody's, and an AppImage is checked by the feed's own digest alone. */
function isHttps(address) {
  return URL.canParse(address) && new URL(address).protocol === 'https:'
}

/** The native code of the other systems stays away. */
function withoutOthers(platform) {
  const own = platform === 'linux' ? ['linux', 'linuxmusl'] : [platform]
  const others = ['linux', 'linuxmusl', 'darwin', 'win32'].filter(each => !own.includes(each))
  return others.map(each => `!**/node_modules/better-sqlite3/prebuilds/${each}-*.node`)
}
