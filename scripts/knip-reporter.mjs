/** Says how many files knip looked at, beside its own report: none would mean that it checks nothing. */
export default function reportCount({ counters }) {
  console.log(`${counters.processed} files`)
  if (counters.processed === 0) process.exitCode = 1
}
