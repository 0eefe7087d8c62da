/**
 * Writing statements made from a table's schema, with the row's type checked, and prepared once:
 * what the query builder would send, without its cost for each row.
 */
import type Database from 'better-sqlite3'
import { type InferInsertModel, getTableColumns, getTableName } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'

/** Every column given, null where there is nothing. */
type Row<Table extends SQLiteTable> = Required<InferInsertModel<Table>>
type ColumnKey<Table extends SQLiteTable> = keyof Row<Table> & string
type Key<Table extends SQLiteTable, Name extends ColumnKey<Table>> = Pick<Row<Table>, Name>

/** Inserts rows whose primary key SQLite chooses, and gives it. */
export function insertInto<Table extends SQLiteTable, Chosen extends ColumnKey<Table>>(
  sqlite: Database.Database,
  table: Table,
  chosen: Chosen,
): (row: Omit<Row<Table>, Chosen>) => number {
  const columns = columnsOf(table).filter(column => column.key !== chosen)
  return runner(sqlite, insertSql(table, columns), columns)
}

/** Inserts the row, or gives the row that has its key all the other values. */
export function upsertInto<Table extends SQLiteTable>(
  sqlite: Database.Database,
  table: Table,
  key: readonly ColumnKey<Table>[],
): (row: Row<Table>) => void {
  const columns = columnsOf(table)
  const names = new Set<string>(key)
  const target = columns.filter(column => names.has(column.key)).map(column => column.name)
  const updates = columns
    .filter(column => !names.has(column.key))
    .map(column => `${column.name} = excluded.${column.name}`)
  const sql = `${insertSql(table, columns)} ON CONFLICT (${target.join(', ')}) DO UPDATE SET ${updates.join(', ')}`
  return runner(sqlite, sql, columns)
}

export function deleteFrom<Table extends SQLiteTable, Name extends ColumnKey<Table>>(
  sqlite: Database.Database,
  table: Table,
  key: readonly Name[],
): (key: Key<Table, Name>) => void {
  const names = new Set<string>(key)
  const columns = columnsOf(table).filter(column => names.has(column.key))
  const conditions = columns.map(column => `${column.name} = ?`)
  const sql = `DELETE FROM ${getTableName(table)} WHERE ${conditions.join(' AND ')}`
  return runner(sqlite, sql, columns)
}

/** Binds by position, which better-sqlite3 does in half the time of names. */
function runner(
  sqlite: Database.Database,
  sql: string,
  columns: readonly ColumnNames[],
): (values: object) => number {
  const statement = sqlite.prepare(sql)
  const keys = columns.map(column => column.key)
  return values => {
    const byKey = values as Readonly<Record<string, unknown>>
    return Number(statement.run(keys.map(key => byKey[key])).lastInsertRowid)
  }
}

interface ColumnNames {
  /** The property in the row. */
  readonly key: string
  /** The column in the database. */
  readonly name: string
}

function columnsOf(table: SQLiteTable): ColumnNames[] {
  return Object.entries(getTableColumns(table)).map(([key, column]) => ({ key, name: column.name }))
}

function insertSql(table: SQLiteTable, columns: readonly ColumnNames[]): string {
  const names = columns.map(column => column.name)
  const values = columns.map(() => '?')
  return `INSERT INTO ${getTableName(table)} (${names.join(', ')}) VALUES (${values.join(', ')})`
}
