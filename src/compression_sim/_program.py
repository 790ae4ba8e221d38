"""The frame of the command: exit codes, one-line errors, near misses, output that may be cut off.

Imports nothing heavier than click, so that `--help` answers at once.
"""

import io
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

import click

from ._files import Exists
from ._progress import Progress, TimeLeft, no_progress

NAME = "compression-sim"
INTERRUPTED = 130


class Choice(click.Choice):
    """One of a few words; a wrong one is answered with the nearest."""

    def convert(self, value, param, ctx):
        if value not in self.choices:
            raise _usage_error(f"unknown {param.name} {value!r}{_nearest(value, self.choices)}")
        return value


class Program(click.Group):
    """A group that ends with 0 (done), 1 (a check failed), 2 (bad input, one line) or 130 (interrupted).

    A command returns its exit status; None is 0.
    """

    def resolve_command(self, ctx, args):
        commands = self.list_commands(ctx)
        if args[0] not in commands and not args[0].startswith("-"):
            raise click.UsageError(f"unknown command {args[0]!r}{_nearest(args[0], commands)}", ctx)
        return super().resolve_command(ctx, args)

    def main(self, args=None, prog_name=NAME, complete_var=None, standalone_mode=True, **extra):
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")  # a sign that the terminal lacks must not end the run
        try:
            code = super().main(args, NAME, complete_var, False, **extra)
        except (click.Abort, KeyboardInterrupt):
            click.echo(f"{NAME}: interrupted", err=True)
            code = INTERRUPTED
        except click.ClickException as error:
            context = getattr(error, "ctx", None)
            message = " ".join(error.format_message().split())
            click.echo(f"{context.command_path if context else NAME}: {message}", err=True)
            code = 2
        return sys.exit(code or 0) if standalone_mode else code


def _usage_error(message: str) -> click.UsageError:
    return click.UsageError(message, click.get_current_context(silent=True))


def _nearest(word: str, allowed) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, list(allowed), n=1, cutoff=0.4)
    return f"; did you mean {near[0]!r}?" if near else f"; allowed: {', '.join(allowed)}"


@contextmanager
def bad_input() -> Iterator[None]:
    """What the library refuses (ValueError) or the system (OSError) ends the command with exit 2."""
    try:
        yield
    except Exists as error:
        raise _usage_error(f"{error.path} exists; --force replaces it") from None
    except (ValueError, OSError) as error:
        raise _usage_error(str(error)) from None


def refuse_broken_jax() -> None:
    """End the command (exit 2) where the installed jax computes wrong numbers."""
    from ._jax import refuse_broken_jax as refuse

    try:
        refuse()
    except RuntimeError as error:
        raise _usage_error(str(error)) from None


@contextmanager
def quiet_stdout() -> Iterator[None]:
    """What imported code and its subprocesses print goes to stderr: stdout is for the result."""
    saved = None
    try:
        sys.stdout.flush()
        if sys.stdout.fileno() == 1:  # not where a test or a notebook has put something else in its place
            saved = os.dup(1)
            os.dup2(2, 1)
    except (AttributeError, OSError, ValueError):
        saved = None
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        if saved is not None:
            os.dup2(saved, 1)
            os.close(saved)


def write(text: str) -> None:
    """Write to stdout. A reader that has gone (`| head -1`) is no error and makes no noise."""
    try:
        click.echo(text)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise _usage_error(f"cannot write the output: {error.strerror}") from None


def write_lines(lines: list[str]) -> None:
    """Write lines; on a terminal each is cut to its width, so that one line stays one line."""
    if sys.stdout is not None and sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
        lines = [line if len(line) <= width else f"{line[: width - 1]}…" for line in lines]
    write("\n".join(lines))


def write_json(value) -> None:
    """Write one strict JSON object."""
    import json

    write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def render(renderable) -> None:
    """Write a rich renderable: in colour on a terminal; plain when piped and under NO_COLOR."""
    from rich.console import Console

    if sys.stdout is None:
        return
    like = Console(file=sys.stdout)
    page = io.TextIOWrapper(io.BytesIO(), encoding=like.encoding, errors="replace")
    colours = None if os.environ.get("NO_COLOR") else like.color_system
    terminal = like.is_terminal and colours is not None
    Console(file=page, width=like.width, force_terminal=terminal, color_system=colours).print(
        renderable, crop=False
    )
    page.seek(0)
    write("\n".join(line.rstrip() for line in page))


@contextmanager
def progress(what: str) -> Iterator[Progress]:
    """A function (done, total, what) that shows progress, and the time left, on stderr if a terminal."""
    if not (sys.stderr and sys.stderr.isatty()):
        yield no_progress
        return
    from rich import progress as parts
    from rich.console import Console

    columns = (
        parts.SpinnerColumn(),
        parts.TimeElapsedColumn(),
        parts.MofNCompleteColumn(),
        parts.TextColumn("{task.description}"),
    )
    with parts.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task, left = bar.add_task(what, total=None), TimeLeft()

        def show(done: int, total: int, what: str) -> None:
            words = ", ".join(filter(None, (what, left(done, total))))
            bar.update(task, completed=done, total=total, description=words)

        yield show
