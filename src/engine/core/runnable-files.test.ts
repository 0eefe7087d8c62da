import { describe, expect, test } from 'vitest'
import { RUNNABLE_FILES, runnableBy } from './runnable-files.ts'

test('R10.6 every entry has a category and a reason, and none is there twice', () => {
  for (const { category, reason } of RUNNABLE_FILES) {
    expect(category).not.toBe('')
    expect(reason).toMatch(/^[A-Z].{20,}\.$/)
  }
  const patterns = RUNNABLE_FILES.map(({ pattern }) => pattern)
  expect(new Set(patterns).size).toBe(patterns.length)
})

describe('R10.6 programs run by themselves', () => {
  test.each([
    '.claude/settings.json',
    '.mcp.json',
    '.vscode/tasks.json',
    '.github/workflows/ci.yml',
    '.github/workflows/deep/ci.yml',
    '.husky/pre-commit',
    '.envrc',
    'work.code-workspace',
    '.idea/runConfigurations/all.xml',
    '.claude/hooks/before.sh',
    '.devcontainer/devcontainer.json',
    '.gitlab-ci.yml',
    'lefthook.yml',
    '.lefthook.toml',
    '.config/mise/config.toml',
    'Library/LaunchAgents/x.plist',
    'sub/HEAD',
    '.pnpmfile.cjs',
    '.yarn/releases/yarn.cjs',
    '.cargo/config.toml',
    '.venv/lib/python3.13/site-packages/x.pth',
    'sitecustomize.py',
    'eslint.config.mjs',
    '.prettierrc',
    '.vimrc',
    '.helix/languages.toml',
    '.Rprofile',
    '.irbrc',
    '.gdbinit',
    '.bash_aliases',
    '.config/environment.d/x.conf',
    '.idx/dev.nix',
    '.tekton/push.yaml',
  ])('%s at any depth and in any case', path => {
    for (const each of [path, `data/${path}`, `data/a/b/${path}`, path.toUpperCase()])
      expect(runnableBy(each)).not.toBeNull()
  })

  test('every pattern finds its own name, below a folder too', () => {
    for (const { pattern } of RUNNABLE_FILES)
      expect(runnableBy(`data/${pattern.replace('*', 'x').replace(/\/$/, '/in/it')}`)?.pattern).toBe(pattern)
  })
})

test.each([
  'data/settings.json',
  'data/tasks.json',
  'data/mcp.json',
  'data/claude/settings.json',
  'data/.claude/skills/a/SKILL.md',
  'data/CLAUDE.md',
  'data/AGENTS.md',
  'data/app/package.json',
  'Makefile',
  '.vscode/extensions.json',
  '.github/ISSUE_TEMPLATE/bug.md',
  'data/workflows/a.json',
  'data/hooks/a.json',
  'data/head/a.json',
  'data/HEAD.md',
  'data/config',
  'data/objects/a.json',
  'src/index.ts',
  'src/conftest.py',
  'tsconfig.json',
  'data/eslint.json',
  'weights.pth',
])('%s is an ordinary file', path => expect(runnableBy(path)).toBeNull())
