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
    write_lines,
)

LEVELS = ("quick", "standard", "full")

as_json = click.option(
    "--json", "json_", is_flag=True, help="Print one JSON object; progress goes to stderr."
)
seed = click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    default=0,
    show_default=True,
    help="Seed of every random draw.",
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
@click.option("--smt", is_flag=True, help="Print what z3 is asked of each part of the claims, as SMT-LIB.")
@as_json
def verify(claims, file, level, seed, details, smt, json_) -> int:
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
      compression-sim verify exact-ratio --smt      for another solver: `unsat` is the proof

    In JSON a number that is not finite is the string "NaN", "Infinity" or "-Infinity".
    """
    if smt:
        with bad_input():
            if file is not None:
                raise ValueError("--smt prints the parts of the ledger's claims; it takes no --file")
            write_lines(_smt(claims))
        return 0
    refuse_broken_jax()
    with progress("loading") as show, quiet_stdout(), bad_input():
        from . import ledger as library

        chosen = library.choose(claims, library.load_claims(file) if file is not None else None)
        ledger = library.verify(chosen, level, seed, progress=show)
    if json_:
        write_json(ledger.to_dict())
    else:
        named = bool(claims or file)
        render(library.LedgerTable(ledger, details=named if details is None else details, file=file))
    if not ledger.complete:
        return INTERRUPTED
    return 0 if ledger.passed else 1


@main.command()
@click.argument("claims", nargs=-1, metavar="[CLAIM...]")
@as_json
def claims(claims, json_) -> None:
    """List the ledger's claims, one line each: id, where it stands, what it says.

    For the claims that are named: the files in which each is derived, judged and tested; and its parts, each
    with the relation that a page proves, the hypotheses used, and the parts that this rests on, down to the
    definitions.
    """
    from .ledger import files_of, parts_of, proof, statements

    with bad_input():
        files = {name: files_of(name) for name in claims}
    rows = [row for row in statements() if not claims or row["id"] in files]
    proofs = {name: [proof(part) for part in parts_of(name)] for name in files}
    if json_:
        more = {
            name: {"files": files[name], "parts": [{**vars(found)} for found in proofs[name]]}
            for name in files
        }
        write_json({"claims": [row | more.get(row["id"], {}) for row in rows]})
        return
    lines = []
    for row in rows:
        lines.append(f"{row['id']:<26}{row['source']:<28}{row['statement']}")
        for kind, paths in files.get(row["id"], {}).items():
            lines += [f"  {kind if path == paths[0] else '':<12}{path}" for path in paths]
        for found in proofs.get(row["id"], ()):
            lines += _chain(found, parts_of(row["id"])[found.part], 1)
    write_lines(lines)


def _chain(found, sentence, depth) -> list[str]:
    """A part, what its proof takes as given, and the parts that it rests on, indented."""
    from .ledger import parts_of, proof

    indent = "  " * depth
    if found.why:
        return [f"{indent}{found.part}: {sentence}", f"{indent}  not proved: {found.why}"]
    lines = [f"{indent}{found.part}: {sentence}", f"{indent}  {found.says}"]
    lines += [f"{indent}  given: {given}" for given in found.given]
    for part in found.rests_on:
        lines += _chain(
            proof(part), parts_of(part.partition("/")[0]).get(part, "a step on the way"), depth + 1
        )
    return lines


def _certificate(certificate) -> list[str]:
    """A question in SMT-LIB; what z3 said of it, and what shows that it is not vacuous, as comments."""
    said = {"holds": "unsat: proved", "false": "sat: refuted"}.get(str(certificate.answer), "not decided")
    lines = [f"; z3 says {said} ({certificate.seconds:.2f} s)"]
    lines += [f"; opaque{n} is {expression}" for n, expression in enumerate(certificate.opaque)]
    if certificate.model:
        values = ", ".join(f"{name} = {value}" for name, value in sorted(certificate.model.items()))
        lines.append(f"; {'the hypotheses are met by' if certificate.answer else 'refuted by'} {values}")
    return lines + certificate.text.splitlines()


def _smt(claims) -> list[str]:
    """What z3 is asked of each part, with its answer as a comment."""
    from ._validation import choice
    from .ledger import certificates, parts_of, statements

    lines = []
    ids = [row["id"] for row in statements()]
    for claim in [choice(name, "claim", ids) for name in claims or ids]:
        for part, sentence in parts_of(claim).items():
            found = certificates(part)
            lines.append(f"; {part}: {sentence}")
            if not found:
                lines.append(
                    "; no question: a part without a formal object, or one that SMT has no words for"
                )
            for number, certificate in enumerate(found, 1):
                lines += ["", f"; step {number} of {len(found)}", *_certificate(certificate), "(reset)"]
    return lines


@main.command()
@click.option("--pretraining", metavar="FILE", help="The text of the pre-training data.")
@click.option("--alignment", metavar="FILE", help="The text of the alignment data.")
@click.option("--perturbation", metavar="FILE", help="The text that perturbs the aligned model.")
@click.option("--masses", metavar="FILE", help="Leaf masses and volumes instead of texts (CSV or JSON).")
@click.option("--depth", type=int, help="Layers of the pruned tree, 1 to 32. [default: 16; for masses 1]")
@click.option(
    "--records",
    type=Choice(("line", "paragraph")),
    default="line",
    show_default=True,
    help="A response is a ...",
)
@seed
@as_json
def measure(pretraining, alignment, perturbation, masses, depth, records, seed, json_) -> None:
    """Measure three texts: rates, elastic response, its sign, l*, and a test of what it predicts.

    Without files the standard library's own texts are measured. The sign is judged `as the paper`,
    `reversed` or, within a permutation null, `undecided`; docs/measure.md says how.

    \b
    Masses as CSV: columns pretraining, alignment, perturbation (each sums to 1), one row per leaf, and a row
    whose column leaf says volume:
      leaf,pretraining,alignment,perturbation
      volume,1000,1,0
      x,0.5,0.2,0.6
      y,0.5,0.8,0.4
    or as JSON: {"volumes": {"pretraining": 1000, "alignment": 1}, "masses": {"pretraining": [0.5, 0.5], ...}}

    \b
    Examples:
      compression-sim measure
      compression-sim measure --pretraining prose.txt --alignment good.txt --perturbation bad.txt --depth 24
      compression-sim measure --masses leaves.csv --json
    """
    files = {"--pretraining": pretraining, "--alignment": alignment, "--perturbation": perturbation}
    given = [name for name, file in files.items() if file is not None]
    with progress("measuring"), quiet_stdout(), bad_input():
        if given and masses is not None:
            raise ValueError(f"--masses takes the place of texts; got {', '.join(given)} as well")
        if given and len(given) < len(files):
            missing = [name for name in files if name not in given]
            raise ValueError(f"give all three texts or none; missing: {', '.join(missing)}")
        from . import measure as library

        if masses is not None:
            mix, sha256 = library.read_masses(masses)
            result = library.measure_masses(mix, 1 if depth is None else depth, seed, masses, sha256)
        else:
            texts = (
                library.read_texts(*files.values(), records) if given else library.standard_library(records)
            )
            result = library.measure_texts(texts, 16 if depth is None else depth, seed)
    if json_:
        write_json(result.to_dict())
    else:
        render(library.tables(result))


@main.command()
@click.argument("name", required=False)
@click.option("--out", metavar="FILE.nc", help="Write the result there, as netCDF.")
@click.option(
    "--level", type=Choice(LEVELS), default="standard", show_default=True, help="How much is computed."
)
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="A parameter other than the level's."
)
@seed
@click.option("--force", is_flag=True, help="Replace an --out that exists.")
@as_json
def experiment(name, out, level, settings, seed, force, json_) -> None:
    """Run one experiment of the paper on models that are trained; without a name, list them.

    With --out, finished cells are kept in FILE.nc.cells until the file is whole: after an interruption the
    same command goes on from there.

    \b
    Examples:
      compression-sim experiment
      compression-sim experiment k-ratio --level quick
      compression-sim experiment k-ratio --set seeds=40 --set ks=1,100,10000 --out k_ratio.nc
      compression-sim experiment matrix --json
    """
    with progress("loading") as show, quiet_stdout(), bad_input():
        from . import experiments as library

        if name is None:
            refused = [key for key, given in (("--out", out), ("--set", settings)) if given]
            if refused:
                raise ValueError(f"{refused[0]} needs the NAME of an experiment")
            found = library.describe()
            lines = [f"{key:<20}{text}" for key, text in found.items()]
        else:
            refuse_broken_jax()
            changed = dict(_assignment(text) for text in settings)
            result = library.run(name, level, seed, changed, out, overwrite=force, progress=show)
            found, lines = library.to_dict(result), library.summary(result)
    if json_:
        write_json(found)
    else:
        write_lines(lines)


def _assignment(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"--set takes KEY=VALUE, got {text!r}")
    return key, value


@main.command()
@click.argument("tables", nargs=-1, required=True, metavar="TABLE...")
@click.option("--pretraining", metavar="NAME", help="The pre-training dataset. [default: pretraining]")
@click.option("--alignment", metavar="NAME", help="The alignment dataset. [default: alignment]")
@click.option("--perturbation", metavar="NAME", help="The perturbation dataset. [default: perturbation]")
@click.option(
    "--before", metavar="CHECKPOINT", help="Compare this checkpoint ... [default: each with the next]"
)
@click.option("--after", metavar="CHECKPOINT", help="... with this one.")
@click.option(
    "--per", type=Choice(("token", "byte")), help="Rates per ... [default: token, if there are any]"
)
@click.option("--eps", type=float, help="Bits of excess that count as returned (columns amount and entropy).")
@click.option(
    "--score", type=float, help="Bits per token (or byte) at which fall rates are compared (amount)."
)
@click.option(
    "--x-min", type=float, help="Where the tail of a table of leaves begins. [default: found by KS]"
)
@click.option(
    "--largest",
    type=int,
    metavar="K",
    help="Leaves for Hill's estimator. [default: the tail's, of counts from 50 on]",
)
@click.option("--plan", type=float, metavar="K", help="How many responses it takes to see k_eff = K.")
@seed
@as_json
def estimate(tables, json_, **options) -> None:
    """Estimate what a table of code lengths allows: rates, changes, k_eff, forces, rebound; with intervals.

    A table is CSV, JSONL, Parquet or netCDF, or lm-evaluation-harness's samples_*.jsonl (one file per model
    and task). Columns: dataset, checkpoint, response, bits, and tokens or bytes; docs/estimators.md has the
    others, and says where each estimator can be trusted. A table with columns leaf and count (or mass) gives
    the tail index of the leaves.

    \b
    Examples:
      compression-sim estimate runs.csv
      compression-sim estimate runs.csv --pretraining wiki --alignment hh --before aligned --after tuned
      compression-sim estimate runs.csv --plan 1000 --json
      compression-sim estimate results/*/samples_*.jsonl --alignment truthfulqa_mc1
      compression-sim estimate leaves.csv --x-min 5
    """
    with progress("reading") as show, quiet_stdout(), bad_input():
        from . import estimators as library

        report = library.report(*tables, progress=show, **options)
    if json_:
        write_json(report.to_dict())
    else:
        render(report)


@main.command()
@click.argument("estimators", nargs=-1, metavar="[ESTIMATOR...]")
@click.option(
    "--level",
    type=Choice(LEVELS),
    default="standard",
    show_default=True,
    help="60, 400 or 10,000 worlds each.",
)
@seed
@click.option("--out", metavar="FILE.nc", help="Write every world there, as netCDF.")
@click.option("--force", is_flag=True, help="Replace an --out that exists.")
@as_json
def calibrate(estimators, level, seed, out, force, json_) -> int:
    """Bias and coverage of every estimator, on toy worlds whose answer is known.

    The checker is checked first: it must pass an exact interval and catch one too short and one too long.
    Coverage is compared with the binomial band of a 95% interval; the exit status is 1 if an estimator leaves
    it inside its domain. Regimes outside of the domain are listed to show how it fails there.

    With --out, worlds are kept in FILE.nc.cells until the file is whole: after an interruption the same
    command goes on from there.

    \b
    Examples:
      compression-sim calibrate
      compression-sim calibrate k_eff "tail index" --level quick
      compression-sim calibrate --level full --out worlds.nc     an hour; go on after ctrl-C
    """
    with progress("calibrating") as show, quiet_stdout(), bad_input():
        from . import estimators as library

        run = library.Calibration(estimators or None, library.WORLDS[level], seed, out=out, overwrite=force)
        checker = library.check_the_checker(seed)
        growths = library.rmse_against_n(
            estimators or None, library.GROWTH_WORLDS[level], seed, progress=show
        )
        stopped = run.run(show)
    if json_:
        write_json(library.calibration_dict(run, checker, growths))
    else:
        render(library.calibration_table(run, checker, growths))
    if stopped:
        return INTERRUPTED
    return 0 if checker["passed"] and not run.failures else 1


@main.command()
@click.argument("names", nargs=-1, metavar="[NAME...]")
@click.option("--out", metavar="DIR", default="figures", show_default=True, help="Folder to write to.")
@click.option("--force", is_flag=True, help="Replace figures that exist.")
def figures(names, out, force) -> None:
    """Draw figures from the stored results, as PNG and SVG, with a manifest of what each was made from.

    Without names all figures are drawn. Nothing is computed anew.
    """
    with progress("drawing"), quiet_stdout(), bad_input():
        from . import plotting

        written = plotting.save(out, names, overwrite=force)
    write("\n".join(map(str, written)))
