/**
 * A small disk for the sweep: an ext4 image on a loop device. Put back from a copy it is what it was, down to the inodes
 * and times of birth by which sync knows a folder and SQLite its files; no copy of a folder is.
 */
import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** Of which next to nothing is used: the image is sparse. */
const SIZE = '32M'
const INODES = '1024'
/** In bytes: smaller ones hold neither nanoseconds nor a time of birth. */
const INODE_SIZE = '256'

/** Who has just closed the last file may still be at it, in ms. */
const UNMOUNT_TRIES = 40
const UNMOUNT_PAUSE = 25

export function makeImage(image) {
  run('truncate', '-s', SIZE, image)
  // No journal: no power is cut here, and it would be copied with each image.
  run('mkfs.ext4', '-q', '-I', INODE_SIZE, '-N', INODES, '-m', '0', '-O', '^has_journal', image)
}

export function copyImage(from, to) {
  run('cp', '--sparse=always', from, to)
}

export function mountImage(image, folder) {
  run('mount', '-o', 'loop', image, folder)
}

export async function unmount(folder) {
  for (let tries = 1; ; tries++) {
    try {
      return run('umount', folder)
    } catch (error) {
      if (tries === UNMOUNT_TRIES) throw error
      await sleep(UNMOUNT_PAUSE)
    }
  }
}

function run(program, ...args) {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
}
