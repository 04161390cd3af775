"""docs/derivations is what derive prints today; ``pytest --update`` writes it again."""

from difflib import unified_diff

import pytest
from written_documents import KEPT, NETWORKS, comparable

from rnnproof.usecases.derive import derive


def differences(kept, fresh):
    return list(unified_diff(comparable(kept), comparable(fresh), "kept", "derived afresh", n=0, lineterm=""))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_kept_document_is_what_derive_prints(name, request):
    file, fresh = KEPT / f"{name}.md", derive(NETWORKS[name])
    kept = file.read_text(encoding="utf-8") if file.exists() else ""
    found = differences(kept, fresh)
    if found and request.config.getoption("--update"):
        file.write_text(fresh, encoding="utf-8")
        return
    assert not found, "\n".join([*found, f"{file.name} is out of date; pytest --update writes it again"])


def test_there_is_no_other_document():
    assert {file.stem for file in KEPT.glob("*.md")} == set(NETWORKS)


def test_a_changed_formula_is_seen_and_a_changed_measurement_is_not():
    kept = "$$\nz &= U h && 0.0030\n$$\n\n*Checked: worst\nerror 0.02 of its bound.*\n"
    assert differences(kept, kept.replace("0.0030", "1.1e-05").replace("0.02", "0")) == []
    assert len(differences(kept, kept.replace("U h", "V h"))) > 0
