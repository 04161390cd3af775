"""Wrong Elman networks."""

from by_hand.altered import Wrong

CHARACTERS = (
    Wrong(
        "char_dhnext_from_dh", "elman_characters", "gradient",
        "The gradient that goes to the step before is made of dh, not of dhraw: tanh's derivative is left out there.",
        ("h", "tanh'"),
        (("dhnext = np.dot(Whh.T, dhraw)", "dhnext = np.dot(Whh.T, dh)"),),
    ),
    Wrong(
        "char_whh_not_transposed", "elman_characters", "gradient",
        "The gradient that goes to the step before is multiplied by Whh, not by its transpose.",
        ("U_h", "transpose"),
        (("dhnext = np.dot(Whh.T, dhraw)", "dhnext = np.dot(Whh, dhraw)"),),
    ),
    Wrong(
        "char_dwhh_with_new_h", "elman_characters", "gradient",
        "The recurrent matrix's gradient is made with hs[t], the new state, not with hs[t - 1].",
        ("U_h", "h", "h'"),
        (("dWhh += np.dot(dhraw, self.hs[t - 1].T)", "dWhh += np.dot(dhraw, self.hs[t].T)"),),
    ),
    Wrong(
        "char_dhnext_not_added", "elman_characters", "gradient",
        "dh has the readout's part alone: nothing comes from the step after (nor from the final state).",
        ("h", "step after"),
        (("dh = np.dot(Why.T, dy) + dhnext", "dh = np.dot(Why.T, dy)"),),
    ),
    Wrong(
        "char_starts_at_zero", "elman_characters", "forward",
        "The initial state is ignored: hs[-1] is zeros.",
        ("initial", "0|zero|ignored"),
        (('self.hs[-1] = np.copy(state["h"].T)', 'self.hs[-1] = np.zeros_like(state["h"].T)'),),
    ),
    Wrong(
        "char_gradients_clipped", "elman_characters", "gradient",
        "The parameters' gradients are clipped to [-5, 5] against exploding ones before they are returned.",
        ("clip|5|large",),
        ((
            "        grads = {",
            "        for dparam in [dWxh, dWhh, dWhy, dbh, dby]:\n            np.clip(dparam, -5, 5, out=dparam)\n"
            "        grads = {",
        ),),
    ),
    Wrong(
        "char_readout_before_update", "elman_characters", "forward",
        "The readout reads the previous hidden state, so every output is one step late.",
        ("y", "h"),
        (("np.dot(Why, self.hs[t]) + by", "np.dot(Why, self.hs[t - 1]) + by"),),
    ),
)  # fmt: skip

TIME = (
    Wrong(
        "time_padding_runs_on", "elman_time_layer", "forward",
        "The final state of a row that ends early is the one at T: the state goes on changing over the padding.",
        ("final", "length|end|padding"),
        (("return np.where(mask, h_new, h_prev)", "return h_new"),),
    ),
    Wrong(
        "time_grads_assigned", "elman_time_layer", "gradient",
        "The time layer takes over each step's gradients in place of adding them up; the first step's are returned.",
        ("W_h", "U_h", "b_h", "step|time|sum"),
        (("                grads[i] += grad\n", "                grads[i] = grad\n"),),
    ),
    Wrong(
        "time_gradient_stops_at_padding", "elman_time_layer", "gradient",
        "A padded step hands nothing back, so the gradient of a short row's final state is lost.",
        ("final", "length|end|padding"),
        (("dh_prev = np.dot(dt, Wh.T) + np.where(mask, 0, dh_next)", "dh_prev = np.dot(dt, Wh.T)"),),
    ),
    Wrong(
        "time_two_mistakes", "elman_time_layer", "gradient",
        "Two mistakes: the bias gradient misses tanh's derivative, and the recurrent matrix's is made with the new h.",
        ("b_h", "tanh'", "U_h", "h'"),
        (
            ("self.grads[2][...] = np.sum(dt, axis=0)", "self.grads[2][...] = np.sum(np.where(mask, dh_next, 0), axis=0)"),  # noqa: E501
            ("np.dot(h_prev.T, dt)", "np.dot(h_next.T, dt)"),
        ),
        mistakes=2,
    ),
)  # fmt: skip

BATCH_FIRST = (
    Wrong(
        "first_relu_slope_only_at_the_end", "elman_batch_first", "gradient",
        "relu's derivative is applied at the last step alone; every step before lacks it.",
        ("relu'", "z_h|h"),
        (("(dhidden[:, t] + delta[:, t + 1] @ U) * (pre[:, t] > 0)", "dhidden[:, t] + delta[:, t + 1] @ U"),),
    ),
    Wrong(
        "first_bias_mean", "elman_batch_first", "gradient",
        "The bias gradient is the mean over rows and steps, not the sum.",
        ("b_h", "mean|sum|batch"),
        (("db = flat.sum(axis=0)", "db = flat.mean(axis=0)"),),
    ),
    Wrong(
        "first_reshaped_not_swapped", "elman_batch_first", "forward",
        "run reshapes x from (T, B, I) to (B, T, I) where it must swap the axes: rows and steps are mixed up.",
        ("batch|row", "time|step|axes"),
        ((
            "x = np.swapaxes(x, 0, 1)\n        self.pre",
            "x = x.reshape(x.shape[1], x.shape[0], -1)\n        self.pre",
        ),),
    ),
    Wrong(
        "first_final_state_after_slope", "elman_batch_first", "gradient",
        "The final state's gradient is added after relu's derivative, so a dead unit lets it through.",
        ("final", "relu'"),
        ((
            "(dhidden[:, T - 1] + dlast) * (pre[:, T - 1] > 0)",
            "dhidden[:, T - 1] * (pre[:, T - 1] > 0) + dlast",
        ),),
    ),
)  # fmt: skip

BOTH_WAYS = (
    Wrong(
        "ways_outputs_not_turned_back", "elman_both_ways", "forward",
        "The backward direction's outputs are left in the order in which they were made, from the end.",
        ("backward", "order|time|revers"),
        (("np.stack(self.back[1:])[::-1]]", "np.stack(self.back[1:])]"),),
    ),
    Wrong(
        "ways_one_initial_state", "elman_both_ways", "forward",
        "The backward direction begins with the forward direction's initial state.",
        ("initial", "backward", "forward"),
        (('scan(x[::-1], state["0.backward.h"]', 'scan(x[::-1], state["0.forward.h"]'),),
    ),
    Wrong(
        "ways_dx_not_turned_back", "elman_both_ways", "gradient",
        "The backward direction's gradient of x is added in the order in which it was made, from the end.",
        ("x", "backward", "order|time|revers"),
        (('"x": dx + dx_back[::-1]', '"x": dx + dx_back'),),
    ),
)  # fmt: skip

WRONG = CHARACTERS + TIME + BATCH_FIRST + BOTH_WAYS
