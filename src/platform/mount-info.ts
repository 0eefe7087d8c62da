/**
 * On which file system a path lies, as Linux tells in /proc/self/mountinfo (proc_pid_mountinfo(5)).
 * Other systems tell nothing of the kind without native code; there nothing is claimed.
 */
import { readFileSync } from 'node:fs'

export interface Mount {
  /** Where it is mounted. */
  readonly point: string
  /** `ext4`, `nfs4`, `fuse.sshfs`, … */
  readonly type: string
}

/** SQLite's locks and its shared memory do not reach from one machine to another through these. */
const NETWORK_TYPES =
  /^(?:nfs\d?|cifs|smb\d?|smbfs|9p|afs|ncpfs|coda|ceph|glusterfs|lustre|davfs|vboxsf|prl_fs|virtiofs|fuse\.(?:sshfs|rclone|s3fs|gcsfuse|glusterfs|davfs2?|smbnetfs|curlftpfs|vmhgfs-fuse|gvfsd-fuse|onedriver|google-drive-ocamlfuse|juicefs|mergerfs-nfs))$/i

export function isNetworkFileSystem(mount: Mount): boolean {
  return NETWORK_TYPES.test(mount.type)
}

/** Of the mounts that hold the path the innermost; of several on one point the last, which hides the others. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | null {
  let best: Mount | null = null
  for (const mount of mounts) {
    const holds = mount.point === '/' || path === mount.point || path.startsWith(`${mount.point}/`)
    if (holds && (best === null || mount.point.length >= best.point.length)) best = mount
  }
  return best
}

/** Null where the system does not tell. */
export function readMounts(): Mount[] | null {
  try {
    return parseMountInfo(readFileSync('/proc/self/mountinfo', 'utf8'))
  } catch {
    return null
  }
}

export function parseMountInfo(text: string): Mount[] {
  const mounts: Mount[] = []
  for (const line of text.split('\n')) {
    // The optional fields before the hyphen vary in number.
    const [before, after] = line.split(' - ')
    const point = before?.split(' ')[4]
    const type = after?.split(' ')[0]
    if (point !== undefined && type !== undefined) mounts.push({ point: unescapeOctal(point), type })
  }
  return mounts
}

/** Blanks, tabs, line ends and backslashes in a path are written as `\040` and so on. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_match, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  )
}
