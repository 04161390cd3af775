"""Names that say what a value is: dW, grad_W, W_grad are the gradient by W; and the names in a return statement."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

BEFORE = ("d", "d_", "grad_", "grad", "nabla_", "dL_d", "dLd", "dJ_d", "dJd", "dloss_d", "dE_d", "dEd")
SHORT = ("g", "g_")  # where nothing that is returned has one of the others: gates have such names, too
AFTER = ("_grad", "_gradient", "grad")
PLAIN = re.compile(r"[A-Za-z_]\w*(\.\w+)*")
SUBSCRIPT = re.compile(r"[\w.]+\[(['\"])(?P<key>\w+)\1\]")
LOSSES = ("loss", "cost")
TOGETHER = ("grads", "gradients", "grad", "gradient")


def base_of(label: str, known: Iterable[str], short: bool = False) -> str | None:
    """The one of the names whose gradient the label names; None where it names none.

    Where one name is itself the gradient of another (W and dW), dW is the gradient by W. ``short``: gW is one, too.
    """
    own = plain(label)
    return next((name for name in known if own in _forms(last(name), short)), None)


def _forms(name: str, short: bool) -> set[str]:
    return {before + name for before in BEFORE + SHORT * short} | {name + after for after in AFTER}


def plain(label: str) -> str:
    """The identifier of a plain name, an attribute or a subscript by a text; "" for any other expression."""
    subscript = SUBSCRIPT.fullmatch(label)
    if subscript:
        return subscript["key"]
    return label.rpartition(".")[2] if PLAIN.fullmatch(label) else ""


def is_name(label: str) -> bool:
    """Whether a label is a name, an attribute or a subscript, and no other expression."""
    try:
        return isinstance(ast.parse(label, mode="eval").body, ast.Name | ast.Attribute | ast.Subscript)
    except SyntaxError:  # the key of a dict
        return True


def is_gradient(label: str) -> bool:
    """Whether a label may be a gradient's: a name like grad or dtheta, or no name at all."""
    return not is_name(label) or re.match(r"d|g$|.*(grad|nabla)", plain(label)) is not None


def of_parameters(space: Mapping[str, Any], parameters: Collection[str]) -> list[tuple[str, Any]]:
    """What dicts that are called gradients hold under the parameters' own names, each as the gradient that it is."""
    held = [space[name] for name in TOGETHER if type(space.get(name)) is dict]
    return [(f"d{key}", value) for inner in held for key, value in inner.items() if key in parameters]


def last(path: str) -> str:
    """The last name of a path: W of params.W."""
    return path.rpartition(".")[2]


def returned(call: Callable[..., Any], count: int) -> tuple[str, ...]:
    """What each of ``count`` returned values is called where it is returned; "" where that is not known.

    Two return statements of as many values that call one of them differently leave it without a name.
    """
    found = [labels for labels in map(_labels, _returns(call)) if len(labels) == count]
    return tuple(_agreed(list(names)) for names in zip(*found, strict=True)) if found else ("",) * count


def _agreed(names: list[str]) -> str:
    return names[0] if len(set(names)) == 1 else ""


def _labels(value: ast.expr) -> tuple[str, ...]:
    if isinstance(value, ast.Tuple | ast.List):
        return tuple(ast.unparse(each) for each in value.elts)
    return (ast.unparse(value),)


def _returns(call: Callable[..., Any]) -> list[ast.expr]:
    """The values of the return statements of a function; none where its source is not there."""
    function = inspect.unwrap(getattr(call, "__func__", call))
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return []
    body = tree.body[0] if tree.body else None
    if not isinstance(body, ast.FunctionDef):
        return []
    return [node.value for node in _own(body) if isinstance(node, ast.Return) and node.value is not None]


def _own(node: ast.AST) -> Iterable[ast.AST]:
    """The nodes of a function that are not inside another one."""
    for inner in ast.iter_child_nodes(node):
        if not isinstance(inner, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            yield inner
            yield from _own(inner)
