"""Check the theorems in Coq: `make proofs`. Installs nothing; says what to install where coqc is missing.

    python tools/make_proofs.py [--write] [--coqchk]

Prints each theorem with the axioms that it stands on, and the seconds by file. --write keeps what coqc said
in theory/compression_theory/coq (checked.json, statements.txt); --coqchk has the independent checker read the
compiled files again. Exit 1 where a proof is refused, stands on more than the real numbers, or says something
else than the locked statements; 2 where coqc is missing.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "theory"))  # this checkout's own package

from compression_theory import coq, derivations
from compression_theory.coq import steps


def main(write: bool, coqchk: bool) -> int:
    """Run coqc, print, compare or write; the exit code."""
    try:
        found = coq.check(run=True, coqchk=coqchk)
    except coq.NoCoq as missing:
        print(missing, file=sys.stderr)
        return 2
    except coq.Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    short = {axiom: axiom.rpartition(".")[2] for axiom in coq.AXIOMS}
    for theorem in coq.theorems():
        axioms = ", ".join(short.get(a, a) for a in found.axioms[theorem.name]) or "no axiom"
        print(f"{theorem.file + '.' + theorem.name:44} {theorem.claim:24} {axioms}")
    spent = ", ".join(f"{name} {seconds:g}" for name, seconds in found.seconds.items())
    print(f"{len(found.axioms)} theorems, coqc {found.coqc}, {sum(found.seconds.values()):.0f} s ({spent})")
    lemmas = steps.exported(derivations())
    accepted = steps.replayed(lemmas)
    count = sum(bool(lemma.text) for lemma in lemmas)
    print(f"the pages' steps: {len(lemmas)}, in Coq {count}, proved {sum(accepted)}")
    for lemma, proved in zip(lemmas, accepted, strict=True):
        if not proved:
            why = f"not exported: {lemma.left_out}" if lemma.left_out else "not proved by its certificate"
            print(f"  {lemma.claim}, {lemma.title}, {lemma.says!r}: {why}")
    problems = list(found.problems)
    if write and not problems:
        kept = asdict(found)
        del kept["stored"], kept["problems"]
        coq.STORED.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        coq.STATEMENTS.write_text(coq.locked(found.statements), encoding="utf-8")
    elif coq.STATEMENTS.read_text(encoding="utf-8") != coq.locked(found.statements):
        problems.append("the statements are not the locked ones: ARGS=--write if that is meant")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="keep what coqc said as the stored check")
    parser.add_argument("--coqchk", action="store_true", help="run coqchk on the compiled files too")
    sys.exit(main(**vars(parser.parse_args())))
