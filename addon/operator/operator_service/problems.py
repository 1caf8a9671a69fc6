"""Every reason an API call can fail, in one list; the console and the command line translate the codes."""

from enum import StrEnum
from typing import Final

from tillsyn.errors import Refused


class Problem(StrEnum):
    """The value is the code in ``{"error": code}``."""

    BAD_REQUEST = "bad_request"
    LOGIN_REQUIRED = "login_required"
    WRONG_LOGIN = "wrong_login"
    WRONG_CODE = "wrong_code"
    BAD_ORIGIN = "bad_origin"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    TAKEN = "taken"
    NOT_CLAIMED = "not_claimed"
    WRONG_STATE = "wrong_state"
    TOO_MANY_CLAIMS = "too_many_claims"
    ALREADY_SET = "already_set"
    LABEL_IN_USE = "label_in_use"
    NO_ROOT = "no_root"
    TOO_LARGE = "too_large"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    INTERNAL_ERROR = "internal_error"
    STORE_FAILED = "store_failed"


STATUS: Final = {
    Problem.BAD_REQUEST: 400,
    Problem.LOGIN_REQUIRED: 401,
    Problem.WRONG_LOGIN: 401,
    Problem.WRONG_CODE: 403,
    Problem.BAD_ORIGIN: 403,
    Problem.FORBIDDEN: 403,
    Problem.NOT_FOUND: 404,
    Problem.TAKEN: 409,
    Problem.NOT_CLAIMED: 409,
    Problem.WRONG_STATE: 409,
    Problem.TOO_MANY_CLAIMS: 409,
    Problem.ALREADY_SET: 409,
    Problem.LABEL_IN_USE: 409,
    Problem.NO_ROOT: 409,
    Problem.TOO_LARGE: 413,
    Problem.TOO_MANY_ATTEMPTS: 429,
    Problem.INTERNAL_ERROR: 500,
    Problem.STORE_FAILED: 503,
}
REFUSED_STATUS: Final = 422
"""A signed statement that does not hold; the code is then one of errors.Refusal."""


class Failed(Exception):
    """A call that cannot be done; ``retry_after`` seconds where waiting helps."""

    def __init__(self, problem: Problem, retry_after: int = 0) -> None:
        """Keep the code that every edge translates."""
        super().__init__(problem.value)
        self.problem = problem
        self.retry_after = retry_after


class StoreFailed(Exception):
    """The store cannot be read or written now (full disk, lock, damage). Nothing that was asked for has happened."""


def code_of(err: Failed | StoreFailed | Refused) -> str:
    """The code on the wire."""
    if isinstance(err, Failed):
        return err.problem.value
    return err.code.value if isinstance(err, Refused) else Problem.STORE_FAILED.value


def status_of(err: Failed | StoreFailed | Refused) -> int:
    """The HTTP status."""
    if isinstance(err, Refused):
        return REFUSED_STATUS
    return STATUS[err.problem if isinstance(err, Failed) else Problem.STORE_FAILED]
