"""The samples that lm-evaluation-harness logs (`--log_samples`), as columns of the table of code lengths.

`OUTPUT/MODEL/samples_TASK_DATE.jsonl`, a document per line: `arguments` holds the text of each request
(context, continuation), `resps` its answer ([log-likelihood, is greedy], nats, as strings in newer versions),
`target` the right one: its number, or its text; what could be either, of two choices, is refused.
"""

import re
from pathlib import Path

import numpy as np

from .layout import TableError, as_number

NAMES = ("dataset", "checkpoint", "response", "bits", "bytes")
_DATE = re.compile(r"_\d{4}-\d\d-\d\dT[\d.:-]+$")


def columns(files: list[tuple[Path, list | dict]]) -> list[dict[str, list]]:
    """Columns of every (path, what it holds): logged samples, a list of objects, are turned into columns.

    Dataset: the task; checkpoint: the folder, which the harness names after the model, with as much of its
    path as tells folders of one name apart. There are no token counts: the text scored gives bytes.
    """
    logged = [path for path, found in files if isinstance(found, list)]
    names = _folder_names([path.parent for path in logged])
    seen = {}
    for path in logged:
        key = task(path), path.parent.absolute()
        if key in seen:
            raise TableError(
                f"{path} and {seen[key]}: two logs of the task {key[0]!r} in one folder; give one of them, "
                "or put each model in a folder of its own"
            )
        seen[key] = path
    return [
        sample_columns(found, path, names[path.parent]) if isinstance(found, list) else found
        for path, found in files
    ]


def task(path: Path) -> str:
    """The task whose samples a file holds, by its name."""
    return _DATE.sub("", path.stem).removeprefix("samples_")


def _folder_names(folders) -> dict[Path, str]:
    """The last part of each folder's path, or as many as tell all of them apart."""
    parts = {folder: folder.absolute().parts for folder in folders}
    different = len(set(parts.values()))
    for count in range(1, max(map(len, parts.values()), default=1) + 1):
        names = {folder: "/".join(path[-count:]) for folder, path in parts.items()}
        if len(set(names.values())) == different:
            break
    return names


def sample_columns(samples: list[dict], path: Path, checkpoint: str) -> dict[str, list]:
    """Long-format columns of one task's samples; TableError for those without a log-likelihood."""
    found = {name: [] for name in NAMES}
    filters = {}
    for row, sample in enumerate(samples, 1):
        document, name = str(sample.get("doc_id", row)), sample.get("filter")
        if filters.setdefault(document, name) != name:
            continue  # logged once for each filter of the answers, which changes no log-likelihood
        try:
            likelihood, text = _scored(sample)
        except ValueError as error:
            raise TableError(f"{path}, row {row}: {error}") from None
        values = task(path), checkpoint, document, -likelihood / np.log(2.0), len(text.encode())
        for name, value in zip(NAMES, values, strict=True):
            found[name].append(value)
    return found


def _scored(sample) -> tuple[float, str]:
    """Log-likelihood (nats) and text of the right answer's request; ValueError where there is none."""
    answers, requests = sample.get("resps"), _requests(sample.get("arguments"))
    if not isinstance(answers, list) or not answers or len(requests) < len(answers):
        raise ValueError("a logged sample needs 'resps', and 'arguments' with a request for each")
    index = _right(sample.get("target"), requests[: len(answers)]) if len(answers) > 1 else 0
    likelihood, request = _first(answers[index]), requests[index]
    number = as_number(likelihood)
    if (
        not request
        or len(request) > 2
        or not all(isinstance(part, str) for part in request)
        or not number <= 0
    ):
        raise ValueError(
            "a logged sample needs a log-likelihood in 'resps' and the scored text in 'arguments', got "
            f"{str(likelihood)[:40]!r}; log a loglikelihood, multiple_choice or loglikelihood_rolling task"
        )
    return number, request[-1]  # the continuation, or the whole text of a rolling request


def _right(given, requests) -> int:
    """The request of the right answer: the target is its number or its text."""
    target = str(given).strip()
    alike = [index for index, one in enumerate(requests) if one and str(one[-1]).strip() == target]
    if target.isdecimal() and int(target) < len(requests):
        if alike and int(target) not in alike and isinstance(given, str):
            raise ValueError(f"'target' {target!r} is the number of one choice and the text of another")
        return int(target)
    if len(alike) == 1:
        return alike[0]
    raise ValueError(
        f"of {len(requests)} requests the right one must be given in 'target' by its number or its text, "
        f"got {target[:40]!r}"
    )


def _requests(arguments) -> list[list]:
    """The arguments of each request: newer versions log an object of objects, older ones lists."""
    if isinstance(arguments, dict):
        numbered = [arguments.get(f"gen_args_{index}") for index in range(len(arguments))]
        arguments = [
            [request.get(f"arg_{index}") for index in range(len(request))]
            if isinstance(request, dict)
            else []
            for request in numbered
        ]
    return [list(r) if isinstance(r, list) else [r] for r in arguments] if isinstance(arguments, list) else []


def _first(nested):
    while isinstance(nested, list) and nested:
        nested = nested[0]
    return nested
