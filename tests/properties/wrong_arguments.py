"""LSTMs that compute what is right, and change what they were given."""

import right_lstms


class ZeroesItsArguments(right_lstms.Packed):
    """All that it was given is zero after the call; its gradient is right, for what the call was given."""

    def run(self, params, x, state):
        results = super().run(params, x, state)
        for array in (*params.values(), x, *state.values()):
            if array.flags.writeable:
                array[...] = 0
        return results

    def grad(self, params, x, state, cotangents):
        right_lstms.Packed.run(self, params, x, state)
        return super().grad(params, x, state, cotangents)


class ReplacesAParameter(right_lstms.Packed):
    """The dictionary of the parameters holds another array after the call."""

    def run(self, params, x, state):
        results = super().run(params, x, state)
        params["b_f"] = params["b_f"] + 1
        return results


class KeepsStateInTheDictionary(right_lstms.Packed):
    """The new state is put into the dictionary of the old one."""

    def run(self, params, x, state):
        outputs, final = super().run(params, x, dict(state))
        state.update(final)
        return outputs, final


class EmptiesItsArguments(right_lstms.Packed):
    """Nothing is left in the dictionary of the parameters."""

    def run(self, params, x, state):
        results = super().run(params, x, state)
        params.clear()
        return results
