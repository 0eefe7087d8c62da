"""Exchanges two names as fast as it can (Linux, renameat2) until its input ends; then the first is a folder again.

Says "ready" after the first exchange, and at the end how many there were.
"""
import ctypes
import os
import sys
import threading

AT_FDCWD = -100
RENAME_EXCHANGE = 2

first, second = (os.fsencode(path) for path in sys.argv[1:3])
libc = ctypes.CDLL(None, use_errno=True)


def exchange():
    if libc.renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE) != 0:
        sys.exit(os.strerror(ctypes.get_errno()))


is_over = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), is_over.set()), daemon=True).start()
exchange()
print("ready", flush=True)
count = 1
while not is_over.is_set():
    exchange()
    count += 1
if os.path.islink(first):
    exchange()
print(count, flush=True)
