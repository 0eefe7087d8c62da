/**
 * Files that programs run by themselves: nobody has to start anything for what they say to be done. A content of such a
 * file that comes from the database waits for a person (R10.6), unless this device trusts it.
 *
 * What somebody runs on purpose is not of that kind: a Makefile, the scripts of a package.json below the project's own,
 * source code. Nor is what only advises an agent (AGENTS.md, skills, commands): the agent itself asks before it acts.
 */
import { type NamePattern, nameTable } from './name-table.ts'

export type RunnableCategory =
  | 'coding agents'
  | 'editors'
  | 'Git hooks'
  | 'continuous integration'
  | 'development environments'
  | 'shells and sessions'

export interface RunnableEntry extends NamePattern {
  readonly category: RunnableCategory
  /** A sentence for a person. */
  readonly reason: string
}

export const RUNNABLE_FILES: readonly RunnableEntry[] = [
  // https://code.claude.com/docs/en/hooks, https://code.claude.com/docs/en/mcp, https://docs.github.com/en/copilot/reference/hooks-reference,
  // https://cursor.com/docs/agent/hooks, https://geminicli.com/docs/reference/configuration, https://developers.openai.com/codex/config-reference
  ...entries(
    'coding agents',
    'A coding agent starts the commands and servers that it names, and takes its permissions from it.',
    [
      '.mcp.json',
      '.claude/settings.json',
      '.claude/settings.local.json',
      '.claude/hooks/',
      '.cursor/mcp.json',
      '.cursor/hooks.json',
      '.cursor/hooks/',
      '.cursor/environment.json',
      '.gemini/settings.json',
      '.qwen/settings.json',
      '.codex/config.toml',
      '.codex/hooks.json',
      '.windsurf/hooks.json',
      '.github/hooks/',
      '.kiro/hooks/',
      '.kiro/settings/mcp.json',
      '.amazonq/mcp.json',
      '.roo/mcp.json',
      'opencode.json',
      'opencode.jsonc',
      '.opencode/plugin/',
      '.opencode/plugins/',
    ],
  ),
  // https://code.visualstudio.com/docs/editing/workspaces/workspace-trust, https://www.jetbrains.com/help/idea/project-security.html,
  // https://zed.dev/docs/worktree-trust, https://neovim.io/doc/user/options.html#'exrc'
  ...entries('editors', 'An editor that opens the folder takes tasks and programs to start from it.', [
    '.vscode/settings.json',
    '.vscode/tasks.json',
    '.vscode/launch.json',
    '.vscode/mcp.json',
    '*.code-workspace',
    '.idea/',
    '.zed/settings.json',
    '.zed/tasks.json',
    '.zed/debug.json',
    '.exrc',
    '.nvimrc',
    '.nvim.lua',
    '.dir-locals.el',
  ]),
  // https://git-scm.com/docs/githooks (core.hooksPath), https://typicode.github.io/husky, https://pre-commit.com,
  // https://lefthook.dev/configuration, https://github.com/lint-staged/lint-staged
  ...entries('Git hooks', 'It names what is run at each commit, checkout or push.', [
    '.husky/',
    '.githooks/',
    '.git-hooks/',
    '.pre-commit-config.yaml',
    'lefthook.*',
    '.lefthook.*',
    'lefthook-local.*',
    '.lefthook-local.*',
    '.lefthook/',
    '.lintstagedrc*',
    'lint-staged.config.*',
    '.simple-git-hooks.*',
    'simple-git-hooks.*',
  ]),
  ...entries('continuous integration', 'Once it is pushed, servers run it with the secrets of the project.', [
    '.github/workflows/',
    '.github/actions/',
    '.gitea/workflows/',
    '.forgejo/workflows/',
    '.gitlab-ci.yml',
    '.circleci/',
    '.buildkite/',
    '.woodpecker/',
    '.woodpecker.yml',
    '.drone.yml',
    '.travis.yml',
    '.cirrus.yml',
    'appveyor.yml',
    '.appveyor.yml',
    'azure-pipelines.yml',
    'bitbucket-pipelines.yml',
    'Jenkinsfile',
  ]),
  // https://containers.dev/implementors/json_reference (initializeCommand runs outside of the container),
  // https://mise.jdx.dev/hooks.html, https://direnv.net
  ...entries('development environments', 'Its commands are run when somebody opens or enters the folder.', [
    '.envrc',
    '.devcontainer/',
    '.devcontainer.json',
    '.gitpod.yml',
    'mise.toml',
    'mise.local.toml',
    '.mise.toml',
    '.mise.local.toml',
    '.mise/',
    '.config/mise/',
  ]),
  ...entries('shells and sessions', 'A shell, Git or the desktop runs it at each start.', [
    '.bashrc',
    '.bash_profile',
    '.bash_login',
    '.bash_logout',
    '.profile',
    '.zshrc',
    '.zshenv',
    '.zprofile',
    '.zlogin',
    '.zlogout',
    '.config/fish/',
    '.gitconfig',
    '.config/git/',
    '.config/autostart/',
    '.config/systemd/',
    'Library/LaunchAgents/',
  ]),
]

/** Why programs run this file by themselves; null where none does, as far as is known. */
export const runnableBy = nameTable(RUNNABLE_FILES)

function entries(category: RunnableCategory, reason: string, patterns: readonly string[]): RunnableEntry[] {
  return patterns.map(pattern => ({ pattern, category, reason }))
}
