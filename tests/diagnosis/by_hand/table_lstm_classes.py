"""Wrong LSTMs: changes of the list of dictionaries, of the notebook in columns and of the stacked matrix."""

from by_hand.altered import Wrong

DICTIONARIES = (
    Wrong(
        "lstm_dc_next_forgotten", "lstm_list_of_dicts", "gradient",
        "The cell state's gradient from the step after, or of the final one, is not added: "
        "dc has only the part through h.",
        ("c", "step after"),
        (("dc = dh * o * (1 - tanh_c**2) + dc_next", "dc = dh * o * (1 - tanh_c**2)"),),
    ),
    Wrong(
        "lstm_forget_bias_copied", "lstm_list_of_dicts", "forward",
        "The forget gate's line was copied from the input gate's and still adds b_i.",
        ("b_i", "b_f"),
        (('h_prev @ p["U_f"].T + p["b_f"]', 'h_prev @ p["U_f"].T + p["b_i"]'),),
    ),
    Wrong(
        "lstm_tanh_slope_forgotten", "lstm_list_of_dicts", "gradient",
        "The derivative of tanh(c') is missing on the way from h' to c'.",
        ("tanh'", "c'"),
        (("dc = dh * o * (1 - tanh_c**2) + dc_next", "dc = dh * o + dc_next"),),
    ),
    Wrong(
        "lstm_candidate_as_sigmoid", "lstm_list_of_dicts", "gradient",
        "The candidate's derivative is written as a sigmoid's, g (1 - g), though g is a tanh.",
        ("g", "tanh'|sigmoid'"),
        (('dz["g"] = dg * (1 - g**2)', 'dz["g"] = dg * g * (1 - g)'),),
    ),
    Wrong(
        "lstm_dx_without_o", "lstm_list_of_dicts", "gradient",
        "The output gate's term is missing in the gradient of x.",
        ("x", "z_o|W_o"),
        ((' + dz["g"] @ p["W_g"] + dz["o"] @ p["W_o"]', ' + dz["g"] @ p["W_g"]'),),
    ),
    Wrong(
        "lstm_dh_copied_matrix", "lstm_list_of_dicts", "gradient",
        "The gradient of the previous h takes the output gate's part through U_g in place of U_o.",
        ("h", "U_g", "U_o"),
        (('dz["o"] @ p["U_o"]', 'dz["o"] @ p["U_g"]'),),
    ),
    Wrong(
        "lstm_df_with_new_c", "lstm_list_of_dicts", "gradient",
        "The forget gate's gradient is multiplied by the new cell state, where it must be the previous one.",
        ("f", "c'", "c"),
        (
            ('"o": o, "tanh_c": tanh_c}', '"o": o, "tanh_c": tanh_c, "c": c}'),
            ('df = dc * cache["c_prev"]', 'df = dc * cache["c"]'),
        ),
    ),
    Wrong(
        "lstm_caches_never_cleared", "lstm_list_of_dicts", "conduct",
        "The list of caches is not emptied by a new run, so a second backward pass reads the first run's values.",
        ("run|call", "before|second|repeat"),
        (("        self.caches = []\n        h, c = state", "        h, c = state"),),
        refused_by="state.repeat",
    ),
    Wrong(
        "lstm_keeps_its_state", "lstm_list_of_dicts", "conduct",
        "The object goes on from its own last h and c when it is called again, whatever state it is given.",
        ("state", "call|run"),
        (
            ('h, c = state["h"], state["c"]', 'h, c = getattr(self, "last", (state["h"], state["c"]))'),
            ("        return np.array(outputs)", "        self.last = h, c\n        return np.array(outputs)"),
        ),
        refused_by="state.repeat",
    ),
)  # fmt: skip

