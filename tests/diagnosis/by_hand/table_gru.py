"""Wrong GRUs."""

from by_hand.altered import Wrong

PER_GATE = (
    Wrong(
        "gru_sigmoid_overflows", "gru_per_gate", "forward",
        "The sigmoid is exp(z) / (1 + exp(z)), which is NaN where exp(z) overflows; elsewhere everything is right.",
        ("overflow|nan",),
        (("return 1 / (1 + np.exp(-z))", "return np.exp(z) / (1 + np.exp(z))"),),
        refused_by="forward.saturation",
    ),
    Wrong(
        "gru_z_turned_forward_only", "gru_per_gate", "forward",
        "z and 1 - z are exchanged in the forward pass, while the backward pass still has the other convention.",
        ("z", "1 - z|exchang|swap"),
        (("h = (1 - z) * n + z * h\n", "h = z * n + (1 - z) * h\n"),),
    ),
    Wrong(
        "gru_r_slope_forgotten", "gru_per_gate", "gradient",
        "The reset gate's gradient lacks the sigmoid's derivative.",
        ("r", "sigmoid'"),
        (("dr = dn * u * dsigmoid(r)", "dr = dn * u"),),
    ),
    Wrong(
        "gru_direct_path_forgotten", "gru_per_gate", "gradient",
        "The previous h's gradient lacks its direct part z dh: only the three matrices' parts come back.",
        ("h", "z"),
        (('dh = dh * z + dz @ U["z"]', 'dh = dz @ U["z"]'),),
    ),
    Wrong(
        "gru_dUn_without_reset", "gru_per_gate", "gradient",
        "The candidate's recurrent matrix gradient is made with dn in place of r dn.",
        ("U_n", "r"),
        (('dU["n"] += du.T @ h_prev', 'dU["n"] += dn.T @ h_prev'),),
    ),
    Wrong(
        "gru_dz_sign", "gru_per_gate", "gradient",
        "The update gate's gradient has the wrong sign: n - h in place of h - n.",
        ("z", "sign|negat|-"),
        (("dz = dh * (h_prev - n)", "dz = dh * (n - h_prev)"),),
    ),
    Wrong(
        "gru_two_in_the_backward", "gru_per_gate", "gradient",
        "Two mistakes: b_hn's gradient is summed from dn and not r dn, and dx takes the reset gate's part through W_z.",
        ("b_hn", "r", "x", "W_z", "W_r"),
        (
            ('db["hn"] += du.sum(0)', 'db["hn"] += dn.sum(0)'),
            ('dz @ W["z"] + dr @ W["r"]', 'dz @ W["z"] + dr @ W["z"]'),
        ),
        mistakes=2,
    ),
)  # fmt: skip

PACKED = (
    Wrong(
        "packed_bhn_outside_reset", "gru_packed", "forward",
        "b_hn is added outside the reset gate's product, as one more bias of the candidate; its gradient stays r dn.",
        ("b_hn", "r"),
        (
            ("gh = hidden @ w_hh.T + b_hh", "gh = hidden @ w_hh.T"),
            ("i_n + resetgate * h_n)", "i_n + resetgate * h_n + b_hh[2 * h_n.shape[1] :])"),
        ),
    ),
    Wrong(
        "packed_recurrent_chunks_turned", "gru_packed", "forward",
        "The recurrent product is cut as z r n, though the input's product and the weights lie as r z n.",
        ("U_r", "U_z"),
        (("h_r, h_i, h_n = np.split(gh", "h_i, h_r, h_n = np.split(gh"),),
    ),
    Wrong(
        "packed_reset_forgotten_going_back", "gru_packed", "gradient",
        "The gradient of the candidate's recurrent product is not multiplied by the reset gate.",
        ("r", "U_n|b_hn|n"),
        (("[grad_rn, grad_in, grad_hn]", "[grad_rn, grad_in, grad_nn]"),),
    ),
    Wrong(
        "packed_candidate_without_update", "gru_packed", "gradient",
        "The candidate's gradient lacks the factor 1 - z.",
        ("n", "1 - z|z"),
        (("grad_nn = grad_hy * (1 - inputgate) * (1 - newgate * newgate)", "grad_nn = grad_hy * (1 - newgate * newgate)"),),  # noqa: E501
    ),
)  # fmt: skip

BEFORE = (
    Wrong(
        "before_shared_array", "gru_reset_before", "gradient",
        "d_hh is dh itself and is multiplied in place, so dh too is times (1 - z) tanh' in all that follows.",
        ("h", "1 - z|tanh'"),
        (("d_hh = dh * (1 - z)\n", "d_hh = dh\n            d_hh *= 1 - z\n"),),
    ),
    Wrong(
        "before_cotangent_overwritten", "gru_reset_before", "conduct",
        "The backward pass adds into the final state's gradient that it was given: the caller's array is changed.",
        ("argument|cotangent|input|array", "chang|overwrit|mutat"),
        (('dh = np.array(cotangents["state"][0])', 'dh = cotangents["state"][0]'),),
        refused_by="numerics.inputs_unchanged",
    ),
    Wrong(
        "before_recurrent_with_plain_h", "gru_reset_before", "gradient",
        "The candidate's recurrent matrix gradient is made with h, where the product had r h.",
        ("U_n", "r"),
        (("(r * h_tm1).T @ d_hh", "h_tm1.T @ d_hh"),),
    ),
    Wrong(
        "before_reset_not_passed_back", "gru_reset_before", "gradient",
        "The gradient of r h goes to h without the factor r.",
        ("h", "r"),
        (("dh += d_rh * r\n", "dh += d_rh\n"),),
    ),
)  # fmt: skip

TAPE = (
    Wrong(
        "tape_z_turned", "gru_tape", "both",
        "z weighs the candidate and 1 - z the previous state, backward as forward.",
        ("z", "1 - z|exchang|swap"),
        (("t.add(t.mul(t.one_minus(z), n), t.mul(z, h))", "t.add(t.mul(z, n), t.mul(t.one_minus(z), h))"),),
    ),
    Wrong(
        "tape_reset_with_Uz", "gru_tape", "both",
        "The reset gate was copied from the update gate and still multiplies by U_z.",
        ("U_z", "U_r"),
        (('t.linear(h, p["U_r"])', 't.linear(h, p["U_z"])'),),
    ),
    Wrong(
        "tape_mul_overwrites", "gru_tape", "gradient",
        "The product's backward assigns the second factor's gradient. As z h is the last use of h, what is lost is the "
        "gradient by each output, which was there before: all but the last output's.",
        ("output|h", "step|last"),
        (("            b.grad += g * a.value\n", "            b.grad = g * a.value\n"),),
    ),
    Wrong(
        "tape_one_minus_sign", "gru_tape", "gradient",
        "The backward of 1 - z has the sign of z: the gradient is added where it must be subtracted.",
        ("z", "sign|negat|-"),
        (("            a.grad -= g\n", "            a.grad += g\n"),),
    ),
)  # fmt: skip

WRONG = PER_GATE + PACKED + BEFORE + TAPE
