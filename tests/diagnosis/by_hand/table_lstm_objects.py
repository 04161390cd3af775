"""Wrong LSTMs: changes of the layer objects, of the nodes a row at a time and of the einsum."""

from by_hand.altered import Wrong

LAYERS = (
    Wrong(
        "layers_sigmoid_slope_without_y", "lstm_layers", "gradient",
        "The sigmoid layer's backward is 1 - y where it must be y (1 - y), in all three gates that use it.",
        ("sigmoid'", "i", "f", "o"),
        (("return dout * (1.0 - out) * out", "return dout * (1.0 - out)"),),
    ),
    Wrong(
        "layers_last_gate_alone", "lstm_layers", "gradient",
        "The loop over the gates overwrites dh_prev, so that only the output gate's part comes back.",
        ("h", "z_o|U_o"),
        (("            dh_prev = dh_prev + dh_k\n", "            dh_prev = dh_k\n"),),
    ),
    Wrong(
        "layers_i_and_f_exchanged", "lstm_layers", "both",
        "The input gate keeps the old cell state and the forget gate lets the candidate in.",
        ("i", "f"),
        (
            ("self.forget.forward(f, c) + self.write.forward(i, g)", "self.forget.forward(i, c) + self.write.forward(f, g)"),  # noqa: E501
            ("di, dg = self.write.backward(dc)", "df, dg = self.write.backward(dc)"),
            ("df, dc_prev = self.forget.backward(dc)", "di, dc_prev = self.forget.backward(dc)"),
        ),
    ),
    Wrong(
        "layers_product_not_crossed", "lstm_layers", "gradient",
        "The product's backward hands each factor its own value times the gradient, not the other's: in f c, in i g "
        "and in o tanh(c').",
        ("f", "c", "i", "g", "o", "tanh"),
        (("return dout * y, dout * x", "return dout * x, dout * y"),),
    ),
    Wrong(
        "layers_candidate_with_sigmoid", "lstm_layers", "both",
        "The candidate's gate is built with a sigmoid as all the others are; its tanh was forgotten.",
        ("g", "sigmoid", "tanh"),
        (('Gate(params, k, Tanh() if k == "g" else Sigmoid())', "Gate(params, k, Sigmoid())"),),
    ),
)  # fmt: skip

ROWS = (
    Wrong(
        "rows_no_tanh_of_s", "lstm_rows", "forward",
        "h is s o, without the tanh of s, while the backward pass still has the tanh's derivative.",
        ("h'", "tanh", "c'"),
        (("self.h = np.tanh(self.s) * self.o", "self.h = self.s * self.o"),),
    ),
    Wrong(
        "rows_diff_s_not_advanced", "lstm_rows", "gradient",
        "The loop never takes the cell state's gradient from the node: every step is given the final state's.",
        ("c", "step|time"),
        (("                diff_s = row[idx].bottom_diff_s\n", ""),),
    ),
    Wrong(
        "rows_dg_times_f", "lstm_rows", "gradient",
        "The candidate's gradient is multiplied by the forget gate, copied from another line, not by the input gate.",
        ("g", "f", "i"),
        (("dg = self.i * ds", "dg = self.f * ds"),),
    ),
    Wrong(
        "rows_bf_assigned", "lstm_rows", "gradient",
        "The forget gate's bias gradient is assigned and not added up: only the last row's first step is left.",
        ("b_f", "step|time|sum|batch"),
        (("param.bf_diff += df_input", "param.bf_diff = df_input"),),
    ),
    Wrong(
        "rows_state_runs_on", "lstm_rows", "forward",
        "The state is set before the loop over the rows, so each row goes on from the end of the row before it.",
        ("row|batch", "state"),
        ((
            '        for b in range(B):\n            h, s = state["h"][b], state["c"][b]\n',
            '        h, s = state["h"][0], state["c"][0]\n        for b in range(B):\n',
        ),),
    ),
    Wrong(
        "rows_wi_from_df", "lstm_rows", "gradient",
        "The input gate's matrix gradient is made with the forget gate's signal df_input.",
        ("W_i", "U_i", "z_f"),
        (("param.wi_diff += np.outer(di_input", "param.wi_diff += np.outer(df_input"),),
    ),
    Wrong(
        "rows_two_in_the_backward", "lstm_rows", "gradient",
        "Two mistakes: dg lacks tanh's derivative, and the previous cell state's gradient lacks the forget gate.",
        ("g", "tanh'", "c", "f"),
        (
            ("dg_input = (1.0 - self.g**2) * dg", "dg_input = dg"),
            ("self.bottom_diff_s = ds * self.f", "self.bottom_diff_s = ds"),
        ),
        mistakes=2,
    ),
)  # fmt: skip

