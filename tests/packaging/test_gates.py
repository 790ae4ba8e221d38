"""The gates are closed: a warning is an error, an unknown marker is refused, one Hypothesis profile holds."""

import warnings

import pytest
from hypothesis import settings


def test_a_warning_is_an_error():
    with pytest.raises(DeprecationWarning, match="old"):
        warnings.warn("old", DeprecationWarning, stacklevel=1)


def test_an_unknown_marker_is_an_error():
    with pytest.raises(pytest.fail.Exception, match="not found in `markers`"):
        _ = pytest.mark.no_such_marker


def test_tests_run_in_random_order(pytestconfig):
    assert pytestconfig.pluginmanager.hasplugin("randomly")
    assert pytestconfig.getoption("randomly_reorganize")


def test_hypothesis_has_no_deadline():
    assert settings().deadline is None
