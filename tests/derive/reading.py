"""What a reader would stumble on in a document: names of SymPy's, formulas that are text, formulas cut in two."""

import re

FORMULA = re.compile(
    r"^```math\n(?P<displayed>.*?)\n```$|\$`(?P<quoted>[^$`\n]+)`\$|\$(?P<inline>[^$`\n]+)\$", re.DOTALL | re.MULTILINE
)
CODE = re.compile(r"`[^`\n]+`")
TABLE = re.compile(r"^\|.*\|$", re.MULTILINE)
HEADING = re.compile(r"^# .*$", re.MULTILINE)
# Of SymPy's own printing, in formulas and in sentences.
RAW = re.compile(r"\b(?:Max|Min|Abs|Piecewise|KroneckerDelta|Subs|Derivative|oo)\b|reciprocal\(|\*\*|\d[eE][+-]\d")
# A formula that is left in a sentence: an operator, an index, a letter by itself that is no word.
LEFT = re.compile(r"\\[*_<>|]|[<>=^+/\[\]{}]|\b(?!a\b|A [A-Za-z]{2})[A-Za-z]\b(?!')|\b\w+_\w+|\b[a-z]'(?!s\b)")
POSSESSIVE = re.compile(r"(?<=\w)'s\b|s'(?= )")
CUT = re.compile(r"\w\0|\0\w")
SPACELESS = re.compile(r"\\text\{(?:for|if|where)\}(?=[^\\ ])|\\text\{(?:for|if)\} ")
# What Markdown would take for the beginning of an emphasis, in a formula that is not between backquotes.
EMPHASIS = re.compile(r"(?<![A-Za-z0-9])_|\*")


def formulas(text):
    """Every formula of a document."""
    return [found["displayed"] or found["quoted"] or found["inline"] for found in FORMULA.finditer(text)]


def stumbles(text):
    """What a reader would stumble on, each with what stands around it."""
    own = TABLE.sub("", HEADING.sub("", text))
    sentences = POSSESSIVE.sub("", CODE.sub("\0", FORMULA.sub("\0", own)))
    inline = (found["inline"] for found in FORMULA.finditer(own) if found["inline"])
    found = [*_around(RAW, CODE.sub("", FORMULA.sub(lambda formula: f" {formula[0].strip('$`')} ", own)))]
    found += [*_around(LEFT, sentences), *_around(CUT, sentences)]
    found += [place for formula in formulas(own) for place in _around(SPACELESS, formula)]
    return found + [place for formula in inline for place in _around(EMPHASIS, formula)]


def _around(pattern, text):
    return [" ".join(text[max(0, hit.start() - 30) : hit.end() + 20].split()) for hit in pattern.finditer(text)]