EINSUM = (
    Wrong(
        "einsum_dU_with_new_h", "lstm_einsum", "gradient",
        "The recurrent matrices' gradients are made with the new h of each step, not with the previous one.",
        ("U", "h", "h'"),
        (('dU = np.einsum("tkbh,tbj->khj", dz, self.h[:-1])', 'dU = np.einsum("tkbh,tbj->khj", dz, self.h[1:])'),),
    ),
    Wrong(
        "einsum_plus_in_tanh_slope", "lstm_einsum", "gradient",
        "The derivative of tanh(c') has the wrong sign inside: 1 + tanh² where it is 1 - tanh².",
        ("tanh'", "c'"),
        (("dc = dc + dh * o * (1 - tc * tc)", "dc = dc + dh * o * (1 + tc * tc)"),),
    ),
    Wrong(
        "einsum_step_without_bias", "lstm_einsum", "forward",
        "step, written apart from run, forgot the biases; run itself is right.",
        ("step", "b"),
        (('np.einsum("khj,bj->kbh", U, state["h"]) + b[:, None])', 'np.einsum("khj,bj->kbh", U, state["h"]))'),),
        refused_by="forward.step",
    ),
    Wrong(
        "einsum_buffers_reused", "lstm_einsum", "conduct",
        "The arrays of all steps are made once and filled again, and the outputs are views of them: a second run of "
        "the same shape overwrites what the first one returned.",
        ("memory|buffer|view|overwrit|chang", "run|call|return"),
        (
            ("        self.h, self.c, self.a = np.empty", "        if getattr(self, \"shape\", None) != (T, B, H):\n            self.shape = T, B, H\n            self.h, self.c, self.a = np.empty"),  # noqa: E501
            ("return self.h[1:].copy(), {\"h\": self.h[T].copy(), \"c\": self.c[T].copy()}", "return self.h[1:], {\"h\": self.h[T], \"c\": self.c[T]}"),  # noqa: E501
        ),
        refused_by="state.repeat",
    ),
    Wrong(
        "einsum_single_precision_cell", "lstm_einsum", "conduct",
        "The cell states are kept in an array of float32, where float64 was asked for.",
        ("float32|precision|dtype",),
        (("np.empty((T + 1, B, H)), np.empty((T + 1, B, H)), np", "np.empty((T + 1, B, H)), np.empty((T + 1, B, H), np.float32), np"),),  # noqa: E501
        refused_by="numerics.dtype",
    ),
    Wrong(
        "einsum_recurrent_transposed", "lstm_einsum", "forward",
        "run multiplies by the transposed recurrent matrices, all four; backward and step have them right.",
        ("U", "transpose"),
        (
            ('activate(zx[t] + np.einsum("khj,bj->kbh", U, self.h[t]))', 'activate(zx[t] + np.einsum("kjh,bj->kbh", U, self.h[t]))'),  # noqa: E501
        ),
    ),
    Wrong(
        "einsum_one_in_each_pass", "lstm_einsum", "both",
        "Two mistakes: run has f + c in place of f c, and the backward pass ignores the gradient of the final h.",
        ("f", "c", "final", "h"),
        (
            ("self.c[t + 1] = a[F] * self.c[t] + a[I] * a[G]", "self.c[t + 1] = a[F] + self.c[t] + a[I] * a[G]"),
            ('dh, dc = cotangents["state"]["h"], cot', 'dh, dc = np.zeros_like(state["h"]), cot'),
        ),
        mistakes=2,
    ),
)  # fmt: skip

WRONG = LAYERS + ROWS + EINSUM
