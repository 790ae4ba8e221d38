"""The command `compression-sim`: parse, call the library, print."""

import click

from . import __version__
from ._program import (
    INTERRUPTED,
    NAME,
    Choice,
    Program,
    bad_input,
    progress,
    quiet_stdout,
    refuse_broken_jax,
    render,
    write,
    write_json,
)

LEVELS = ("quick", "standard", "full")

as_json = click.option(
    "--json", "json_", is_flag=True, help="Print one JSON object; progress goes to stderr."
)
seed = click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of every random draw."
)


@click.group(cls=Program, invoke_without_command=True)
@click.version_option(__version__, prog_name=NAME, message="%(prog)s %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """The elasticity theory of language models (arXiv 2406.06144): derived, simulated, judged.

    Exit status: 0 done; 1 an item of evidence failed or could not run; 2 bad input, told in one line on
    stderr; 130 interrupted, what was finished is kept.
    """
    if context.invoked_subcommand is None:
        write(context.get_help())


@main.command()
@click.argument("claims", nargs=-1, metavar="[CLAIM...]")
@click.option("--file", metavar="MY_CLAIMS.py", help="Judge every cs.claim in this Python file.")
@click.option(
    "--level", type=Choice(LEVELS), default="standard", show_default=True, help="How much each check tries."
)
@seed
@click.option(
    "--details/--summary",
    default=None,
    help="Every item of evidence, or one line of it per claim. "
    "[default: details where claims or a file are named]",
)
@as_json
def verify(claims, file, level, seed, details, json_) -> int:
    """Derive, simulate and judge the ledger's claims; print the ledger.

    A verdict is `proved`, `holds` (under the conditions printed), `refuted` (with a counterexample),
    `measured` or `open`. Open claims do not make the exit status 1; an item of evidence that failed, or
    could not run, does.

    \b
    Examples:
      compression-sim verify                        the whole ledger
      compression-sim verify exact-ratio finite-l   two claims, item by item
      compression-sim verify --file my_claims.py    your own: docs/your_own_claim.md
      compression-sim verify --level quick --json   for a program to read

    In JSON a number that is not finite is the string "NaN", "Infinity" or "-Infinity".
    """
    refuse_broken_jax()
    with progress("loading") as show, quiet_stdout(), bad_input():
        from . import ledger as library

        chosen = library.choose(claims, library.load_claims(file) if file is not None else None)
        ledger = library.verify(
            chosen, level, seed, progress=lambda claim, done, total: show(done, total, claim.id)
        )
    if json_:
        write_json(ledger.to_dict())
    else:
        named = bool(claims or file)
        render(library.LedgerTable(ledger, details=named if details is None else details, file=file))
    if not ledger.complete:
        return INTERRUPTED
    return 0 if ledger.passed else 1


@main.command()
@as_json
def claims(json_) -> None:
    """List the ledger's claims, one line each: id, where it stands, what it says."""
    from .ledger import statements

    rows = statements()
    if json_:
        write_json({"claims": rows})
    else:
        write(
            "\n".join(
                f"{row['id']:<{max(len(r['id']) for r in rows)}}  {row['source']:<28}  {row['statement']}"
                for row in rows
            )
        )
