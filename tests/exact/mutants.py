"""Single-token mutants of a function's source, and the hand-written cells made anew with one of them."""

import ast
import copy
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from types import CodeType

import rnnproof.cells

PACKAGE = "rnnproof.cells"
PULLBACK = "pullback of "
FOLDER = Path(rnnproof.cells.__file__).parent
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.MatMult)
COMPARING = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)


@dataclass(frozen=True, eq=False)
class Mutant:
    """One token of one function changed: the nodes in question, and the whole function that the module has."""

    file: str
    function: str
    line: int
    before: ast.AST
    after: ast.AST
    around: tuple[ast.AST, ...]
    tree: ast.FunctionDef | ast.Lambda

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
                if isinstance(key, ast.Constant) and name == f"{PULLBACK}{key.value}":
                    return value.args[1]
    raise LookupError(name)


def mutants(file, name):
    """Every mutant of one function."""
    tree = parsed(file)
    function = function_of(tree, name)
    words = _words(function, _fields(tree))
    whole = function if isinstance(function, ast.Lambda) else _statement(tree, function)
    for around, node in list(_tokens(function)):
        for after in _alternatives(node, around[-1] if around else None, words):
            yield Mutant(file, name, node.lineno, node, after, around, _replaced(whole, node, after))


def _statement(tree, function):
    """The function of the module in which a function stands: itself, or the one around it."""
    return next(each for each in tree.body if any(node is function for node in ast.walk(each)))


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
    """The tree with another node in the place of one: new along the way to it, for the rest the same nodes."""
    if tree is node:
        return ast.fix_missing_locations(ast.copy_location(copy.copy(after), node))
    for field, value in ast.iter_fields(tree):
        children = value if isinstance(value, list) else [value]
        for k, child in enumerate(children):
            if isinstance(child, ast.AST) and (new := _replaced(child, node, after)) is not child:
                found = copy.copy(tree)
                setattr(found, field, [*value[:k], new, *value[k + 1 :]] if isinstance(value, list) else new)
                return found
    return tree


@contextmanager
def planted(mutant):
    """Inside, the package's own function runs the mutant's code; None plants nothing."""
    if mutant is None:
        yield
        return
    function, code = _owner(mutant), _code(mutant)
    before = function.__code__
    function.__code__ = code
    try:
        yield
    finally:
        function.__code__ = before


def _owner(mutant):
    """The function object that has the code: one of the module, or an activation's pullback."""
    module = import_module(f"{PACKAGE}.{mutant.file}")
    if mutant.function.startswith(PULLBACK):
        return module.ACTIVATIONS[mutant.function.removeprefix(PULLBACK)].pullback
    return getattr(module, mutant.tree.name)


@lru_cache(maxsize=1)
def _code(mutant):
    file = str(FOLDER / f"{mutant.file}.py")
    if isinstance(mutant.tree, ast.Lambda):
        tree, mode = ast.Expression(mutant.tree), "eval"
    else:
        tree, mode = ast.Module([mutant.tree], []), "exec"
    compiled = compile(tree, file, mode)
    return next(each for each in compiled.co_consts if isinstance(each, CodeType))