COLUMNS = (
    Wrong(
        "columns_bracket_forgotten", "lstm_columns", "gradient",
        "A bracket is missing: tanh's derivative of the candidate multiplies only the part through h, not dc_next's.",
        ("tanh'", "g"),
        ((
            "dcct = dc * it * (1 - np.square(cct))",
            "dcct = dc_next * it + ot * (1 - np.square(np.tanh(c_next))) * it * da_next * (1 - np.square(cct))",
        ),),
    ),
    Wrong(
        "columns_da_prev_not_added", "lstm_columns", "gradient",
        "The backward loop hands on the outputs' gradients alone, without that of h from the step "
        "after or of the last h.",
        ("h", "step after"),
        (("lstm_cell_backward(da[:, :, t] + da_prevt, dc_prevt", "lstm_cell_backward(da[:, :, t], dc_prevt"),),
    ),
    Wrong(
        "columns_c0_at_every_step", "lstm_columns", "forward",
        "Every step is given the initial cell state c0: c is not carried from step to step.",
        ("c", "initial|step"),
        (("lstm_cell_forward(x[:, :, t], a_next, c_next,", "lstm_cell_forward(x[:, :, t], a_next, c0,"),),
    ),
    Wrong(
        "columns_bias_averaged", "lstm_columns", "gradient",
        "The output gate's bias gradient is the mean over the batch, where all others are sums.",
        ("b_o", "batch|mean|sum"),
        (("dbo = np.sum(dot, axis=1, keepdims=True)", "dbo = np.mean(dot, axis=1, keepdims=True)"),),
    ),
    Wrong(
        "columns_concat_turned", "lstm_columns", "gradient",
        "The backward pass stacks x above a, the forward pass a above x: the matrices' gradients are mixed up.",
        ("W", "U"),
        ((
            "concat = np.concatenate((a_prev, xt), axis=0)\n    dWf",
            "concat = np.concatenate((xt, a_prev), axis=0)\n    dWf",
        ),),
    ),
    Wrong(
        "columns_output_from_new_a", "lstm_columns", "both",
        "h' is o c': the tanh of the cell state is left out of the forward pass and of both places of the backward.",
        ("h'", "tanh", "c'"),
        (
            ("a_next = ot * np.tanh(c_next)", "a_next = ot * c_next"),
            ("dot = da_next * np.tanh(c_next) * ot", "dot = da_next * c_next * ot"),
            ("dc = dc_next + ot * (1 - np.square(np.tanh(c_next))) * da_next", "dc = dc_next + ot * da_next"),
        ),
    ),
)  # fmt: skip

STACKED = (
    Wrong(
        "stacked_read_as_ifgo", "lstm_stacked", "both",
        "The blocks of the stacked matrix are read as i f g o, forward and backward, but lie in it as i f o g.",
        ("o", "g"),
        (
            ("o = sigmoid(a[:, 2 * H : 3 * H])", "g = np.tanh(a[:, 2 * H : 3 * H])"),
            ("g = np.tanh(a[:, 3 * H :])", "o = sigmoid(a[:, 3 * H :])"),
            ("do * o * (1 - o), dg * (1 - g * g)]", "dg * (1 - g * g), do * o * (1 - o)]"),
        ),
    ),
    Wrong(
        "stacked_backward_as_fiog", "lstm_stacked", "gradient",
        "The backward pass stacks the gates' gradients as f i o g, the forward pass as i f o g.",
        ("i", "f"),
        (("[di * i * (1 - i), df * f * (1 - f),", "[df * f * (1 - f), di * i * (1 - i),"),),
    ),
    Wrong(
        "stacked_dprev_c_from_dnext_c", "lstm_stacked", "gradient",
        "The previous cell state's gradient is dnext_c f: the part that comes from h' through c' is left out.",
        ("c", "h'"),
        (("dprev_c = dc * f", "dprev_c = dnext_c * f"),),
    ),
    Wrong(
        "stacked_o_slope_forgotten", "lstm_stacked", "gradient",
        "The output gate's gradient is not multiplied by the sigmoid's derivative o (1 - o).",
        ("o", "sigmoid'"),
        (("do * o * (1 - o), dg", "do, dg"),),
    ),
    Wrong(
        "stacked_forget_bias_added", "lstm_stacked", "forward",
        "1 is added to the forget gate when the code runs, as some frameworks do.",
        ("f", "1"),
        (("f = sigmoid(a[:, H : 2 * H])", "f = sigmoid(a[:, H : 2 * H] + 1.0)"),),
    ),
    Wrong(
        "stacked_dWh_of_one_step", "lstm_stacked", "gradient",
        "The recurrent matrix's gradient is assigned where it must be added: the first step's alone is returned.",
        ("U", "step|time|sum"),
        (("        dWh += dWh_t", "        dWh = dWh_t"),),
    ),
    Wrong(
        "stacked_loop_misses_the_first", "lstm_stacked", "gradient",
        "The loop that counts down ends before step 0, whose part of every gradient is missing.",
        ("first", "step"),
        (("for t in range(T - 1, -1, -1)", "for t in range(T - 1, 0, -1)"),),
    ),
)  # fmt: skip

WRONG = DICTIONARIES + COLUMNS + STACKED
