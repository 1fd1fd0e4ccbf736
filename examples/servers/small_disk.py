"""A file system of a few megabytes, for a server to fill up."""

import ctypes
import os
import subprocess

from server_process import LIBC, NotHere

CLONE_NEWNS = 0x00020000


def mount(folder, megabytes, owner):
    """On an empty folder, for its owner, or whoever runs this. Seen by this process and by those that it starts from now on, and gone with the last of them,
    whatever becomes of it."""
    if LIBC.unshare(CLONE_NEWNS) != 0:
        raise NotHere(f"no file system can be mounted: {os.strerror(ctypes.get_errno())}")
    uid, gid = (owner.pw_uid, owner.pw_gid) if owner else (os.getuid(), os.getgid())
    options = f"size={megabytes}m,mode=0700,uid={uid},gid={gid}"
    for command in (["mount", "--make-rprivate", "/"], ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30)
        if done.returncode != 0:
            raise NotHere(f"no file system can be mounted: {done.stdout.strip()}")


def unmount(folder):
    if os.path.ismount(folder):
        subprocess.run(["umount", "--lazy", str(folder)], stdin=subprocess.DEVNULL, timeout=30)
