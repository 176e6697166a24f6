"""Public names: there when asked for, functions not hidden by modules of the same name."""

import importlib
import subprocess
import sys
from types import ModuleType

import pytest

import handprint

FUNCTIONS = ["compare", "counterfactual", "linkage", "reconcile", "run", "load_scenario",
             "scenario_names", "technical_coefficients"]  # fmt: skip


@pytest.mark.parametrize("name", handprint.__all__)
def test_every_public_name_is_there(name):
    assert getattr(handprint, name) is not None
    assert name in dir(handprint)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_functions_also_after_their_module_is_imported(name):
    home = handprint._HOMES[name]
    module = importlib.import_module(f"handprint.{home}")
    assert isinstance(module, ModuleType)
    found = getattr(handprint, name)
    assert callable(found)
    assert found is getattr(module, name)


def test_order_of_imports_does_not_matter():
    """In a fresh process, with the module imported before the function is asked for."""
    code = (
        "import handprint.linkage, handprint.compare\n"
        "import handprint\n"
        "from handprint import linkage\n"
        "from handprint.linkage import linkage as same\n"
        "assert linkage is same is handprint.linkage and callable(linkage)\n"
        "assert callable(handprint.compare)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_small_economy_needs_no_second_library_of_linear_algebra():
    """Its threads and those of numpy wait for each other's cores, and its import takes long."""
    code = (
        "import sys, io_tables\n"
        "from handprint import Intervention, Solver, counterfactual\n"
        "table = io_tables.load('china-2020-cn24')\n"
        "counterfactual(table, [Intervention('STE', 0.3, saving={'COA': 0.1})])\n"
        "solver = Solver(table)\n"
        "for _ in range(3):\n"
        "    solver.output(table.final_demand.sum('category'))\n"
        "assert not {'scipy', 'pint'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_unknown_name_is_no_attribute():
    with pytest.raises(AttributeError, match="'lineage'"):
        handprint.lineage  # noqa: B018


def test_names_and_type_checking_imports_agree():
    assert set(handprint.__all__) == {*handprint._HOMES, "export"}


def test_errors_of_the_house_are_value_errors():
    from handprint import errors

    own = [e for e in vars(errors).values() if getattr(e, "__module__", "") == errors.__name__]
    own = [e for e in own if isinstance(e, type)]
    assert len(own) > 10
    assert all(issubclass(e, handprint.HandprintError) for e in own)
    assert issubclass(handprint.HandprintError, ValueError)
