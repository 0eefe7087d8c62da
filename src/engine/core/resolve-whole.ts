/** Choices where nothing was looked at inside the file: it merged as a whole, or is in conflict as a whole. */
import {
  FILE_ID,
  type MergeChoices,
  type MergeResult,
  type ResolveResult,
  unknownChoice,
} from './merge-result.ts'

export function resolveWhole(result: MergeResult, choices: MergeChoices): ResolveResult {
  if (result.kind === 'merged') return unknownChoice(choices, new Set()) ?? result
  const unknown = unknownChoice(choices, new Set([FILE_ID]))
  const choice = choices.get(FILE_ID)
  const conflict = result.conflicts[0]
  if (unknown !== null || choice === undefined || conflict?.kind !== 'file') return unknown ?? result
  if (typeof choice === 'object') return { kind: 'merged', text: choice.text }
  if (choice === 'both') return refused('One file cannot be both.')
  const text = conflict[choice]
  return text === null
    ? refused('Nothing is known of what both sides last agreed on.')
    : { kind: 'merged', text }
}

function refused(reason: string): ResolveResult {
  return { kind: 'refused', id: FILE_ID, reason }
}
