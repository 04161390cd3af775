"""Simple recurrent networks that are wrong in a line or two: (name, network, file, object, changes, what is wrong)."""

ALTERED = [
    (
        "columns_not_transposed_back",
        "elman:readout=identity",
        "elman_columns",
        None,
        [("dhnext = np.dot(Whh.T, dhraw)", "dhnext = np.dot(Whh, dhraw)")],
        "The gradient goes back through Whh, not through its transpose.",
    ),
    (
        "columns_old_h_in_derivative",
        "elman:readout=identity",
        "elman_columns",
        None,
        [("(1 - hs[t] * hs[t]) * dh", "(1 - hs[t - 1] * hs[t - 1]) * dh")],
        "The derivative of tanh is taken at the hidden state of the step before.",
    ),
    (
        "columns_clipped",
        "elman:readout=identity",
        "elman_columns",
        None,
        [
            (
                "    return {\n",
                "    for dparam in [dWxh, dWhh, dWhy, dbh, dby]:\n        np.clip(dparam, -1, 1, out=dparam)\n"
                "    return {\n",
            )
        ],
        "The gradients of the parameters are clipped to -1 and 1 before they are returned.",
    ),
    (
        "layer_truncated",
        "elman",
        "elman_layer",
        "SimpleRNN",
        [
            (
                '            carry = d_pre[:, t].dot(params["recurrent_kernel"].T)\n',
                '            carry = d_pre[:, t].dot(params["recurrent_kernel"].T)\n'
                "            if t % 4 == 0:\n                carry = np.zeros_like(carry)\n",
            )
        ],
        "Backpropagation is cut every four steps: at t = 0, 4, 8, ... nothing is handed back.",
    ),
    (
        "layer_reshaped_for_transposed",
        "elman",
        "elman_layer",
        "SimpleRNN",
        [(".reshape(batch, steps, units) +", ".reshape(steps, batch, units).swapaxes(0, 1) +")],
        "Forward, W x of all steps is reshaped as if it were time-major: rows and steps get each other's inputs.",
    ),
    (
        "layer_mean_bias",
        "elman",
        "elman_layer",
        "SimpleRNN",
        [("flat.sum(axis=0)", "flat.mean(axis=0)")],
        "The bias gradient is the mean over batch and time, not the sum.",
    ),
    (
        "relu_derivative_of_tanh",
        "elman:activation=relu",
        "elman_relu",
        None,
        [("(h[t + 1] > 0)", "(1 - h[t + 1] ** 2)")],
        "The activation is a ReLU, but the derivative is still that of tanh.",
    ),
    (
        "relu_dx_in_reverse",
        "elman:activation=relu",
        "elman_relu",
        None,
        [("np.stack(dx[::-1])", "np.stack(dx)")],
        "The gradients of the inputs, collected from the last step to the first, are returned in that order.",
    ),
    (
        "relu_two_zero_h0_and_transpose",
        "elman:activation=relu",
        "elman_relu",
        None,
        [
            ('    h = [state["h"]]\n', '    h = [np.zeros_like(state["h"])]\n'),
            ("e = d @ U", "e = d @ U.T"),
        ],
        "Two mistakes: the forward pass starts at zeros, not at the state given, and e goes back through U transposed.",
    ),
    (
        "softmax_over_the_batch",
        "elman:readout=softmax",
        "elman_softmax",
        "RNN",
        [
            ("o.max(axis=-1, keepdims=True)", "o.max(axis=0)"),
            ("e / e.sum(axis=-1, keepdims=True)", "e / e.sum(axis=0)"),
        ],
        "Forward, the softmax is taken over the rows of the batch, not over the outputs of a row.",
    ),
    (
        "softmax_diagonal_only",
        "elman:readout=softmax",
        "elman_softmax",
        "RNN",
        [("delta_o = o * (do - np.sum(do * o, axis=-1, keepdims=True))", "delta_o = o * (1 - o) * do")],
        "The softmax is differentiated as if each output were a sigmoid: o (1 - o), without what mixes the outputs.",
    ),
    (
        "both_ways_not_turned_back",
        "elman:direction=bidirectional",
        "elman_both_ways",
        None,
        [
            ("np.concatenate([there, back[::-1]], axis=-1)", "np.concatenate([there, back], axis=-1)"),
            ('cotangents["outputs"][::-1, :, H:]', 'cotangents["outputs"][:, :, H:]'),
        ],
        "The backward direction's outputs stand in the order in which they were computed, in both passes.",
    ),
    (
        "both_ways_final_state_of_last_time",
        "elman:direction=bidirectional",
        "elman_both_ways",
        None,
        [('"0.backward.h": back[-1]', '"0.backward.h": back[0]')],
        "The backward direction's final state is that at the last time, its first step, not that after its last step.",
    ),
    (
        "stacked_upper_starts_where_lower_ended",
        "elman:layers=2",
        "elman_stacked",
        None,
        [('lower[1:], state["1.forward.h"])', "lower[1:], lower[-1])")],
        "Forward, the upper layer starts from the lower layer's final state, not from its own initial one.",
    ),
    (
        "stacked_two_no_final_and_new_h",
        "elman:layers=2",
        "elman_stacked",
        None,
        [
            ('cotangents["outputs"], final["1.forward.h"])', 'cotangents["outputs"], 0)'),
            ('"tbh,tbk->hk", da, hs[:-1])', '"tbh,tbk->hk", da, hs[1:])'),
        ],
        "Two mistakes: the upper layer's final cotangent is ignored, and both layers' dU is taken with the new h.",
    ),
]
