"""The hand-written networks that the tests look at: every cell with every part that can be exchanged, and stacks."""

from cell_cases import options_of

from rnnproof.cells import plain_target


def target(network):
    """The hand-written network of a network string."""
    name, options = options_of(network)
    return plain_target(name, **options)


CELLS = (
    "lstm",
    "lstm:coupled=input",
    "lstm:coupled=forget,projection=P",
    "lstm:forget_offset=1,projection=P",
    "lstm:recurrent=hard_sigmoid",
    "lstm:coupled=input,recurrent=hard_sigmoid,slope=1/6",
    "lstm:clip=1/2",
    "lstm:clip=1/2,clip_place=gates",
    "lstm:forget_offset=3/2,clip=1/4,projection=P",
    "peephole",
    "peephole:coupled=input",
    "peephole:coupled=forget",
    "gru",
    "gru:reset=before",
    "gru:hidden_bias=false",
    "lecture_lstm",
    "lecture_lstm:g=identity,h=identity",
    "jordan",
    "jordan:activation=sigmoid,readout=tanh",
    "jordan:activation=relu,readout=sigmoid",
    "jordan:readout=softmax",
    *(f"elman:activation={name}" for name in ("relu", "sigmoid", "identity")),
    "elman",
    *(f"elman:readout={name}" for name in ("identity", "tanh", "sigmoid", "softmax")),
)
STACKS = (
    "elman:direction=backward",
    "gru:direction=bidirectional",
    "gru:layers=2",
    "lstm:layers=2,direction=bidirectional",
    "lstm:projection=P,layers=2,direction=bidirectional,merge=sum",
    "lecture_lstm:layers=3,direction=backward",
    "peephole:direction=bidirectional,merge=mean",
    "gru:reset=before,layers=2,direction=bidirectional,merge=product",
    "jordan:layers=2,direction=bidirectional",
    "elman:readout=softmax,layers=2,direction=bidirectional,merge=product",
)
PADDED = (
    *("gru:padding=repeat", "elman:readout=softmax,direction=bidirectional,padding=repeat"),
    *("gru:padding=run", "elman:readout=softmax,padding=run", "lstm:layers=2,padding=run"),
    *("jordan:padding=run", "elman:layers=2,direction=bidirectional,merge=product,padding=repeat"),
)
EVERY = (*CELLS, *STACKS)
