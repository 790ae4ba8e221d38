"""Files that are there as a whole or not at all, locks that die with their process, a sentence per error."""

import errno
import os
import secrets
import signal
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # Windows, where an open file cannot be removed: that is the lock there
    fcntl = None

ADVICE = {
    errno.ENOSPC: "the disk is full: free some space, or write elsewhere",
    errno.EDQUOT: "the disk quota is used up: free some space, or write elsewhere",
    errno.EFBIG: "the system's limit of a file's size is too low: raise it (ulimit -f), or write elsewhere",
    errno.EMFILE: "too many files are open in this process: raise the limit (ulimit -n)",
    errno.ENFILE: "too many files are open on this machine: close some programs",
    errno.EROFS: "the file system is read-only: write elsewhere",
    errno.EACCES: "permission denied: change the permissions, or take another folder",
    errno.EPERM: "permission denied: change the permissions, or take another folder",
    errno.EEXIST: "a file of that name is in the way",
    errno.ENOENT: "there is no folder {parent}: make it first",
    errno.ENOTDIR: "{parent} is not a folder",
    errno.EISDIR: "it is a folder",
    errno.ENAMETOOLONG: "its name is too long: take a shorter one",
    errno.EPIPE: "the reader of the pipe has gone",
    errno.ELOOP: "its symbolic links go round in a circle",
    errno.EIO: "the disk reports an error: check it, or take another one",
}
WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL)  # some network file systems


class Exists(ValueError):
    """A file is there already and was not to be replaced; the command says it with --force."""

    def __init__(self, path):
        super().__init__(f"{path} exists; pass overwrite=True to replace it")
        self.path = path


def cannot(do: str, path, error: OSError) -> ValueError:
    """The sentence for an OSError at `path`; `do`: "read" or "write"."""
    advice = ADVICE.get(error.errno, error.strerror or type(error).__name__)
    if do == "read" and error.errno == errno.ENOENT:
        advice = "there is no such file"
    return ValueError(f"cannot {do} {path}: {advice.format(parent=Path(path).parent)}")


def refuse_existing(path, overwrite: bool = False) -> None:
    """Raise ValueError, before anything is computed, where `path` cannot become a file or would be replaced.

    That is: a folder or a device, no folder to hold it, a folder or file that must not be written to; and a
    file that exists (`Exists`), unless `overwrite`.
    """
    path = Path(path)
    try:
        if path.exists() and not path.is_file():
            raise ValueError(f"cannot write {path}: it is {_kind(path)}")
        if path.exists() and not overwrite:
            raise Exists(path)
        parent = _target(path).parent
        if not parent.is_dir():
            raise OSError(errno.ENOTDIR if parent.exists() else errno.ENOENT, "")
        if not os.access(parent, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
            raise OSError(errno.EROFS if os.statvfs(parent).f_flag & os.ST_RDONLY else errno.EACCES, "")
    except OSError as error:
        raise cannot("write", path, error) from None


def read_whole(path) -> bytes:
    """The bytes of a file; ValueError where there is none, or something else that might never end."""
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | _NONBLOCK)) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ValueError(f"cannot read {path}: it is {_kind(Path(path))}")
            return file.read()
    except OSError as error:
        raise cannot("read", path, error) from None
    except MemoryError:
        raise ValueError(f"cannot read {path}: it is larger than the memory") from None


def write_whole(path, *pieces, lasting: bool = True) -> None:
    """Write bytes to `path`, through a symbolic link: the new file as a whole, or the old one stays.

    What is written is on the disk when this returns, and what dead writers of `path` left is gone; unless
    `lasting` is false, for one of many files that can be made again. Raises ValueError, one sentence that
    names `path`, for anything that the system refuses; no part of a file is left. Of two writers the last
    one wins.
    """
    with _replacing(path, lasting) as handle:
        for piece in pieces:
            rest = memoryview(piece).cast("B")
            while rest:
                rest = rest[os.write(handle, rest) :]


