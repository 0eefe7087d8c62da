/** Who has files of the project open for writing (R1.2, R9.3). */

/**
 * `appending`: all who have it open write at its end, wherever that is by then. `writing`: somebody may write
 * anywhere. `unknown`: the system does not tell, or not of everybody who may reach the file.
 */
export type Writers = 'none' | 'appending' | 'writing' | 'unknown'

export interface OpenFiles {
  /** An answer for each, in order, by one look at all processes. Gives the event loop its turns. */
  writersOf(paths: readonly string[]): Promise<Writers[]>
}
