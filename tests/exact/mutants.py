"""Single-token mutants of a function's source, and the hand-written cells made anew with one of them."""

import ast
import copy
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

import rnnproof.cells

PACKAGE = "rnnproof.cells"
FOLDER = Path(rnnproof.cells.__file__).parent
MODULES = ("contract", "activation", "affine", "elman", "lstm", "readout", "plain", "named")  # each after its imports
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.MatMult)
COMPARING = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)


@dataclass(frozen=True, eq=False)
class Mutant:
    """A file of ``cells`` with one token of one function changed: the nodes in question, and the whole tree."""

    file: str
    function: str
    line: int
    before: ast.AST
    after: ast.AST
    around: tuple[ast.AST, ...]
    tree: ast.Module

    @property
    def text(self):
        """Which line, and what became of it."""
        return f"{self.file}.py:{self.line}: {_shown(self.before)} -> {_shown(self.after)}"


def _shown(node):
    return type(node).__name__ if isinstance(node, ast.operator | ast.cmpop) else ast.unparse(node)


@dataclass(frozen=True)
class Words:
    """What may stand for a token: names of values, names of functions, attributes and texts that are near."""

    values: frozenset
    called: frozenset
    attributes: frozenset
    texts: frozenset


@cache
def parsed(file):
    return ast.parse((FOLDER / f"{file}.py").read_text())


def function_of(tree, name):
    """A function at any depth; for "pullback of tanh" the second argument of Activation(...) under that key."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and name == f"pullback of {key.value}":
                    return value.args[1]
    raise LookupError(name)


def mutants(file, name):
    """Every mutant of one function."""
    tree = parsed(file)
    function = function_of(tree, name)
    words = _words(function, _fields(tree))
    for around, node in list(_tokens(function)):
        for after in _alternatives(node, around[-1] if around else None, words):
            yield Mutant(file, name, node.lineno, node, after, around, _replaced(tree, node, after))


def _tokens(function):
    """The expressions and in-place statements of a body, each with what it stands in; no texts about it, no types."""
    body = [function.body] if isinstance(function, ast.Lambda) else function.body
    for statement in body:
        if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            yield from _below(statement, ())


def _below(node, around):
    if isinstance(node, ast.expr | ast.AugAssign):
        yield around, node
    for field, value in ast.iter_fields(node):
        if field != "annotation":
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _below(child, (*around, node))


def _words(function, fields):
    nodes = [node for _, node in _tokens(function)]
    called = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    names = {node.id for node in nodes if isinstance(node, ast.Name)} | {each.arg for each in function.args.args}
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)} | fields
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return Words(frozenset(names - called), frozenset(called), frozenset(attributes), frozenset(texts))


def _fields(tree):
    """What a cache of this file holds."""
    caches = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Cache")
    return {each.target.id for node in caches for each in node.body if isinstance(each, ast.AnnAssign)}


def _alternatives(node, parent, words):
    """What a token can become."""
    match node:
        case ast.BinOp(left, op, right):
            yield from (ast.BinOp(left, other(), right) for other in ARITHMETIC if not isinstance(op, other))
        case ast.Compare(left, [op], right):
            yield from (ast.Compare(left, [other()], right) for other in COMPARING if not isinstance(op, other))
        case ast.UnaryOp(ast.USub(), operand):
            yield operand
        case ast.AugAssign(target, op, value):
            yield ast.Assign([target], value)
            yield from (ast.AugAssign(target, other(), value) for other in ARITHMETIC if not isinstance(op, other))
        case ast.Constant(bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(int(value)):
            yield from (ast.Constant(other) for other in (value + 1, value - 1))
        case ast.Constant(str(value)):
            yield from (ast.Constant(other) for other in sorted(words.texts - {value}))
        case ast.Call(_, [only], []):
            yield only
        case ast.Attribute(value, "T"):
            yield value
        case ast.Attribute(value, attribute):
            others = sorted(words.attributes - {attribute})
            yield from (ast.Attribute(value, other, ast.Load()) for other in others)
        case ast.Name(name, ast.Load()):
            called = isinstance(parent, ast.Call) and parent.func is node
            others = (words.called if called else words.values) - {name}
            yield from (ast.Name(other, ast.Load()) for other in sorted(others))


def _replaced(tree, node, after):
    """A copy of the tree with another node in the place of one."""
    return copy.deepcopy(tree, {id(node): ast.copy_location(copy.deepcopy(after), node)})


@cache
def _code(file):
    return compile(parsed(file), str(FOLDER / f"{file}.py"), "exec")


def cells(mutant=None):
    """The package's function that makes plain targets, in fresh modules, one of them a mutant."""
    package = ModuleType(PACKAGE)
    package.__path__ = [str(FOLDER)]
    fresh = {f"{PACKAGE}.{file}": ModuleType(f"{PACKAGE}.{file}") for file in MODULES}
    with patch.dict(sys.modules, {PACKAGE: package, **fresh}):
        for file, module in zip(MODULES, fresh.values(), strict=True):
            module.__file__, module.__package__ = str(FOLDER / f"{file}.py"), PACKAGE
            changed = mutant is not None and mutant.file == file
            code = compile(ast.fix_missing_locations(mutant.tree), module.__file__, "exec") if changed else _code(file)
            exec(code, vars(module))
            setattr(package, file, module)
    return fresh[f"{PACKAGE}.named"].plain_target, fresh[f"{PACKAGE}.activation"].ACTIVATIONS