@contextmanager
def whole_file(path) -> Iterator[BinaryIO]:
    """A file to write to, for what writes by itself; as `write_whole`, and nothing where its block fails."""
    with _replacing(path) as handle, open(handle, "wb", closefd=False) as file:
        yield file


@contextmanager
def _replacing(path, lasting: bool = True) -> Iterator[int]:
    """The handle of a new file beside `path` that takes its place at the end."""
    try:
        target = _target(path)
        if target.exists() and not target.is_file():
            raise ValueError(f"cannot write {path}: it is {_kind(target)}")
        if target.exists() and not os.access(target, os.W_OK):
            raise OSError(errno.EACCES, "")
        if lasting:
            remove_orphans(target.parent, target.name)
        part, handle = _open_part(target)
        try:
            yield handle
            if lasting:
                os.fsync(handle)
            if fcntl is None:
                os.close(handle)
                handle = None
            os.replace(part, target)
        finally:
            part.unlink(missing_ok=True)
            if handle is not None:
                os.close(handle)
        if lasting:
            _sync_folder(target.parent)
    except OSError as error:
        raise cannot("write", path, error) from None


def remove_orphans(folder: Path, name: str = "") -> None:
    """Remove what writers that died left in a folder, of the file `name` or of all; never a live one's."""
    with suppress(OSError):
        for entry in os.scandir(folder):
            if entry.name.startswith(f".{name}" + "." * bool(name)) and entry.name.endswith(".part"):
                with suppress(OSError):
                    _remove_if_dead(Path(entry.path))


def claim(path: Path) -> int | None:
    """Take the lock file `path`: a handle, for `release`; None where another process or thread holds it.

    The system frees the lock when its process ends, in whichever way.
    """
    if fcntl is None:
        try:
            return os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_TEMPORARY)
        except (FileExistsError, PermissionError):
            return None
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        if not _locked(handle):
            os.close(handle)
            return None
        if _is_at(handle, path):
            return handle
        os.close(handle)  # its holder removed it while we waited


def release(path: Path, handle: int) -> None:
    """Give a lock file back: it is removed while it is still held."""
    if fcntl is not None:
        with suppress(OSError):
            if _is_at(handle, path):
                path.unlink()
    os.close(handle)


def share(path: Path) -> int:
    """A handle that says that `path`, which is made, is in use; any number of processes may hold one."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
    if fcntl is not None:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


def is_last(handle: int) -> bool:
    """Whether no one else holds what `share` gave."""
    return fcntl is None or _locked(handle)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """An interrupt that comes meanwhile is raised at the end: amid a netCDF library's clean-up it is lost."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came = []
    before = signal.signal(signal.SIGINT, lambda *_: came.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt


_NONBLOCK = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # a pipe is refused, not waited for


def _target(path) -> Path:
    """The file that `path` names, through symbolic links."""
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise OSError(errno.ELOOP, "")
    return target


def _kind(path: Path) -> str:
    return "a folder" if path.is_dir() else "a pipe or a device, not a file"


def _open_part(target: Path) -> tuple[Path, int]:
    """A new locked file beside `target`."""
    while True:
        part = target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        handle = os.open(part, flags | getattr(os, "O_CLOEXEC", 0), 0o666)
        if fcntl is None or (_locked(handle) and _is_at(handle, part)):
            return part, handle
        os.close(handle)  # another writer took it for an orphan before it was locked


def _remove_if_dead(part: Path) -> None:
    if fcntl is None:
        part.unlink()
        return
    handle = os.open(part, os.O_RDWR | os.O_CLOEXEC)
    try:
        if _locked(handle, without=False) and _is_at(handle, part):
            part.unlink()
    finally:
        os.close(handle)


def _locked(handle: int, *, without: bool = True) -> bool:
    """Lock an open file unless another has; `without`: the answer where the file system has no locks."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in WITHOUT_LOCKS:
            return without
        if error.errno in (errno.EAGAIN, errno.EACCES):
            return False
        raise
    return True


def _is_at(handle: int, path: Path) -> bool:
    """Whether the open file is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # not every system can; the file itself is on the disk
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
