"""The three answers of a prover."""

from enum import Enum


class Answer(Enum):
    """What a rule says of a step. Only HOLDS is true."""

    HOLDS = "holds"
    FALSE = "false"
    UNDECIDED = "undecided"

    def __bool__(self):
        return self is Answer.HOLDS

    def __str__(self):
        return self.value
